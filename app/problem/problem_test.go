package problem_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/audit"
	"onward/registry"
)

// ask sends a request to a handler that returns err, or panics when it is nil.
func ask(ctx context.Context, t *testing.T, err error) (*httptest.ResponseRecorder, problem.Document, string) {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	var log bytes.Buffer
	w := problem.NewWriter(slog.New(slog.NewTextHandler(&log, nil)))
	engine := gin.New()
	engine.Use(w.Recover)
	engine.GET("/it/:id", w.Handle(func(*gin.Context) error {
		if err == nil {
			panic("jane@example.com")
		}
		return err
	}))
	answer := httptest.NewRecorder()
	engine.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/it/jane@example.com", nil))
	var d problem.Document
	if answer.Body.Len() > 0 {
		if err := json.Unmarshal(answer.Body.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
	}
	return answer, d, log.String()
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		kind   string
		header [2]string
	}{
		{registry.Refuse(registry.NotFound, "why"), 404, "not-found", [2]string{}},
		{registry.Refuse(registry.Malformed, "why"), 400, "malformed", [2]string{}},
		{registry.Refuse(registry.Invalid, "why"), 422, "invalid", [2]string{}},
		{registry.Refuse(registry.Conflict, "why"), 409, "conflict", [2]string{}},
		{registry.Refuse(registry.Stale, "why"), 412, "stale", [2]string{}},
		{registry.Refuse(registry.Forbidden, "why"), 403, "forbidden", [2]string{}},
		{registry.Refuse(registry.Denied, "why"), 403, "denied", [2]string{}},
		{registry.Refuse(registry.Unacknowledged, "why"), 403, "acknowledgement-missing", [2]string{}},
		{registry.Refuse(registry.Busy, "why"), 503, "busy", [2]string{"Retry-After", "1"}},
		{problem.Refuse(problem.Unauthorized, "why"), 401, "unauthorized", [2]string{"WWW-Authenticate", "Bearer"}},
		{problem.Refuse(problem.Unconditional, "why"), 428, "unconditional", [2]string{}},
		{problem.Refuse(problem.NotAllowed, "why"), 405, "not-allowed", [2]string{}},
		{problem.Refuse(problem.TooLarge, "why"), 413, "too-large", [2]string{}},
		{problem.Refuse(problem.UnsupportedType, "why"), 415, "unsupported-type", [2]string{}},
		{problem.Refuse(problem.TooMany, "why"), 429, "too-many", [2]string{"Retry-After", "1"}},
		{problem.Bad{problem.Parameter("limit", "why")}, 422, "invalid", [2]string{}},
		{problem.Nowhere{problem.Parameter("n", "why")}, 404, "not-found", [2]string{}},
		{audit.ErrUncovered, 503, "busy", [2]string{"Retry-After", "1"}},
		{&http.MaxBytesError{Limit: 7}, 413, "too-large", [2]string{}},
		{audit.ErrNotFound, 404, "not-found", [2]string{}},
		{audit.ErrReused, 409, "conflict", [2]string{}},
		{audit.ErrFrozen, 503, "busy", [2]string{"Retry-After", "1"}},
		{audit.ErrNotFrozen, 409, "conflict", [2]string{}},
		{audit.ErrContradicted, 409, "conflict", [2]string{}},
		{audit.ErrReason, 422, "invalid", [2]string{}},
		{audit.ErrBusy, 503, "busy", [2]string{"Retry-After", "1"}},
		{audit.ErrUnavailable, 503, "busy", [2]string{"Retry-After", "1"}},
		{context.DeadlineExceeded, 503, "busy", [2]string{"Retry-After", "1"}},
	} {
		t.Run(fmt.Sprintf("%d %s", c.status, c.kind), func(t *testing.T) {
			t.Parallel()
			answer, d, log := ask(t.Context(), t, fmt.Errorf("doing it: %w", c.err))
			if answer.Code != c.status || d.Status != c.status || d.Type != "/problems/"+c.kind || d.Title == "" {
				t.Error(answer.Code, d)
			}
			if answer.Header().Get("Content-Type") != problem.MediaType || !strings.HasPrefix(d.Instance, "urn:uuid:") {
				t.Error(answer.Header(), d.Instance)
			}
			if c.header[0] != "" && answer.Header().Get(c.header[0]) != c.header[1] {
				t.Error(answer.Header())
			}
			if log != "" {
				t.Error("a refusal was logged:", log)
			}
			if m, ok := problem.Meanings(c.kind); !ok || m.Status != c.status {
				t.Error("the type is not explained")
			}
		})
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	_, d, _ := ask(t.Context(), t, &registry.Refusal{Kind: registry.Invalid, Sentence: "s", Fields: []registry.Field{
		{Pointer: "/a", Sentence: "x"}, {Pointer: "", Sentence: "y"}, {Pointer: "Idempotency-Key", Sentence: "z"},
	}})
	text, err := json.Marshal(d.Errors)
	if want := `[{"pointer":"/a","detail":"x"},{"pointer":"","detail":"y"},{"header":"Idempotency-Key","detail":"z"}]`; err != nil || string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()

	t.Run("a fault is told nothing of, and logged once, by the id of the request", func(t *testing.T) {
		t.Parallel()
		answer, d, log := ask(t.Context(), t, errors.New("the inner text"))
		if answer.Code != 500 || strings.Contains(answer.Body.String(), "inner") || d.Detail != "" {
			t.Error(answer.Body)
		}
		if strings.Count(log, "\n") != 1 || !strings.Contains(log, d.Instance) || !strings.Contains(log, "the inner text") || strings.Contains(log, "jane") {
			t.Error(log)
		}
	})

	t.Run("so is a panic, whose value nobody sees", func(t *testing.T) {
		t.Parallel()
		answer, d, log := ask(t.Context(), t, nil)
		if answer.Code != 500 || !strings.Contains(log, d.Instance) || strings.Contains(log, "jane") || !strings.Contains(log, "problem_test.go") {
			t.Error(answer.Code, log)
		}
	})

	t.Run("a caller that has gone gets and costs nothing", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		answer, _, log := ask(ctx, t, fmt.Errorf("read: %w", context.Canceled))
		if answer.Body.Len() != 0 || log != "" {
			t.Error(answer.Body, log)
		}
	})
}
