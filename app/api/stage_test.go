package api_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"

	"onward/app/api"
	"onward/app/login"
	"onward/app/notify"
	"onward/app/problem"
	"onward/app/site"
	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) { c.set(c.Now().Add(d)) }

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// stage is a running server with a database and a key for each role.
type stage struct {
	db     *bun.DB
	log    *audit.Log
	press  *press
	keys   *login.Keys
	clock  *clock
	links  publishing.Links
	engine *gin.Engine
	server *httptest.Server
	faults *faults
	secret map[string]string // by the name of who speaks
	ids    map[string]string // of their keys
}

// faults collects what the server logs; a test that does not expect any fails.
type faults struct {
	mu   sync.Mutex
	text []byte
}

func (f *faults) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text = append(f.text, p...)
	return len(p), nil
}

func (f *faults) take() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := string(f.text)
	f.text = nil
	return text
}

func init() { gin.SetMode(gin.ReleaseMode) }

func newStage(tb testing.TB) *stage {
	tb.Helper()
	ctx := context.Background()
	s := &stage{
		db: pgtest.New(tb), clock: &clock{t: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}, faults: &faults{},
		secret: map[string]string{"nobody": "", "stranger": "onward_0000000000000000000000000000000000000000000"}, ids: map[string]string{},
	}
	var err error
	if s.log, err = audit.Open(ctx, s.db, "onward.example/test", s.clock.Now()); err != nil {
		tb.Fatal(err)
	}
	if err := s.log.AddMonths(ctx, s.clock.Now(), 24); err != nil {
		tb.Fatal(err)
	}
	s.press = newPress(tb, s.log, s.clock.Now)
	committer := s.log.NewCommitter(1024, 256, s.clock.Now)
	tb.Cleanup(func() {
		if err := committer.Close(ctx); err != nil {
			tb.Error(err)
		}
	})
	s.keys = login.NewKeys(s.db, s.log)
	if s.links, err = publishing.NewLinks(make([]byte, 32)); err != nil {
		tb.Fatal(err)
	}
	s.engine = s.newEngine(committer)
	for _, k := range []struct{ name, role, system string }{
		{"admin", login.Admin, ""},
		{"legal", login.Legal, ""},
		{"approver", login.Approver, ""},
		{"auditor", login.Auditor, ""},
		{"service", login.Service, "crm"},
		{"another service", login.Service, "shop"},
	} {
		key, secret, err := s.keys.Create(ctx, audit.Program, s.clock.Now(), login.KeyFields{Name: k.name, Role: k.role, System: k.system})
		if err != nil {
			tb.Fatal(err)
		}
		s.secret[k.name], s.ids[k.name] = secret, key.ID.String()
	}
	s.server = httptest.NewServer(s.engine)
	tb.Cleanup(s.server.Close)
	s.server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

func (s *stage) newEngine(committer *audit.Committer) *gin.Engine {
	faults := slog.New(slog.NewTextHandler(s.faults, nil))
	problems := problem.NewWriter(faults)
	metrics := api.NewMetrics(s.log, s.press.publisher, publishing.NewDesk(s.db, s.log), s.clock.Now)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.Use(problems.Recover, metrics.Measure)
	engine.NoRoute(problems.NotFound)
	engine.NoMethod(problems.NotAllowed)
	desk := publishing.NewDesk(s.db, s.log)
	api.New(api.Options{
		DB: s.db, Log: s.log, Registry: registry.New(s.db, s.log).Guarded(desk.Guard), Keys: s.keys, Users: login.NewUsers(s.db, s.log), Policy: s.press.policy, Metrics: metrics, Problems: problems,
		Desk: desk,
		Gate: sharing.New(s.db, s.log, committer, sharing.Settings{SubjectKey: make([]byte, 32)}),
		Now:  s.clock.Now, Zone: time.UTC, Faults: faults, MailAway: func() string { return "No mail server is set." },
	}).Mount(engine)
	list := site.New(site.Options{
		Build: desk.AsOf, Current: desk.Current, History: desk.History, Release: desk.Release,
		Epoch: func(ctx context.Context) (int64, error) {
			h, err := s.log.Head(ctx)
			return h.Epoch, err
		},
		Desk: desk, Links: s.links, ShowSecret: notify.ShownSecret,
		Now: s.clock.Now, Logger: faults,
	})
	engine.Use(func(c *gin.Context) { c.Next(); list.Changed() })
	list.Mount(engine)
	return engine
}

// loseDatabase makes the database refuse every connection.
func (s *stage) loseDatabase(t *testing.T) {
	t.Helper()
	elsewhere := pgtest.Empty(t)
	name := pgtest.AddressOf(t, s.db).Database
	for _, statement := range []string{
		"ALTER DATABASE " + name + " WITH ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "' AND pid <> pg_backend_pid()",
	} {
		if _, err := elsewhere.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}

// request makes a request as somebody.
func (s *stage) request(ctx context.Context, t *testing.T, method, path, as string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, s.server.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	secret, known := s.secret[as]
	if !known {
		secret = as
	}
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	return r
}
