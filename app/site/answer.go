package site

import (
	"time"

	"github.com/gin-gonic/gin"
)

// answer makes a part of the list, or the list of another day, on demand.
func (s *Site) answer(c *gin.Context, f format) {
	now := s.options.Now()
	asked, err := read(c.Request.URL.RawQuery, now)
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	shown, err := s.current(c.Request.Context())
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	if len(asked.query) == 0 { // an empty form
		shown.documents[f].serve(c.Writer, c.Request, shown.stale)
		return
	}
	v, stale := view{whole: shown.list, asked: asked}, shown.stale
	if !asked.asOf.IsZero() {
		stale = nil
		if v.whole, err = s.past.at(c.Request.Context(), asked.asOf, now); err != nil {
			s.refuse(c, f, err)
			return
		}
		v.whole.Company = s.options.Company
	}
	v.list = v.whole.Narrow(asked.filter)
	d, err := s.document(f, v)
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	d.serve(c.Writer, c.Request, stale)
}

// document renders an answer that is not kept.
func (s *Site) document(f format, v view) (*document, error) {
	text, err := s.body(f, v)
	if err != nil {
		return nil, err
	}
	d := newDocument(formats[f].mediaType, text, gzipFast)
	d.head("Cache-Control", "public, max-age=30")
	var name []string
	if !v.asked.asOf.IsZero() {
		name = []string{v.asked.asOf.Format(time.DateOnly)}
	}
	d.decorate(f, v.asked.query, name)
	if v.list.Filter == nil {
		d.modified(v.list.Updated)
	}
	return d, nil
}
