package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/audit"
)

// batchAnswer is a line of an answer, as far as tests look at it.
type batchAnswer struct {
	Line     int64  `json:"line"`
	Key      string `json:"idempotency_key"`
	Status   int    `json:"status"`
	Replayed bool   `json:"replayed"`
}

// openBatch begins a batch of a service and returns where its lines go, and its answers as they come.
func (s *stage) openBatch(t *testing.T) (*io.PipeWriter, func() (batchAnswer, bool)) {
	t.Helper()
	return s.openBatchFor(t.Context(), t, "service")
}

// openBatchFor is openBatch of a caller that leaves when ctx ends.
func (s *stage) openBatchFor(ctx context.Context, t *testing.T, as string) (*io.PipeWriter, func() (batchAnswer, bool)) {
	t.Helper()
	out, in := io.Pipe()
	r := s.request(ctx, t, http.MethodPost, "/v1/shares/batch", as, out)
	r.Header.Set("Content-Type", "application/x-ndjson")
	answer, err := s.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() }) // a second time where the test closed it
	if answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status)
	}
	lines := bufio.NewScanner(answer.Body)
	return in, func() (a batchAnswer, ok bool) {
		if !lines.Scan() {
			return a, false
		}
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Error(err)
		}
		return a, true
	}
}

func batchLine(vendor, key string) string {
	return fmt.Sprintf(`{"idempotency_key":%q,"vendor_id":%q,"purpose":"INFRA","ground":"partner","categories":["CONTACT"],"countries":["DE"],`+
		`"occurred_at":"2026-11-24T08:00:00Z","state":"occurred"}`+"\n", key, vendor)
}

// Each line is answered while the next ones have not been sent yet.
func TestBatchIsAnsweredAsItComes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	vendor := s.vendor(t)
	in, next := s.openBatch(t)
	for i := range 3 {
		if _, err := io.WriteString(in, batchLine(vendor, fmt.Sprint("key-", i))); err != nil {
			t.Fatal(err)
		}
		if a, ok := next(); !ok || a.Line != int64(i+1) || a.Status != http.StatusCreated {
			t.Fatal(a, ok)
		}
	}
	closeAll(t, in)
	if a, more := next(); more {
		t.Error("an answer to no line", a)
	}
}

// Many lines are answered in their order; those that are bad, blank, twice there, or too long lose none of the others.
func TestBatchKeepsOrder(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	vendor := s.vendor(t)
	in, next := s.openBatch(t)
	const n = 2000
	go func() {
		for i := 1; i <= n; i++ {
			line := batchLine(vendor, fmt.Sprint("key-", i))
			switch i % 500 {
			case 100:
				line = strings.Repeat("x", 3<<20) + "\n"
			case 200:
				line = "\n"
			case 300:
				line = batchLine(vendor, fmt.Sprint("key-", i-1))
			case 400:
				line = batchLine(uuid.NewString(), "unknown")
			}
			if i == n {
				line = strings.TrimSuffix(line, "\n")
			}
			if _, err := io.WriteString(in, line); err != nil {
				t.Error(err)
				return
			}
		}
		closeAll(t, in)
	}()
	for i := 1; i <= n; i++ {
		want := http.StatusCreated
		switch i % 500 {
		case 100:
			want = http.StatusRequestEntityTooLarge
		case 200:
			continue
		case 400:
			want = http.StatusUnprocessableEntity
		}
		a, ok := next()
		if !ok || a.Line != int64(i) || a.Status != want || a.Replayed != (i%500 == 300) {
			t.Fatalf("line %d: %+v, %v; want %d", i, a, ok, want)
		}
	}
	if a, more := next(); more {
		t.Error("an answer to no line", a)
	}
	if err := s.log.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// A key that is revoked ends its batch; what was recorded before stays.
func TestBatchEndsWithItsKey(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	vendor := s.vendor(t)
	in, next := s.openBatch(t)
	if _, err := io.WriteString(in, batchLine(vendor, "before")); err != nil {
		t.Fatal(err)
	}
	if a, ok := next(); !ok || a.Status != http.StatusCreated {
		t.Fatal(a, ok)
	}
	if _, err := s.keys.Revoke(t.Context(), audit.Program, s.clock.Now(), uuid.MustParse(s.ids["service"])); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, batchLine(vendor, "after")); err != nil {
		t.Fatal(err)
	}
	if a, ok := next(); !ok || a.Status != http.StatusUnauthorized {
		t.Fatal(a, ok)
	}
	if a, more := next(); more {
		t.Error("an answer after the end", a)
	}
	closeAll(t, in)
}

// A caller that goes away in the middle costs nothing: the server has nothing left to wait for.
func TestBatchOfACallerThatLeaves(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	vendor := s.vendor(t)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	in, next := s.openBatchFor(ctx, t, "service")
	if _, err := io.WriteString(in, batchLine(vendor, "one")+batchLine(vendor, "two")); err != nil {
		t.Fatal(err)
	}
	if a, ok := next(); !ok || a.Status != http.StatusCreated {
		t.Fatal(a, ok)
	}
	leave()
	closed := make(chan struct{})
	go func() {
		s.server.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(30 * time.Second):
		t.Error("the server still waits for a caller that has left")
	}
	if text := s.faults.take(); text != "" {
		t.Error(text)
	}
}

func closeAll(t *testing.T, all ...io.Closer) {
	t.Helper()
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
