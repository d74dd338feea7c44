package site

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/registry"
	"onward/registry/publishing"
)

// objectionsPath is where the links of notices lead, before the token.
const objectionsPath = "/objections/"

// formLimit is the size in bytes of the largest answer: a ground of 5,000 characters, each of four bytes and written with percent signs, and room.
const formLimit = 64 << 10

// A token that is none is answered slowly, so that nobody tries many, and only so many at a time, so that nobody who tries them holds the server.
const (
	slowness = 400 * time.Millisecond
	guesses  = 128
)

// forms answers customers whom a notice led here.
type forms struct {
	desk    *publishing.Desk
	links   publishing.Links
	slowly  chan struct{}
	callers *callers
}

func newForms(desk *publishing.Desk, links publishing.Links) *forms {
	return &forms{desk: desk, links: links, slowly: make(chan struct{}, guesses), callers: newCallers()}
}

// mountForms adds the page by which a customer objects. It needs no script, and getting it changes nothing: programs that look into mails may.
func (s *Site) mountForms(r *gin.Engine) {
	if s.forms == nil {
		return
	}
	r.GET(objectionsPath+":token", s.askObjection)
	r.HEAD(objectionsPath+":token", s.askObjection)
	r.POST(objectionsPath+":token", s.takeObjection)
}

func (s *Site) askObjection(c *gin.Context) {
	link, known := s.linkOf(c)
	if known {
		s.showQuestion(c, http.StatusOK, link, said{})
	}
}

// said is what a customer sent, and what is wrong with it.
type said struct{ ground, bad string }

// takeObjection records an answer, and leads back to the page that says so: loading that again sends nothing again.
func (s *Site) takeObjection(c *gin.Context) {
	link, known := s.linkOf(c)
	if !known {
		return
	}
	form, err := readForm(c)
	if err != nil {
		s.refuse(c, page, err)
		return
	}
	ground := form.Get("ground")
	if form.Get("answer") == "accept" {
		_, err = s.forms.desk.AcceptByLink(c.Request.Context(), s.options.Now(), link)
	} else {
		_, err = s.forms.desk.ObjectByLink(c.Request.Context(), s.options.Now(), link, ground)
	}
	var refusal *registry.Refusal
	switch {
	case err == nil:
		h := c.Writer.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		c.Redirect(http.StatusSeeOther, s.formAddress(c, s.languageFor(c.Request)))
	case !errors.As(err, &refusal):
		s.refuse(c, page, err)
	case refusal.Kind == registry.NotFound:
		s.refuseLink(c)
	case refusal.Kind == registry.Invalid:
		s.showQuestion(c, http.StatusUnprocessableEntity, link, said{ground, "objection.ground.bad"})
	case refusal.Kind == registry.Conflict:
		s.showQuestion(c, http.StatusConflict, link, said{ground: ground}) // the page says why
	default:
		s.refuse(c, page, err)
	}
}

// readForm reads the fields of a form. It refuses what is none (UnsupportedType, Malformed), and one over formLimit (TooLarge).
func readForm(c *gin.Context) (url.Values, error) {
	if c.ContentType() != "application/x-www-form-urlencoded" {
		return nil, problem.Refuse(problem.UnsupportedType, "Send Content-Type: application/x-www-form-urlencoded.")
	}
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(30 * time.Second)) // not all connections have deadlines
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, formLimit))
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, err
	}
	values, bad := url.ParseQuery(string(body))
	if err != nil || bad != nil {
		return nil, registry.Refuse(registry.Malformed, "The form cannot be read.")
	}
	return values, nil
}

// linkOf reads the token of the path; where it is none, it was answered.
func (s *Site) linkOf(c *gin.Context) (publishing.Link, bool) {
	link, known := s.forms.links.Read(c.Param("token"))
	if !known {
		s.refuseLink(c)
	}
	return link, known
}

// refuseLink answers a token that leads nowhere: always alike, and slowly.
func (s *Site) refuseLink(c *gin.Context) {
	select {
	case s.forms.slowly <- struct{}{}:
		defer func() { <-s.forms.slowly }()
	default:
		s.refuse(c, page, registry.Refuse(registry.Busy, "Too many links that do not work were asked for at once."))
		return
	}
	wait := time.NewTimer(slowness)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-c.Request.Context().Done():
		return
	}
	l := s.languageFor(c.Request)
	d := questionData{frame: s.formFrame(c, l, l.Say("objection.gone.title")), Gone: true}
	d.Languages = nil // they would ask again
	s.showForm(c, http.StatusNotFound, d)
}

// showQuestion answers with the page.
func (s *Site) showQuestion(c *gin.Context, status int, link publishing.Link, sent said) {
	q, err := s.forms.desk.Question(c.Request.Context(), s.options.Now(), link)
	var refusal *registry.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Kind == registry.NotFound:
		s.refuseLink(c)
	case err != nil:
		s.refuse(c, page, err)
	default:
		s.showForm(c, status, s.newQuestion(c, q, sent))
	}
}

func (s *Site) showForm(c *gin.Context, status int, d questionData) {
	var text bytes.Buffer
	if err := objectionPage.ExecuteTemplate(&text, "frame", d); err != nil {
		s.refuse(c, page, err)
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", s.look.policy)
	h.Set("Content-Language", d.L.Code)
	h.Set("Referrer-Policy", "no-referrer") // the address is the customer's secret
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex")
	c.Data(status, formats[page].mediaType, text.Bytes())
}
