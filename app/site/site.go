// Package site is the public list over HTTP: as a page, as data, as a fragment for other pages and as an annex to contracts, in several
// languages. The current list is rendered once for each change and served from memory; it stays up, and says that it is old, while the
// database is away.
package site

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/registry/publishing"
)

// Options is what the site needs to know.
type Options struct {
	// Build makes the list as it stood at t: of a past instant, that of the release in force then.
	Build func(ctx context.Context, t time.Time) (publishing.List, error)
	// Current makes the list as it stands now, and the release that it is. A list that comes with publishing.ErrUnreleased is shown, and tried again.
	// nil for Build.
	Current func(ctx context.Context, now time.Time) (publishing.List, error)
	// History is what became of the list and what is announced for it; with before, of releases with a lower number. nil for none.
	History func(ctx context.Context, now time.Time, before int64) (publishing.History, error)
	// Release is a release with its list; nil where there are none.
	Release func(ctx context.Context, number int64) (publishing.Released, error)
	// Epoch moves with every change that may be on the list: the epoch of the log's head.
	Epoch func(ctx context.Context) (int64, error)
	// Company is whose list it is; empty when it is not to be named.
	Company string
	// Contact is an e-mail address or web address for questions; may be empty.
	Contact string
	// Brand is how the pages look and where they are.
	Brand Brand
	// Languages are those of the pages, the first for readers whose own is not among them; nil for the shipped ones.
	Languages []*Language
	// Desk and Links answer customers whom a notice led to /objections/{token}; nil where nobody is.
	Desk  *publishing.Desk
	Links publishing.Links
	// Subscribed is told when somebody asked to be told of changes; nil where nobody wants to know. ShowSecret is a webhook's key as its receiver is
	// shown it.
	Subscribed func()
	ShowSecret func([]byte) string
	Now        func() time.Time
	Logger     *slog.Logger
}

// Site serves the public list.
type Site struct {
	options   Options
	languages []*Language
	look      look
	problems  *problem.Writer
	past      *archive
	forms     *forms               // nil where nobody is led to them
	fixed     map[string]*document // by path: what does not depend on the list

	shown      atomic.Pointer[snapshot] // nil until a list could be built
	changes    atomic.Int64             // counts calls of Changed
	renewal    sync.Mutex               // held while shown is replaced
	failing    bool                     // the last renewal failed; guarded by renewal
	unreleased bool                     // what is shown could not be released; guarded by renewal
	fresh      chan struct{}            // told when shown has representations that may be compressed better
}

// New makes a site. It shows nothing until the first request or Run.
func New(o Options) *Site {
	s := &Site{
		options: o, languages: o.Languages, look: newLook(o.Brand), problems: problem.NewWriter(o.Logger), past: newArchive(),
		fresh: make(chan struct{}, 1),
	}
	if s.languages == nil {
		s.languages = shipped()
	}
	if o.Current == nil {
		s.options.Current = o.Build
	}
	if o.History == nil {
		s.options.History = func(context.Context, time.Time, int64) (publishing.History, error) { return publishing.History{}, nil }
	}
	if o.Desk != nil {
		s.forms = newForms(o.Desk, o.Links)
	}
	s.fixed = map[string]*document{schemaPath: newSchema(), robotsPath: newRobots(), iconPath: newIcon(s.look), logoPath: newIcon(s.look)}
	if o.Brand.Logo != nil {
		s.fixed[logoPath] = o.Brand.Logo.document()
	}
	return s
}

// Mount adds the site's paths to r: /, those of every format under /subprocessors, of releases and their differences, its schema, /robots.txt, /favicon.svg and /logo, /objections/{token},
// and those under /subscriptions.
func (s *Site) Mount(r *gin.Engine) {
	home := func(c *gin.Context) { c.Redirect(http.StatusFound, "/subprocessors") }
	r.GET("/", home)
	r.HEAD("/", home)
	for f := range formats {
		s.mount(r, formats[f].path, s.serveList(format(f)))
	}
	for _, path := range []string{schemaPath, robotsPath, iconPath, logoPath} {
		s.mount(r, path, s.serveFixed(path))
	}
	s.mount(r, formats[releasesPage].path+"/:n", s.serveRelease)
	s.mount(r, formats[releasesPage].path+"/:n/difference/:m", s.serveDifference)
	s.mountForms(r)
	s.mountSubscriptions(r)
}

func (s *Site) mount(r *gin.Engine, path string, serve gin.HandlerFunc) {
	r.GET(path, serve)
	r.HEAD(path, serve)
	r.OPTIONS(path, preflight)
}

func preflight(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Allow", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since")
	h.Set("Access-Control-Max-Age", "86400")
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}

// serveList answers with the list in one format: from memory, unless the address asks for a part of it or for another day.
func (s *Site) serveList(f format) gin.HandlerFunc {
	return func(c *gin.Context) {
		query := c.Request.URL.RawQuery
		if query == "" {
			language := 0
			if formats[f].worded {
				language = spoken(c.Request.Header["Accept-Language"], s.languages)
			}
			s.serveShown(c, f, language)
			return
		}
		if code, only := strings.CutPrefix(query, languageParameter+"="); only && formats[f].worded {
			if language := s.languageOf(code); language >= 0 {
				s.serveShown(c, f, language)
				return
			}
		}
		s.answer(c, f)
	}
}

// serveFixed answers with what does not depend on the list.
func (s *Site) serveFixed(path string) gin.HandlerFunc {
	d := s.fixed[path]
	return func(c *gin.Context) { d.serve(c.Writer, c.Request, nil) }
}

// languageOf is the place of the language with that code; -1 where there is none.
func (s *Site) languageOf(code string) int {
	return slices.IndexFunc(s.languages, func(l *Language) bool { return strings.EqualFold(l.Code, code) })
}

func (s *Site) languageCodes() []string {
	var codes []string
	for _, l := range s.languages {
		codes = append(codes, l.Code)
	}
	return codes
}

// languageFor is the language of an answer to a request that may be wrong in every part.
func (s *Site) languageFor(r *http.Request) *Language {
	if at := s.languageOf(r.URL.Query().Get(languageParameter)); at >= 0 {
		return s.languages[at]
	}
	return s.languages[spoken(r.Header["Accept-Language"], s.languages)]
}
