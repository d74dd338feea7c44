// Package workspace is HTML for the people who work here: what is wrong with the record, what must be done next, and the records themselves. It
// is rendered on the server, needs no script and asks no other host. What it changes, it changes by the methods that the JSON interface calls.
package workspace

import (
	"context"
	"html/template"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"

	"onward/app/login"
	"onward/app/problem"
	"onward/app/site"
	"onward/audit"
	"onward/registry"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

// Options are what the workspace stands on; all are needed but Company, Brand, Stale and MailAway.
type Options struct {
	DB        *bun.DB
	Log       *audit.Log
	Published func(context.Context) (audit.Published, error)
	Registry  *registry.Registry
	Gate      *sharing.Gate
	Desk      *publishing.Desk
	Users     *login.Users
	Keys      *login.Keys
	Policy    func() ([]byte, error) // what the log is checked against (C2SP tlog-policy)
	Problems  *problem.Writer
	Now       func() time.Time
	// Company and Brand are those of the public pages.
	Company string
	Brand   site.Brand
	// Stale says since when the public list cannot be renewed.
	Stale    func() (since time.Time, is bool)
	MailAway func() string // why mail cannot be sent now, in a sentence; empty where it can
	// CheckpointAge is how long an entry may wait for a checkpoint, and WitnessAge how old the newest cosignature of each witness may be.
	CheckpointAge, WitnessAge time.Duration
}

// Workspace serves the pages below /app.
type Workspace struct {
	Options
	sessions *login.Sessions
	style    template.CSS
	policy   string // Content-Security-Policy
}

// New makes a workspace.
func New(o Options) *Workspace {
	w := &Workspace{Options: o}
	w.style, w.policy = site.Sheet(o.Brand, sheet, "'none'")
	w.sessions = login.NewSessions(o.DB, o.Users, o.Now, o.Brand.PublicURL, w.failed)
	return w
}

// Sessions are those of the people who are signed in.
func (w *Workspace) Sessions() *login.Sessions { return w.sessions }

// Mount adds /app and all below it to engine.
func (w *Workspace) Mount(engine *gin.Engine) {
	handler := gin.WrapH(w.handler())
	for _, path := range []string{"/app", "/app/*path"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			engine.Handle(method, path, handler)
		}
	}
}

// handler refuses what another site's page sent, reads the session, and serves.
func (w *Workspace) handler() http.Handler {
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.Use(w.recover)
	engine.NoRoute(w.in(func(*gin.Context, login.Visit) error {
		return registry.Refuse(registry.NotFound, "There is no such page.")
	}))
	engine.NoMethod(w.out(func(*gin.Context) error {
		return problem.Refuse(problem.NotAllowed, "This page does not take that.")
	}))
	for _, r := range w.rooms() {
		engine.Handle(r.method, r.path, r.handler)
		if r.method == http.MethodGet {
			engine.Handle(http.MethodHead, r.path, r.handler)
		}
	}
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(w.only(func(*gin.Context) error {
		return registry.Refuse(registry.Forbidden, "The form was sent from a page of another site. Open it here, and send it again.")
	}))
	return protection.Handler(w.sessions.Handler(engine))
}

// room is a page or what a form on it does.
type room struct {
	method, path string
	handler      gin.HandlerFunc
}

// Whom what a form does serves: as the JSON interface has it.
var (
	editors   = []string{login.Admin, login.Legal}
	movers    = []string{login.Admin, login.Legal, login.Approver}
	approvers = []string{login.Admin, login.Approver}
	admins    = []string{login.Admin}
)

func (w *Workspace) rooms() []room {
	const get, post = http.MethodGet, http.MethodPost
	return []room{
		{get, "/app/sign-in", w.out(w.showSignIn)},
		{get, linkPath + ":secret", w.out(w.showLink)},
		{post, linkPath + ":secret", w.out(w.useLink)},
		{post, "/app/sign-out", w.in(w.signOut)},
		{get, "/app", w.in(w.showHome)},
		{get, "/app/alarm", w.in(w.showAlarm)},
		{post, "/app/alarm", w.in(w.acknowledge, admins...)},
		{get, "/app/tasks", w.in(w.showTasks)},
		{post, "/app/tasks/:id/close", w.in(w.closeTask, editors...)},
		{post, "/app/tasks/:id/sent", w.in(w.sendTask, editors...)},
		{get, "/app/exceptions", w.in(w.showExceptions)},
		{post, "/app/exceptions/:id/close", w.in(w.closeException, editors...)},
		{get, "/app/changes", w.in(w.showChanges)},
		{post, "/app/changes/:id/approve", w.in(w.approveChange, approvers...)},
		{post, "/app/changes/:id/withdraw", w.in(w.withdrawChange, movers...)},
		{get, "/app/objections", w.in(w.showObjections)},
		{post, "/app/objections/:id/decide", w.in(w.decideObjection, editors...)},
		{get, "/app/vendors", w.in(w.showVendors)},
		{get, "/app/vendors/:id", w.in(w.showVendor)},
		{get, "/app/history/:kind/:id", w.in(w.showHistory)},
		{get, usersPath, w.in(w.showUsers, admins...)},
		{post, usersPath, w.in(w.createUser, admins...)},
		{post, usersPath + "/:id/change", w.in(w.changeUser, admins...)},
		{post, usersPath + "/:id/disable", w.in(w.disableUser, admins...)},
		{post, usersPath + "/:id/enable", w.in(w.enableUser, admins...)},
		{post, usersPath + "/:id/link", w.in(w.makeUserLink, admins...)},
		{get, "/app/log", w.in(w.showLog)},
		{get, "/app/confidentiality", w.in(w.showConfidentiality)},
		{post, "/app/confidentiality", w.in(w.acknowledgeConfidentiality)},
	}
}
