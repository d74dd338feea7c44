package workspace

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/problem"
	"onward/registry"
)

// signInPath is where whoever is not signed in is sent.
const signInPath = "/app/sign-in"

// in is the handler of what wants somebody who is signed in, with one of the roles where there are any. Others are sent to sign in, or refused
// (Forbidden).
func (w *Workspace) in(h func(*gin.Context, login.Visit) error, roles ...string) gin.HandlerFunc {
	return func(c *gin.Context) {
		v, err := w.sessions.Visit(c.Request)
		var refusal *problem.Refusal
		switch {
		case errors.As(err, &refusal) && refusal.Kind == problem.Unauthorized:
			w.head(c)
			c.Redirect(http.StatusSeeOther, signInPath)
			return
		case err == nil && len(roles) > 0 && !slices.Contains(roles, v.User.Role):
			err = registry.Refuse(registry.Forbidden, "This needs somebody with the role %s.", strings.Join(roles, " or "))
		case err == nil:
			err = h(c, v)
		}
		if err != nil {
			w.refuse(c, v, err)
		}
	}
}

// out is the handler of what wants nobody to be signed in.
func (w *Workspace) out(h problem.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			w.refuse(c, login.Visit{}, err)
		}
	}
}

// recover turns a panic into a fault.
func (w *Workspace) recover(c *gin.Context) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			w.refuse(c, login.Visit{}, problem.Panicked(v))
		}
	}()
	c.Next()
}

// failed answers a request whose session cannot be read or kept.
func (w *Workspace) failed(rw http.ResponseWriter, r *http.Request, err error) {
	w.only(func(*gin.Context) error { return err }).ServeHTTP(rw, r)
}

// only serves one handler, before there is a session.
func (w *Workspace) only(h problem.Handler) http.Handler {
	engine := gin.New()
	engine.NoRoute(w.out(h))
	return engine
}
