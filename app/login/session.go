package login

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/app/problem"
)

// How long somebody stays signed in: so long without doing anything, and so long at all.
const (
	idle     = 8 * time.Hour
	lifetime = 24 * time.Hour
)

// Sessions keep people signed in by a cookie. Over https it is Secure and bound to the host by its name.
type Sessions struct {
	users         *Users
	store         *sessionStore
	plain, secure *scs.SessionManager
	publicHost    string // where the program is reached by https, whatever the proxy before it says
}

// NewSessions keeps sessions of users in db. publicURL is where readers find the program; it may be empty. failed answers a request whose session
// cannot be read or kept.
func NewSessions(db *bun.DB, users *Users, now func() time.Time, publicURL string, failed func(http.ResponseWriter, *http.Request, error)) *Sessions {
	store := &sessionStore{db, now}
	s := &Sessions{users: users, store: store, plain: newManager(store, failed), secure: newManager(store, failed)}
	s.secure.Cookie.Name, s.secure.Cookie.Secure = "__Host-onward", true
	if host, https := strings.CutPrefix(publicURL, "https://"); https {
		s.publicHost, _, _ = strings.Cut(host, "/")
	}
	return s
}

func newManager(store scs.Store, failed func(http.ResponseWriter, *http.Request, error)) *scs.SessionManager {
	m := scs.New()
	m.Store, m.HashTokenInStore, m.ErrorFunc = store, true, failed
	m.IdleTimeout, m.Lifetime = idle, lifetime
	m.Cookie = scs.SessionCookie{Name: "onward", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	return m
}

// Handler reads the session of every request to next, and keeps it before the answer begins.
func (s *Sessions) Handler(next http.Handler) http.Handler {
	plain, secure := s.plain.LoadAndSave(next), s.secure.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.of(r) == s.secure {
			secure.ServeHTTP(w, r)
		} else {
			plain.ServeHTTP(w, r)
		}
	})
}

// of is the manager for a request. X-Forwarded-Proto needs no trust: who forges it makes his own cookie stricter.
func (s *Sessions) of(r *http.Request) *scs.SessionManager {
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") || s.publicHost != "" && strings.EqualFold(r.Host, s.publicHost) {
		return s.secure
	}
	return s.plain
}

// The names of what a session holds.
const (
	sessionUser  = "user"
	sessionVisit = "visit"
	sessionSince = "since"
)

// Begin makes the session of r that of a visit. The token is a new one: nobody who knew the old one gets in.
func (s *Sessions) Begin(r *http.Request, v Visit) error {
	m, ctx := s.of(r), r.Context()
	if err := m.RenewToken(ctx); err != nil {
		return err
	}
	m.Put(ctx, sessionUser, v.User.ID.String())
	m.Put(ctx, sessionVisit, v.ID.String())
	m.Put(ctx, sessionSince, v.At.Format(time.RFC3339Nano))
	return nil
}

// Visit is whose session r belongs to, as the user is now. It refuses a request without one, and ends the session of a user who is disabled
// (Unauthorized).
func (s *Sessions) Visit(r *http.Request) (Visit, error) {
	m, ctx := s.of(r), r.Context()
	if !m.Exists(ctx, sessionUser) {
		return Visit{}, problem.Refuse(problem.Unauthorized, "Sign in.")
	}
	user, badUser := uuid.Parse(m.GetString(ctx, sessionUser))
	visit, badVisit := uuid.Parse(m.GetString(ctx, sessionVisit))
	since, badSince := time.Parse(time.RFC3339Nano, m.GetString(ctx, sessionSince))
	if err := errors.Join(badUser, badVisit, badSince); err != nil {
		return Visit{}, err
	}
	u, err := s.users.Visitor(ctx, user, since)
	var refusal *problem.Refusal
	if errors.As(err, &refusal) {
		return Visit{}, errors.Join(err, m.Destroy(ctx))
	}
	return Visit{ID: visit, User: u, At: since}, err
}

// End signs out.
func (s *Sessions) End(r *http.Request, at time.Time, v Visit) error {
	if err := s.users.SignOut(r.Context(), at, v); err != nil {
		return err
	}
	return s.of(r).Destroy(r.Context())
}

// Sweep removes sessions that are over.
func (s *Sessions) Sweep(ctx context.Context) error { return s.store.sweep(ctx) }
