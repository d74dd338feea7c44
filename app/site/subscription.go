package site

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/problem"
	"onward/registry"
	"onward/registry/publishing"
)

// Where somebody subscribes, confirms and leaves.
const (
	subscribePath = "/subscriptions"
	confirmPath   = "/subscriptions/confirm"
	leavePath     = "/subscriptions/leave"
)

// mountSubscriptions adds the pages by which anybody subscribes to changes and leaves. Getting one changes nothing: programs that look into mails
// may.
func (s *Site) mountSubscriptions(r *gin.Engine) {
	if s.forms == nil {
		return
	}
	for path, token := range map[string]tokenReader{confirmPath: s.forms.links.ReadConfirmation, leavePath: s.forms.links.ReadLeaving} {
		r.GET(path, s.askToken(path, token))
		r.HEAD(path, s.askToken(path, token))
		r.POST(path, s.takeToken(path, token))
	}
	r.GET(subscribePath, s.askSubscription)
	r.HEAD(subscribePath, s.askSubscription)
	r.POST(subscribePath, s.takeSubscription)
}

// tokenReader reads whom a token names.
type tokenReader func(token string) (uuid.UUID, bool)

// askToken shows what following a link does, and a button that does it.
func (s *Site) askToken(path string, read tokenReader) gin.HandlerFunc {
	return func(c *gin.Context) {
		if _, known := read(c.Query("token")); !known {
			s.refuseLink(c)
			return
		}
		s.showSubscription(c, http.StatusOK, s.newStep(c, path, false))
	}
}

// takeToken does what a link says. The token is in the address: so does a mail program with one click (RFC 8058), whose body says only that.
func (s *Site) takeToken(path string, read tokenReader) gin.HandlerFunc {
	return func(c *gin.Context) {
		id, known := read(c.Query("token"))
		if !known {
			s.refuseLink(c)
			return
		}
		act := s.forms.desk.Leave
		if path == confirmPath {
			act = s.forms.desk.Confirm
		}
		err := act(c.Request.Context(), s.options.Now(), id)
		var refusal *registry.Refusal
		switch {
		case err == nil:
			s.showSubscription(c, http.StatusOK, s.newStep(c, path, true))
		case errors.As(err, &refusal) && refusal.Kind == registry.NotFound:
			s.refuseLink(c)
		default:
			s.refuse(c, page, err)
		}
	}
}

func (s *Site) askSubscription(c *gin.Context) {
	d, err := s.newSubscription(c, publishing.SubscriberFields{Language: s.languageFor(c.Request).Code})
	if err != nil {
		s.refuse(c, page, err)
		return
	}
	s.showSubscription(c, http.StatusOK, d)
}

// takeSubscription asks whoever has the address. The answer is the same whether it is known or not, and whether it was asked too often.
func (s *Site) takeSubscription(c *gin.Context) {
	if !s.forms.callers.allow(c.ClientIP(), s.options.Now()) {
		s.refuse(c, page, problem.Refuse(problem.TooMany, "So many subscriptions were asked for from your address that this one was not taken. Please try again in a few minutes."))
		return
	}
	if c.ContentType() == "application/json" {
		s.takeJSON(c)
		return
	}
	form, err := readForm(c)
	if err != nil {
		s.refuse(c, page, err)
		return
	}
	f := publishing.SubscriberFields{
		Channel: publishing.ByEmail, Address: form.Get("address"), Language: s.languageFor(c.Request).Code, Products: form["product"], Regions: form["region"],
	}
	_, err = s.forms.desk.Subscribe(c.Request.Context(), s.options.Now(), f)
	var refusal *registry.Refusal
	switch {
	case err == nil:
		s.subscribed()
		s.showSubscription(c, http.StatusAccepted, s.newStep(c, subscribePath, true))
	case errors.As(err, &refusal) && refusal.Kind == registry.Invalid:
		d, fault := s.newSubscription(c, f)
		if fault != nil {
			s.refuse(c, page, fault)
			return
		}
		d.Bad = d.L.Say("subscribe.address.bad")
		s.showSubscription(c, http.StatusUnprocessableEntity, d)
	default:
		s.refuse(c, page, err)
	}
}

func (s *Site) subscribed() {
	if s.options.Subscribed != nil {
		s.options.Subscribed()
	}
}

// asked answers a program that subscribed: Secret is the key of the signatures of a webhook.
type asked struct {
	Status string `json:"status"`
	Secret string `json:"secret,omitempty"`
}

// takeJSON takes a subscription from a program.
func (s *Site) takeJSON(c *gin.Context) {
	var f publishing.SubscriberFields
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(30 * time.Second)) // not all connections have deadlines
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, formLimit))
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
	if err == nil {
		err = registry.Decode(body, &f)
	}
	if err != nil {
		s.refuse(c, jsonText, err)
		return
	}
	secret, err := s.forms.desk.Subscribe(c.Request.Context(), s.options.Now(), f)
	if err != nil {
		s.refuse(c, jsonText, err)
		return
	}
	s.subscribed()
	answer := asked{Status: "asked"}
	if f.Channel == publishing.ByWebhook {
		answer.Secret = s.options.ShowSecret(secret)
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusAccepted, answer)
}

func (s *Site) showSubscription(c *gin.Context, status int, d subscriptionData) {
	var text bytes.Buffer
	if err := subscriptionPage.ExecuteTemplate(&text, "frame", d); err != nil {
		s.refuse(c, page, err)
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", s.look.policy)
	h.Set("Content-Language", d.L.Code)
	h.Set("Referrer-Policy", "no-referrer") // the address may be a secret
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex")
	c.Data(status, mime.FormatMediaType("text/html", map[string]string{"charset": "utf-8"}), text.Bytes())
}

// stepAddress is a page of subscriptions in a language, with the token that it was asked with.
func (s *Site) stepAddress(c *gin.Context, path string, l *Language) string {
	query := url.Values{}
	if token := c.Query("token"); token != "" && path != subscribePath {
		query.Set("token", token)
	}
	if len(s.languages) > 1 {
		query.Set(languageParameter, l.Code)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
