package site

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"onward/registry/publishing"
)

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
	v, stale := view{whole: shown.list, history: shown.history, asked: asked, language: s.languages[asked.language]}, shown.stale
	if asked.past() {
		stale = nil
		if v.whole, err = s.pastList(c.Request.Context(), asked, now); err != nil {
			s.refuse(c, f, err)
			return
		}
	}
	if asked.before > 0 {
		newest := shown.list.Release
		past, err := s.earlier(c.Request.Context(), now, asked.before, newest != nil && asked.before <= newest.Number)
		if err != nil {
			s.refuse(c, f, err)
			return
		}
		v.history = newHistory(past, now)
	}
	v.list = v.whole.Narrow(asked.filter)
	d, err := s.document(f, v)
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	d.serve(c.Writer, c.Request, stale)
}

// pastList is the list of another day, or of a release.
func (s *Site) pastList(ctx context.Context, asked question, now time.Time) (list publishing.List, err error) {
	if asked.release > 0 {
		released, err := s.release(ctx, asked.release)
		if err != nil {
			return list, err
		}
		list = released.List()
	} else if list, err = s.listAt(ctx, asked.asOf, now); err != nil {
		return list, err
	}
	list.Company = s.options.Company
	return list, nil
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
	if v.list.Filter == nil && !formats[f].history {
		d.modified(v.list.Updated)
	}
	return d, nil
}
