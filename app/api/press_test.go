package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
)

// press publishes the log of a stage.
type press struct {
	publisher *audit.Publisher
	origin    string
	copy      string
	secret    string
	public    string
}

func newPress(tb testing.TB, log *audit.Log, now func() time.Time) *press {
	tb.Helper()
	secret, public, err := audit.NewKey(log.Origin())
	if err != nil {
		tb.Fatal(err)
	}
	p := &press{origin: log.Origin(), copy: filepath.Join(tb.TempDir(), "checkpoints"), secret: secret, public: public}
	p.publisher = audit.NewPublisher(log, audit.PublisherOptions{
		Keys: func() (*audit.Keys, error) { return audit.ParseKeys(p.origin, secret) }, Copy: p.copy, Now: now,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return p
}

// logKey signs and verifies the checkpoints of the stage.
func (s *stage) logKey(t *testing.T) (note.Signer, note.Verifier) {
	t.Helper()
	signer, err := note.NewSigner(s.press.secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(s.press.public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

// publish publishes a checkpoint of the log as it is now.
func (s *stage) publish(t *testing.T) {
	t.Helper()
	if _, err := s.press.publisher.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// freeze lets the copy know more than the database.
func (p *press) freeze(t *testing.T) {
	t.Helper()
	signer, err := note.NewSigner(p.secret)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n1000000\n%s\n", p.origin, tlog.Hash{1})}, signer)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.copy, append(signed, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.publisher.Publish(t.Context()); !errors.Is(err, audit.ErrFrozen) {
		t.Fatalf("the log is not frozen: %v", err)
	}
}

// The measurements tell how far the log is published, and whether it is frozen.
func TestMeasuresPublication(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	measure := func(want ...string) {
		t.Helper()
		got := string(s.send(t, s.request(context.Background(), t, http.MethodGet, "/metrics", "nobody", nil), false).body)
		for _, line := range want {
			if !strings.Contains(got, line+"\n") {
				t.Errorf("%q is not measured: %s", line, got)
			}
		}
	}
	measure("onward_log_checkpoint_size 0", "onward_log_frozen 0")
	c, err := s.press.publisher.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.clock.add(90 * time.Second)
	measure(fmt.Sprintf("onward_log_checkpoint_size %d", c.Size), "onward_log_checkpoint_age_seconds 90", "onward_log_frozen 0")
	s.press.freeze(t)
	measure("onward_log_frozen 1")
}
