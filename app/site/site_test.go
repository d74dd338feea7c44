package site_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/site"
	"onward/registry/publishing"
)

//go:embed testdata/list.json
var sampleText []byte

// sample is a list of forty entries taken from published lists.
func sample(tb testing.TB) publishing.List {
	tb.Helper()
	var list publishing.List
	if err := json.Unmarshal(sampleText, &list); err != nil {
		tb.Fatal(err)
	}
	return list
}

func init() { gin.SetMode(gin.ReleaseMode) }

// records stands for the database: a list, its epoch, a clock, and whether it answers.
type records struct {
	mu     sync.Mutex
	list   publishing.List
	epoch  int64
	now    time.Time
	away   error
	builds []time.Time
	wait   chan struct{}
}

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func (r *records) Build(_ context.Context, t time.Time) (publishing.List, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.builds = append(r.builds, t)
	if wait := r.wait; wait != nil {
		r.mu.Unlock()
		<-wait
		r.mu.Lock()
	}
	list := r.list
	list.AsOf = t
	list.Entries = append([]publishing.Entry{}, list.Entries...)
	return list, r.away
}

func (r *records) Epoch(context.Context) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.epoch, r.away
}

func (r *records) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *records) change(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	do()
}

// start is a site over r, without its background work.
func start(tb testing.TB, r *records) (*site.Site, http.Handler) {
	tb.Helper()
	if r.now.IsZero() {
		r.now = noon
	}
	s := site.New(site.Options{
		Build: r.Build, Epoch: r.Epoch, Now: r.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Company: "Meridian Software", Contact: "privacy@meridian.example",
	})
	engine := gin.New()
	s.Mount(engine)
	return s, engine
}

// answer is what came back.
type answer struct {
	StatusCode int
	Header     http.Header
	Body       string
}

// get asks h; headers are "Name: value".
func get(tb testing.TB, h http.Handler, path string, headers ...string) answer {
	tb.Helper()
	return ask(tb, h, http.MethodGet, path, headers...)
}

func ask(tb testing.TB, h http.Handler, method, path string, headers ...string) answer {
	tb.Helper()
	r := httptest.NewRequest(method, path, nil)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Result().Header, w.Body.String()}
}
