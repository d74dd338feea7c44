package witness_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/app/witness"
	"onward/audit/proof"
)

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
