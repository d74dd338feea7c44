package witness_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/app/witness"
	"onward/audit/proof"
)

const origin = "onward.test/log"

var signedAt = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// history is a log whose entries are numbers after a word.
type history struct {
	hashes []tlog.Hash
	size   int64
}

func makeHistory(tb testing.TB, words ...string) *history {
	tb.Helper()
	h := &history{}
	for i, w := range words {
		hashes, err := tlog.StoredHashes(int64(i), []byte(w), h)
		if err != nil {
			tb.Fatal(err)
		}
		h.hashes = append(h.hashes, hashes...)
		h.size++
	}
	return h
}

func (h *history) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		hashes[i] = h.hashes[x]
	}
	return hashes, nil
}

// words are n different words; from a place on they are others.
func words(n, otherFrom int) []string {
	var w []string
	for i := range n {
		if i >= otherFrom {
			w = append(w, fmt.Sprint("other", i))
		} else {
			w = append(w, fmt.Sprint(i))
		}
	}
	return w
}

type logKey struct {
	note.Signer
	verifier string
}

func makeKey(tb testing.TB, name string) logKey {
	tb.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		tb.Fatal(err)
	}
	return logKey{s, vkey}
}

func (h *history) text(tb testing.TB, size int64) string {
	tb.Helper()
	root, err := tlog.TreeHash(size, h)
	if err != nil {
		tb.Fatal(err)
	}
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
}

