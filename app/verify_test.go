package main_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goldenData = "../audit/proof/testdata/"

// alone is the environment of somebody who has nothing of ours, not even a home folder.
func alone() []string { return []string{"PATH=/nowhere"} }

// policyWords are the words of the golden policy: log KEY witness NAME KEY quorum NAME.
func policyWords(tb testing.TB) []string {
	tb.Helper()
	text, err := os.ReadFile(goldenData + "policy_v1")
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Fields(string(text))
}

func TestVerifyCommand(t *testing.T) {
	t.Parallel()
	key := policyWords(t)[1]
	otherKey := strings.Replace(key, "+", "x+", 1)
	dir := t.TempDir()
	put := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	receipt, err := os.ReadFile(goldenData + "receipt_v1.tlog-proof")
	if err != nil {
		t.Fatal(err)
	}
	log := goldenData + "log_v1.zip"
	altered := put("altered.zip", bendZip(t, log, "leaves.ndjson", func(b []byte) []byte { return bytes.Replace(b, []byte("\n77 "), []byte("\n78 "), 1) }))
	policy, previous := goldenData+"policy_v1", goldenData+"checkpoint_v1"
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a bundle against a key", []string{"--key", key, log}, 0, "Nothing is missing of the whole log"},
		{"a bundle against a policy", []string{"--policy", policy, log}, 0, "The witness witness.test/w1 cosigned it"},
		{"a bundle and an earlier checkpoint", []string{"--policy", policy, "--previous", previous, log}, 0, "only grew since your previous checkpoint of 300 entries"},
		{"a bundle against nothing", []string{log}, 1, "Not proved: whose log it is."},
		{"a bundle whose rows nobody can compare", []string{"--key", key, goldenData + "vendor_v1.zip"}, 1, "shares.csv"},
		{"an altered bundle", []string{"--key", key, altered}, 1, "First bad index: 77."},
		{"a bundle against another key", []string{"--key", otherWitnessKey(t), log}, 1, "NOT PROVED: signature bad"},
		{"a receipt against a key", []string{"--key", key, goldenData + "receipt_v1.tlog-proof"}, 0, "is in the log at index 123, unchanged"},
		{"a receipt against a policy", []string{"--policy", policy, goldenData + "receipt_v1.tlog-proof"}, 0, "quorum of the policy"},
		{"an altered receipt", []string{"--key", key, put("r.tlog-proof", bytes.Replace(receipt, []byte("index 123"), []byte("index 124"), 1))}, 1, "NOT PROVED: leaf altered"},
		{"what is neither", []string{"--key", key, put("x", []byte("hello"))}, 1, "NOT PROVED: malformed"},
		{"an empty file", []string{"--key", key, put("empty", nil)}, 1, "NOT PROVED: malformed"},
		{"a receipt against nothing", []string{goldenData + "receipt_v1.tlog-proof"}, 2, ""},
		{"a file that is not there", []string{"--key", key, filepath.Join(dir, "nothing")}, 2, ""},
		{"a key that is none", []string{"--key", "x", log}, 2, ""},
		{"a key that does not have its hash", []string{"--key", otherKey, log}, 2, ""},
		{"a policy that is none", []string{"--policy", log, log}, 2, ""},
		{"key and policy", []string{"--key", key, "--policy", policy, log}, 2, ""},
		{"nothing", nil, 2, ""},
		{"an unknown flag", []string{"--trust", log}, 2, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, code, errText := runOnce(t, alone(), append([]string{"verify"}, c.args...)...)
			if code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("status %d, want %d, and %q:\n%s\n%s", code, c.code, c.says, out, errText)
			}
			if strings.Contains(errText, "panic") {
				t.Error(errText)
			}
			if c.code == 2 {
				return
			}
			out, again, _ := runOnce(t, alone(), append([]string{"verify", "--json"}, c.args...)...)
			var facts struct {
				Proved bool   `json:"proved"`
				Thing  string `json:"thing"`
			}
			if err := json.Unmarshal([]byte(out), &facts); err != nil || again != code || facts.Proved != (code == 0) || facts.Thing == "" {
				t.Errorf("as JSON: status %d, %v: %s", again, err, out)
			}
		})
	}
}

