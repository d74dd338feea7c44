package witness_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/app/witness"
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
			w = append(w, strconv.Itoa(i))
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
