package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/net/html"

	"onward/app/login"
	"onward/app/problem"
	"onward/app/workspace"
	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

func init() { gin.SetMode(gin.ReleaseMode) }

// clock is a clock that tests move. It begins now: the session library reads the wall clock.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(time.Millisecond)
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// stage is a running workspace with a database and a log that is published.
type stage struct {
	db        *bun.DB
	log       *audit.Log
	publisher *audit.Publisher
	copy      string // of the checkpoints
	secret    string // key that signs them
	registry  *registry.Registry
	gate      *sharing.Gate
	desk      *publishing.Desk
	users     *login.Users
	clock     *clock
	server    *httptest.Server

	mu    sync.Mutex
	lost  bool      // the database is away
	stale time.Time // since when the public list is
	mail  string    // why mail cannot be sent
	// cosigned is when each witness did last, as the publisher would say.
	cosigned map[string]time.Time
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func newStage(tb testing.TB, set ...func(*workspace.Options)) *stage {
	tb.Helper()
	ctx := context.Background()
	s := &stage{db: pgtest.New(tb), clock: &clock{t: time.Now().UTC()}, copy: filepath.Join(tb.TempDir(), "checkpoints")}
	s.log = must(audit.Open(ctx, s.db, "onward.example/test", s.clock.Now()))(tb)
	tb.Cleanup(func() {
		if err := s.log.Verify(ctx); err != nil && !s.isLost() {
			tb.Error(err)
		}
	})
	secret, public, err := audit.NewKey(s.log.Origin())
	if err != nil {
		tb.Fatal(err)
	}
	s.secret = secret
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s.publisher = audit.NewPublisher(s.log, audit.PublisherOptions{
		Keys: func() (*audit.Keys, error) { return audit.ParseKeys(s.log.Origin(), secret) }, Copy: s.copy, Now: s.clock.Now, Logger: quiet,
	})
	committer := s.log.NewCommitter(64, 16, s.clock.Now)
	tb.Cleanup(func() { _ = committer.Close(ctx) })
	s.desk = publishing.NewDesk(s.db, s.log)
	s.registry = registry.New(s.db, s.log).Guarded(s.desk.Guard)
	s.gate = sharing.New(s.db, s.log, committer, sharing.Settings{SubjectKey: make([]byte, 32)})
	s.users = login.NewUsers(s.db, s.log)
	engine := gin.New()
	options := workspace.Options{
		DB: s.db, Log: s.log, Published: s.published, Registry: s.registry, Gate: s.gate, Desk: s.desk, Users: s.users,
		Keys: login.NewKeys(s.db, s.log), Policy: func() ([]byte, error) { return []byte("log " + public + "\nquorum none\n"), nil },
		Problems: problem.NewWriter(slog.New(slog.NewTextHandler(failing{tb, s}, nil))), Now: s.clock.Now, Company: "Meridian",
		Stale: func() (time.Time, bool) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.stale, !s.stale.IsZero()
		},
		MailAway: func() string {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.mail
		},
		CheckpointAge: time.Minute, WitnessAge: 25 * time.Hour,
	}
	for _, f := range set {
		f(&options)
	}
	workspace.New(options).Mount(engine)
	s.server = httptest.NewServer(engine)
	tb.Cleanup(s.server.Close)
	return s
}

// failing fails the test that the program logs a fault in, unless its database is away.
type failing struct {
	tb testing.TB
	s  *stage
}

func (f failing) Write(p []byte) (int, error) {
	if !f.s.isLost() {
		f.tb.Errorf("the program is at fault: %s", p)
	}
	return len(p), nil
}

func (s *stage) isLost() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// loseDatabase makes the database refuse every connection.
func (s *stage) loseDatabase(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	s.lost = true
	s.mu.Unlock()
	elsewhere := pgtest.Empty(t)
	name := pgtest.AddressOf(t, s.db).Database
	for _, statement := range []string{
		"ALTER DATABASE " + name + " WITH ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "' AND pid <> pg_backend_pid()",
	} {
		must(elsewhere.Exec(statement))(t)
	}
}

