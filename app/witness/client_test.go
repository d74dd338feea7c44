package witness_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"onward/app/witness"
)

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
		"nothing":         func(http.ResponseWriter, *http.Request) {},
		"an endless body": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, h.http.URL+"/add-checkpoint", http.StatusTemporaryRedirect)
		},
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