func signed(tb testing.TB, text string, key logKey) []byte {
	tb.Helper()
	b, err := note.Sign(&note.Note{Text: text}, key)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func (h *history) request(tb testing.TB, from, size int64, key logKey) witness.Request {
	tb.Helper()
	r := witness.Request{OldSize: from, Checkpoint: signed(tb, h.text(tb, size), key)}
	if from > 0 && from < size {
		p, err := tlog.ProveTree(size, from, h)
		if err != nil {
			tb.Fatal(err)
		}
		r.Consistency = p
	}
	return r
}

// post asks over HTTP and returns status, content type and body.
func post(tb testing.TB, base string, body []byte) (int, string, string) {
	tb.Helper()
	resp, err := http.Post(base+"/add-checkpoint", "text/plain", bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(text)
}

// host is a witness that can be stopped and started again on the same files.
type host struct {
	tb    testing.TB
	key   witness.Key
	file  string
	logs  []string
	state *witness.State
	http  *httptest.Server
	*witness.Server
}

func startHost(tb testing.TB, logs ...string) *host {
	tb.Helper()
	key, err := witness.NewKey("witness.test/1", rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	h := &host{tb: tb, key: key, file: filepath.Join(tb.TempDir(), "state"), logs: logs}
	if err := witness.CreateState(h.file); err != nil {
		tb.Fatal(err)
	}
	h.start()
	tb.Cleanup(h.stop)
	return h
}

func (h *host) start() {
	h.tb.Helper()
	var err error
	if h.state, err = witness.OpenState(h.file); err != nil {
		h.tb.Fatal(err)
	}
	h.Server, err = witness.NewServer(witness.Options{
		Key: h.key, State: h.state, Logs: h.logs, Now: func() time.Time { return signedAt }, Faults: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		h.tb.Fatal(err)
	}
	h.http = httptest.NewServer(h.Handler())
}

func (h *host) stop() {
	h.http.Close()
	_ = h.state.Close()
}

func TestWitnessFollowsTheProtocol(t *testing.T) {
	t.Parallel()
	key, stranger := makeKey(t, origin), makeKey(t, origin)
	honest, fork := makeHistory(t, words(40, 99)...), makeHistory(t, words(40, 10)...)
	h := startHost(t, key.verifier)
	raw := func(from, size int64, of *history) []byte { return of.request(t, from, size, key).Marshal() }
	edited := func(from, to string) []byte { return bytes.Replace(raw(20, 30, honest), []byte(from), []byte(to), 1) }
	withProof := func(r witness.Request, p tlog.TreeProof) []byte { r.Consistency = p; return r.Marshal() }
	proofOf := honest.request(t, 20, 30, key).Consistency
	empty := func(root tlog.Hash) []byte {
		return witness.Request{Checkpoint: signed(t, fmt.Sprintf("%s\n0\n%s\n", origin, root), key)}.Marshal()
	}
	grease := string(raw(20, 30, honest)) + "— unknown.test/key " + base64.StdEncoding.EncodeToString([]byte("what is this?")) + "\n"
	for _, c := range []struct {
		name   string
		body   []byte
		status int
		size   string // of a conflict
	}{
		{"an unknown log", signedRequest(t, "other.test/log\n5\n"+strings.Repeat("A", 43)+"=\n", makeKey(t, "other.test/log")), 404, ""},
		{"size zero with a root of something", empty(tlog.Hash{1}), 422, ""},
		{"size zero", empty(emptyRoot), 200, ""},
		{"size zero again", empty(emptyRoot), 200, ""},
		{"an old size before anything was signed", raw(5, 10, honest), 409, "0"},
		{"a proof from zero", withProof(honest.request(t, 0, 10, key), proofOf), 422, ""},
		{"the first", raw(0, 10, honest), 200, ""},
		{"growth", raw(10, 20, honest), 200, ""},
		{"the same again", raw(20, 20, honest), 200, ""},
		{"the same again with a proof", withProof(honest.request(t, 20, 20, key), proofOf), 422, ""},
		{"a stale old size", raw(10, 25, honest), 409, "20"},
		{"an old size of zero", raw(0, 25, honest), 409, "20"},
		{"a rollback", raw(10, 15, honest), 409, "20"},
		{"a rollback to one entry", raw(0, 1, honest), 409, "20"},
		{"an old size above", bytes.Replace(raw(15, 15, honest), []byte("old 15"), []byte("old 20"), 1), 400, ""},
		{"the same size with another root", raw(20, 20, fork), 409, "20"},
		{"a fork", raw(20, 30, fork), 422, ""},
		{"a proof that is missing", withProof(honest.request(t, 20, 30, key), nil), 422, ""},
		{"a proof that is too long", withProof(honest.request(t, 20, 30, key), append(proofOf, tlog.Hash{})), 422, ""},
		{"an unknown key", honest.request(t, 20, 30, stranger).Marshal(), 403, ""},
		{"no signature", edited("\n— ", "\n- "), 400, ""},
		{"a bad signature", edited("\n30\n", "\n31\n"), 403, ""},
		{"lines after the root", signedRequest(t, honest.text(t, 30)+"more\n", key), 400, ""},
		{"a size with a zero before", edited("old 20", "old 020"), 400, ""},
		{"a negative size", edited("old 20", "old -20"), 400, ""},
		{"a size with a sign", edited("old 20", "old +20"), 400, ""},
		{"no old size", edited("old ", "new "), 400, ""},
		{"a carriage return", edited("old 20\n", "old 20\r\n"), 400, ""},
		{"a line that is no hash", edited("old 20\n", "old 20\nAAAA\n"), 400, ""},
		{"sixty-four lines of proof", withProof(honest.request(t, 20, 30, key), make(tlog.TreeProof, 64)), 400, ""},
		{"nothing", nil, 400, ""},
		{"too much", make([]byte, 1<<20), 413, ""},
		{"signatures of unknown keys", []byte(grease), 200, ""},
		{"growth after all that", raw(30, 40, honest), 200, ""},
	} {
		status, kind, body := post(t, h.http.URL, c.body)
		if status != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, status, c.status, body)
		}
		if isSize := kind == "text/x.tlog.size"; isSize != (c.size != "") || isSize && body != c.size+"\n" {
			t.Errorf("%s: %s: %q, want the size %q", c.name, kind, body, c.size)
		}
	}
	if resp, err := http.Get(h.http.URL + "/add-checkpoint"); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v, %v", resp, err)
	} else {
		_ = resp.Body.Close()
	}
}

var emptyRoot = tlog.Hash{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}

func signedRequest(tb testing.TB, text string, key logKey) []byte {
	tb.Helper()
	return witness.Request{OldSize: 20, Checkpoint: signed(tb, text, key)}.Marshal()
}

func TestCosignaturesAreThoseOfTheSpecification(t *testing.T) {
	t.Parallel()
	key := makeKey(t, origin)
	log := makeHistory(t, words(5, 99)...)
	h := startHost(t, key.verifier)
	r := log.request(t, 0, 5, key)
	lines, err := h.Add(r.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	other, err := cosignature.NewVerifierForCosignatureV1(h.key.Verifier()) // another implementation
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(append(r.Checkpoint, lines...), note.VerifierList(other))
	if err != nil || len(n.Sigs) != 1 {
		t.Fatalf("%+v, %v", n, err)
	}
	if at, err := cosignature.CoSigV1Timestamp(n.Sigs[0]); err != nil || !at.Equal(signedAt) {
		t.Errorf("signed at %v, %v", at, err)
	}
	p, err := proof.ParsePolicy(fmt.Appendf(nil, "log %s\nwitness w %s\nquorum w\n", key.verifier, h.key.Verifier()))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := proof.OpenCheckpoint(append(r.Checkpoint, lines...), p); err != nil || !c.Witnesses[0].At.Equal(signedAt) {
		t.Errorf("%+v, %v", c, err)
	}
	if again, err := witness.ParseKey([]byte(h.key.Private())); err != nil || again.Verifier() != h.key.Verifier() {
		t.Errorf("the key is read as another: %v", err)
	}
	if s, err := cosignature.NewSignerForCosignatureV1(strings.TrimSuffix(h.key.Private(), "\n")); err != nil || s.KeyHash() != other.KeyHash() {
		t.Errorf("another implementation reads the key as another: %v", err)
	}
}

func TestALogMaySignWithTwoKeys(t *testing.T) {
	t.Parallel()
	old, next := makeKey(t, origin), makeKey(t, origin)
	log := makeHistory(t, words(9, 99)...)
	h := startHost(t, old.verifier, next.verifier)
	for _, r := range []witness.Request{log.request(t, 0, 5, old), log.request(t, 5, 9, next)} {
		if _, err := h.Add(r.Marshal()); err != nil {
			t.Error(err)
		}
	}
}

func TestConcurrentUpdatesNeverRollBack(t *testing.T) {
	t.Parallel()
	key := makeKey(t, origin)
	honest, fork := makeHistory(t, words(200, 999)...), makeHistory(t, words(200, 3)...)
	h := startHost(t, key.verifier)
	if _, err := h.Add(honest.request(t, 0, 5, key).Marshal()); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var alone sync.Mutex
	won := map[int64]int{} // by size: how many went on to it from the same old size
	for i := range 60 {
		all.Go(func() {
			log := honest
			if i%3 == 0 {
				log = fork
			}
			size := int64(6 + i)
			if _, err := h.Add(log.request(t, 5, size, key).Marshal()); err == nil {
				alone.Lock()
				defer alone.Unlock()
				won[size]++
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Errorf("several went on from one size: %v", won)
	}
}

func TestWhatIsSignedOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	key := makeKey(t, origin)
	honest, fork := makeHistory(t, words(40, 99)...), makeHistory(t, words(40, 10)...)
	h := startHost(t, key.verifier)
	if _, err := h.Add(honest.request(t, 0, 20, key).Marshal()); err != nil { // the answer is lost: the process ends here
		t.Fatal(err)
	}
	h.stop()
	h.start()
	status, kind, body := post(t, h.http.URL, honest.request(t, 0, 20, key).Marshal())
	if status != 409 || kind != "text/x.tlog.size" || body != "20\n" {
		t.Errorf("asked again from the old size: %d %s %q", status, kind, body)
	}
	if _, err := h.Add(fork.request(t, 20, 30, key).Marshal()); err == nil {
		t.Error("a fork was signed after a restart")
	}
	if _, err := h.Add(honest.request(t, 20, 20, key).Marshal()); err != nil {
		t.Errorf("what was signed is not signed again: %v", err)
	}
	t.Run("and a state that cannot be written is not signed", func(t *testing.T) {
		if err := os.RemoveAll(filepath.Dir(h.file)); err != nil {
			t.Fatal(err)
		}
		if status, _, body := post(t, h.http.URL, honest.request(t, 20, 30, key).Marshal()); status != 500 || strings.Contains(body, h.file) {
			t.Errorf("%d %q", status, body)
		}
		if status, _, body := post(t, h.http.URL, honest.request(t, 30, 40, key).Marshal()); status != 409 || body != "20\n" {
			t.Errorf("%d %q", status, body)
		}
	})
}

func TestStateRefuses(t *testing.T) {
	t.Parallel()
	open := func(text string) error {
		file := filepath.Join(t.TempDir(), "state")
		if text != "" {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := witness.OpenState(file)
		if err == nil {
			_ = s.Close()
		}
		return err
	}
	if err := open(""); !errors.Is(err, witness.ErrNoState) {
		t.Errorf("no file: %v", err)
	}
	key := makeKey(t, origin)
	h := startHost(t, key.verifier)
	if _, err := h.Add(makeHistory(t, words(20, 99)...).request(t, 0, 17, key).Marshal()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(h.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := open(string(text)); err != nil {
		t.Error(err)
	}
	for i := range text {
		bad := bytes.Clone(text)
		bad[i] ^= 1
		if err := open(string(bad)); !errors.Is(err, witness.ErrDamaged) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if i > 0 {
			if err := open(string(text[:i])); !errors.Is(err, witness.ErrDamaged) {
				t.Fatalf("cut at %d: %v", i, err)
			}
		}
	}
	if _, err := witness.OpenState(h.file); !errors.Is(err, witness.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	if err := witness.CreateState(h.file); err == nil {
		t.Error("made anew over what was signed")
	}
	if info, err := os.Stat(h.file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	key := makeKey(t, origin)
	log := makeHistory(t, words(40, 99)...)
	h := startHost(t, key.verifier)
	ask, err := witness.New(h.http.URL, h.key.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	r := log.request(t, 0, 20, key)
	if lines, err := ask(t.Context(), 0, nil, r.Checkpoint); err != nil || bytes.Count(lines, []byte("\n")) != 1 {
		t.Fatalf("%q, %v", lines, err)
	}
	var conflict *witness.Conflict
	if _, err := ask(t.Context(), 0, nil, r.Checkpoint); !errors.As(err, &conflict) || conflict.Size != 20 {
		t.Errorf("got %v, want the size that the witness knows", err)
	}
	r = log.request(t, 20, 40, key)
	if _, err := ask(t.Context(), 20, r.Consistency, r.Checkpoint); err != nil {
		t.Error(err)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"a signature of another witness": func(w http.ResponseWriter, _ *http.Request) {
			k, _ := witness.NewKey("witness.test/1", rand.Reader)
			line, _ := k.Cosign(log.text(t, 40), signedAt)
			_, _ = w.Write(line)
		},
		"a signature of another checkpoint": func(w http.ResponseWriter, _ *http.Request) {
			line, _ := h.key.Cosign(log.text(t, 39), signedAt)
			_, _ = w.Write(line)
		},
		"text before its signature": func(w http.ResponseWriter, _ *http.Request) {
			line, _ := h.key.Cosign(log.text(t, 40), signedAt)
			_, _ = w.Write(append([]byte("x\n\n"), line...))
		},
		"nothing":          func(http.ResponseWriter, *http.Request) {},
		"an endless body":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) },
		"a redirect":       func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, h.http.URL+"/add-checkpoint", 307) },
		"a fault":          func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"a conflict alone": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(409) },
		"a negative size": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/x.tlog.size")
			w.WriteHeader(409)
			_, _ = io.WriteString(w, "-1\n")
		},
	} {
		s := httptest.NewServer(answer)
		t.Cleanup(s.Close)
		ask, err := witness.New(s.URL+"/", h.key.Verifier())
		if err != nil {
			t.Fatal(err)
		}
		if lines, err := ask(t.Context(), 20, r.Consistency, r.Checkpoint); err == nil || errors.As(err, new(*witness.Conflict)) {
			t.Errorf("%s: %q, %v", name, lines, err)
		}
	}
	t.Run("unknown signatures are left out", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			k, _ := witness.NewKey("other.test", rand.Reader)
			other, _ := k.Cosign(log.text(t, 40), signedAt)
			line, _ := h.key.Cosign(log.text(t, 40), signedAt)
			_, _ = w.Write(append(other, line...))
		}))
		t.Cleanup(s.Close)
		ask, _ := witness.New(s.URL, h.key.Verifier())
		if lines, err := ask(t.Context(), 20, nil, r.Checkpoint); err != nil || strings.Contains(string(lines), "other.test") || !strings.Contains(string(lines), "witness.test/1") {
			t.Errorf("%q, %v", lines, err)
		}
	})
	t.Run("it stops when it is told to", func(t *testing.T) {
		t.Parallel()
		held := make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-held }))
		t.Cleanup(func() { close(held); s.Close() })
		ask, _ := witness.New(s.URL, h.key.Verifier())
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := ask(ctx, 20, nil, r.Checkpoint); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	for _, bad := range [][2]string{{"ftp://x.test", h.key.Verifier()}, {"http://", h.key.Verifier()}, {h.http.URL, key.verifier}, {h.http.URL, ""}} {
		if _, err := witness.New(bad[0], bad[1]); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

func FuzzRequest(f *testing.F) {
	key := makeKey(f, origin)
	log := makeHistory(f, words(20, 99)...)
	f.Add(log.request(f, 7, 20, key).Marshal())
	f.Add(log.request(f, 0, 20, key).Marshal())
	h := startHost(f, key.verifier)
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := witness.ParseRequest(body)
		if err != nil {
			return
		}
		if !bytes.Equal(r.Marshal(), body) || r.OldSize < 0 || r.OldSize > math.MaxInt64 || len(r.Consistency) > 63 {
			t.Errorf("%q is read as %+v", body, r)
		}
		if line, err := h.Add(body); err == nil && !bytes.Contains(body, []byte(log.text(t, 20))) {
			t.Errorf("what the log never said was signed: %q", line)
		}
	})
}