// published is how far the log is, with the witnesses of the test.
func (s *stage) published(ctx context.Context) (audit.Published, error) {
	p, err := s.publisher.Published(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.cosigned != nil {
		p.CosignedAt = s.cosigned
	}
	return p, err
}

// publish publishes a checkpoint.
func (s *stage) publish(tb testing.TB) {
	tb.Helper()
	must(s.publisher.Publish(context.Background()))(tb)
}

// freeze lets the copy of the checkpoints know more than the database.
func (s *stage) freeze(tb testing.TB) {
	tb.Helper()
	signer := must(note.NewSigner(s.secret))(tb)
	signed := must(note.Sign(&note.Note{Text: fmt.Sprintf("%s\n1000000\n%s\n", s.log.Origin(), tlog.Hash{1})}, signer))(tb)
	if err := os.WriteFile(s.copy, append(signed, '\n'), 0o600); err != nil {
		tb.Fatal(err)
	}
	if _, err := s.publisher.Publish(context.Background()); !errors.Is(err, audit.ErrFrozen) {
		tb.Fatalf("the log is not frozen: %v", err)
	}
}

// person is a browser, and who sits before it.
type person struct {
	*stage
	user   login.User
	client *http.Client
}

// stranger is nobody.
func (s *stage) stranger(tb testing.TB) *person {
	tb.Helper()
	jar := must(cookiejar.New(nil))(tb)
	return &person{stage: s, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a new user with that role who has signed in.
func (s *stage) as(tb testing.TB, role string) *person {
	tb.Helper()
	p := s.stranger(tb)
	p.user = must(s.users.Create(context.Background(), audit.Program, s.clock.Now(), login.UserFields{
		Name: "Ada " + role, Email: fmt.Sprintf("%s-%d@example.com", role, s.clock.Now().UnixNano()), Role: role,
	}))(tb)
	p.signIn(tb)
	return p
}

// link is the path of a new link for a user.
func (s *stage) link(tb testing.TB, u login.User) string {
	tb.Helper()
	secret, _, err := s.users.MakeLink(context.Background(), audit.Program, s.clock.Now(), u.ID)
	if err != nil {
		tb.Fatal(err)
	}
	return workspace.LinkPath(secret)
}

func (p *person) signIn(tb testing.TB) {
	tb.Helper()
	if a := p.post(tb, p.link(tb, p.user), nil); a.status != http.StatusSeeOther || a.header.Get("Location") != "/app" {
		tb.Fatal(a.status, a.header, a.text())
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	page   *html.Node
}

// text is what the page says.
func (a *answer) text() string { return textOf(a.page) }

func (p *person) get(tb testing.TB, path string) *answer {
	tb.Helper()
	return p.send(tb, http.MethodGet, path, nil)
}

// post sends a form as the browser does from a page of the workspace.
func (p *person) post(tb testing.TB, path string, form url.Values) *answer {
	tb.Helper()
	return p.send(tb, http.MethodPost, path, form, "Sec-Fetch-Site", "same-origin")
}

func (p *person) send(tb testing.TB, method, path string, form url.Values, header ...string) *answer {
	tb.Helper()
	r := must(http.NewRequestWithContext(context.Background(), method, p.server.URL+path, strings.NewReader(form.Encode())))(tb)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := p.client.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	body := must(io.ReadAll(resp.Body))(tb)
	return &answer{resp.StatusCode, resp.Header, string(body), must(html.Parse(strings.NewReader(string(body))))(tb)}
}

// find are the elements below n with that name and attribute, written name=value.
func find(n *html.Node, name, attribute string) (all []*html.Node) {
	key, value, _ := strings.Cut(attribute, "=")
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name && (attribute == "" || attributeOf(d, key) == value) {
			all = append(all, d)
		}
	}
	return all
}

func attributeOf(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// textOf is the text below n with single blanks, without the style.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && (d.Parent == nil || d.Parent.Data != "style") {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
