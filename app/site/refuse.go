package site

import (
	"bytes"

	"github.com/gin-gonic/gin"
)

// refuse answers with a problem: a page for readers of the page, a problem document for programs. No answer of this kind is kept by caches.
func (s *Site) refuse(c *gin.Context, f format, err error) {
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Access-Control-Allow-Origin", "*")
	if !f.isPage() {
		s.problems.Write(c, err)
		return
	}
	told, header := s.problems.Document(c, err)
	var text bytes.Buffer
	if err := s.writeProblemPage(&text, told, s.languageFor(c.Request)); err != nil {
		s.problems.Write(c, err)
		return
	}
	if header[0] != "" {
		h.Set(header[0], header[1])
	}
	h.Set("Content-Security-Policy", s.look.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	c.Data(told.Status, formats[page].mediaType, text.Bytes())
}
