package site

import "github.com/gin-gonic/gin"

// answer makes a part of the list, or the list of another day, on demand.
func (s *Site) answer(c *gin.Context, f format) {
	now := s.options.Now()
	asked, err := s.read(c.Request, f, now)
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	if asked.whole() {
		s.serveShown(c, f, asked.language)
		return
	}
	shown, err := s.current(c.Request.Context())
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	v, stale := view{whole: shown.list, asked: asked, language: s.languages[asked.language]}, shown.stale
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

// serveShown answers with the current list from memory.
func (s *Site) serveShown(c *gin.Context, f format, language int) {
	shown, err := s.current(c.Request.Context())
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	d, err := shown.shelf.document(f, language)
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	d.serve(c.Writer, c.Request, shown.stale)
}

// document renders an answer that is not kept.
func (s *Site) document(f format, v view) (*document, error) {
	text, err := s.body(f, v)
	if err != nil {
		return nil, err
	}
	d := newDocument(formats[f].mediaType, text, levelOf(f, gzipFast))
	d.head("Cache-Control", "public, max-age=30")
	s.decorate(d, f, v)
	if v.list.Filter == nil {
		d.modified(v.list.Updated)
	}
	return d, nil
}
