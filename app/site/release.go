package site

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"onward/registry"
)

// What is kept for how long: bytes that never change, and pages whose frame may.
const (
	forGood = "public, max-age=31536000, immutable"
	forNow  = "public, max-age=3600"
)

// serveRelease answers with a release: /subprocessors/releases/7 as the page that the list had, /subprocessors/releases/7.json as the very bytes whose
// SHA-256 names it.
func (s *Site) serveRelease(c *gin.Context) {
	text, asJSON := strings.CutSuffix(c.Param("n"), ".json")
	f := page
	if asJSON {
		f = jsonText
	}
	number, ok := releaseNumber(text)
	if !ok {
		s.refuse(c, f, registry.Refuse(registry.NotFound, "There is no such release."))
		return
	}
	d, err := s.releaseDocument(c.Request, f, number)
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	d.serve(c.Writer, c.Request, nil)
}

func (s *Site) releaseDocument(r *http.Request, f format, number int64) (*document, error) {
	var names []string
	if f == page {
		names = []string{languageParameter}
	}
	asked, err := s.readOnly(r, names, s.options.Now())
	if err != nil {
		return nil, err
	}
	released, err := s.release(r.Context(), number)
	if err != nil {
		return nil, err
	}
	if f == jsonText {
		d := newNamed(released.SHA256.String(), formats[f].mediaType, released.Text, gzipFast)
		d.head("Cache-Control", forGood)
		d.modified(released.ReleasedAt)
		d.names(released.Mark())
		return d, nil
	}
	list := released.List()
	list.Company = s.options.Company
	language := asked.language
	asked = questionOf(number)
	v := view{list: list, whole: list, asked: asked, language: s.languages[language]}
	text, err := s.body(page, v)
	if err != nil {
		return nil, err
	}
	d := newDocument(htmlType, text, gzipFast)
	d.head("Cache-Control", forNow)
	s.decorate(d, page, v)
	return d, nil
}