// otherWitnessKey is a log key of the same name that signed nothing.
func otherWitnessKey(tb testing.TB) string {
	tb.Helper()
	skey := strings.Split(policyWords(tb)[4], "+")[2] // a public key that is no log's
	raw, err := base64.StdEncoding.DecodeString(skey)
	if err != nil {
		tb.Fatal(err)
	}
	return verifierKey(strings.Split(policyWords(tb)[1], "+")[0], raw[1:])
}

func TestVerifyFollowsALogOverHTTP(t *testing.T) {
	t.Parallel()
	key := policyWords(t)[1]
	log := serveBundle(t, goldenData+"log_v1.zip", nil)
	bad := serveBundle(t, goldenData+"log_v1.zip", func(index int, leaf []byte) []byte {
		if index == 300 {
			return bytes.Replace(leaf, []byte("share"), []byte("shore"), 1)
		}
		return leaf
	})
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"with an API key", []string{"--key", key, "--api-key", "secret", log}, 0, "The numbers of all 3 vendors have no gap"},
		{"with hashes only", []string{"--key", key, log + "/"}, 0, "hashes of all 601 entries"},
		{"since an earlier checkpoint", []string{"--key", key, "--previous", goldenData + "checkpoint_v1", log}, 0, "only grew since"},
		{"with another API key", []string{"--key", key, "--api-key", "wrong", log}, 1, "NOT PROVED: it could not be read"},
		{"a leaf that was edited", []string{"--key", key, "--api-key", "secret", bad}, 1, "First bad index: 300."},
		{"an edited leaf, with hashes only", []string{"--key", key, bad}, 0, "were not read"},
		{"without a key", []string{log}, 2, ""},
		{"where there is none", []string{"--key", key, log + "/nothing"}, 1, "NOT PROVED: it could not be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, code, errText := runOnce(t, alone(), append([]string{"verify"}, c.args...)...)
			if code != c.code || !strings.Contains(out, c.says) || strings.Contains(out+errText, "secret") {
				t.Errorf("status %d, want %d, and %q:\n%s\n%s", code, c.code, c.says, out, errText)
			}
		})
	}
}

// serveBundle serves the whole log that is in a bundle as C2SP tlog-tiles; entries for whoever has the key "secret".
func serveBundle(tb testing.TB, path string, bend func(index int, leaf []byte) []byte) string {
	tb.Helper()
	files := unzip(tb, path)
	var leaves [][]byte
	for line := range bytes.Lines(files["leaves.ndjson"]) {
		_, leaf, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
		if bend != nil {
			leaf = bend(len(leaves), leaf)
		}
		leaves = append(leaves, leaf)
	}
	for n := 0; n*256 < len(leaves); n++ {
		name, part := fmt.Sprintf("tile/entries/%03d", n), leaves[n*256:]
		if len(part) > 256 {
			part = part[:256]
		} else {
			name += fmt.Sprintf(".p/%d", len(part))
		}
		for _, leaf := range part {
			files[name] = append(append(files[name], byte(len(leaf)>>8), byte(len(leaf))), leaf...)
		}
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/log/")
		isEntries := strings.HasPrefix(name, "tile/entries/")
		switch text, ok := files[name]; {
		case isEntries && r.Header.Get("Authorization") != "Bearer secret":
			w.WriteHeader(http.StatusUnauthorized)
		case !isEntries && r.Header.Get("Authorization") != "":
			w.WriteHeader(http.StatusTeapot) // the key goes where it is needed, and nowhere else
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write(text)
		}
	}))
	tb.Cleanup(s.Close)
	return s.URL + "/log"
}

func unzip(tb testing.TB, path string) map[string][]byte {
	tb.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	files := make(map[string][]byte)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			tb.Fatal(err)
		}
	}
	return files
}

// bendZip writes a zip anew with one member changed.
func bendZip(tb testing.TB, path, name string, change func([]byte) []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for member, text := range unzip(tb, path) {
		if member == name {
			text = change(text)
		}
		m, err := w.Create(member)
		if err != nil {
			tb.Fatal(err)
		}
		_, _ = m.Write(text)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}
