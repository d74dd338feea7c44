package workspace

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/problem"
)

// linkPath is where sign-in links lead, before the secret.
const linkPath = signInPath + "/"

// LinkPath is the path of the link with a secret.
func LinkPath(secret string) string { return linkPath + secret }

var signInPage = pageOf("signin")

type signInData struct {
	frame
	Link string // where the one button sends; empty where there is no link, or it does not work
	Bad  string
}

func (w *Workspace) showSignIn(c *gin.Context) error {
	return w.show(c, http.StatusOK, signInPage, &signInData{frame: w.frame(c, login.Visit{}, "Sign in")})
}

// showLink asks whether to use a link. It changes nothing: programs that look into mails may follow it.
func (w *Workspace) showLink(c *gin.Context) error {
	works, err := w.Users.LinkWorks(c.Request.Context(), w.Now(), c.Param("secret"))
	if err != nil {
		return err
	}
	d := &signInData{frame: w.frame(c, login.Visit{}, "Sign in"), Link: c.Request.URL.Path}
	if !works {
		return w.showDeadLink(c)
	}
	return w.show(c, http.StatusOK, signInPage, d)
}

func (w *Workspace) showDeadLink(c *gin.Context) error {
	return w.show(c, http.StatusGone, signInPage, &signInData{
		frame: w.frame(c, login.Visit{}, "Sign in"), Bad: "This link was used, is older than 15 minutes, or was replaced by a newer one.",
	})
}

// useLink signs in. Whoever was signed in at this browser before is signed out.
func (w *Workspace) useLink(c *gin.Context) error {
	v, err := w.Users.SignIn(c.Request.Context(), w.Now(), c.Param("secret"))
	var refusal *problem.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Kind == problem.Unauthorized:
		return w.showDeadLink(c)
	case err != nil:
		return err
	}
	if before, err := w.sessions.Visit(c.Request); err == nil {
		if err := w.Users.SignOut(c.Request.Context(), w.Now(), before); err != nil {
			return err
		}
	}
	if err := w.sessions.Begin(c.Request, v); err != nil {
		return err
	}
	return w.seeOther(c, "/app")
}

// signOut ends the session.
func (w *Workspace) signOut(c *gin.Context, v login.Visit) error {
	if err := w.sessions.End(c.Request, w.Now(), v); err != nil {
		return err
	}
	return w.seeOther(c, signInPath)
}
