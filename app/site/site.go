// Package site is the public list over HTTP: as a page, as JSON and as CSV. The current list is rendered once for each change and served
// from memory; it stays up, and says that it is old, while the database is away.
package site

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/registry/publishing"
)

// Options is what the site needs to know.
type Options struct {
	// Build makes the list as it stood at t: publishing.Build on a database.
	Build func(ctx context.Context, t time.Time) (publishing.List, error)
	// Epoch moves with every change that may be on the list: the epoch of the log's head.
	Epoch func(ctx context.Context) (int64, error)
	// Company is whose list it is; empty when it is not to be named.
	Company string
	// Contact is an e-mail address or web address for questions; may be empty.
	Contact string
	Now     func() time.Time
	Logger  *slog.Logger
}

// Site serves the public list.
type Site struct {
	options  Options
	problems *problem.Writer
	past     *archive
	schema   *document

	shown   atomic.Pointer[snapshot] // nil until a list could be built
	changes atomic.Int64             // counts calls of Changed
	renewal sync.Mutex               // held while shown is replaced
	failing bool                     // the last renewal failed; guarded by renewal
	fresh   chan struct{}            // told when shown has representations that may be compressed better
}

// New makes a site. It shows nothing until the first request or Run.
func New(o Options) *Site {
	return &Site{
		options: o, problems: problem.NewWriter(o.Logger), past: newArchive(o.Build), schema: newSchema(), fresh: make(chan struct{}, 1),
	}
}

// Mount adds the site's paths to r: /, /subprocessors, /subprocessors.json, /subprocessors.csv and /subprocessors/schema.json.
func (s *Site) Mount(r *gin.Engine) {
	home := func(c *gin.Context) { c.Redirect(http.StatusFound, "/subprocessors") }
	r.GET("/", home)
	r.HEAD("/", home)
	for f := range formats {
		s.mount(r, formats[f].path, s.serveList(format(f)))
	}
	s.mount(r, schemaPath, s.serveSchema)
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
		if c.Request.URL.RawQuery != "" {
			s.answer(c, f)
			return
		}
		shown, err := s.current(c.Request.Context())
		if err != nil {
			s.refuse(c, f, err)
			return
		}
		shown.documents[f].serve(c.Writer, c.Request, shown.stale)
	}
}

func (s *Site) serveSchema(c *gin.Context) { s.schema.serve(c.Writer, c.Request, nil) }
