package site

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/registry"
)

// problem is a refusal as RFC 9457 writes it.
type problem struct {
	Type   string           `json:"type"`
	Title  string           `json:"title"`
	Status int              `json:"status"`
	Detail string           `json:"detail"`
	Errors []registry.Field `json:"errors,omitempty"`
}

var statuses = map[registry.Kind]int{
	registry.NotFound:  http.StatusNotFound,
	registry.Malformed: http.StatusBadRequest,
	registry.Invalid:   http.StatusUnprocessableEntity,
	registry.Conflict:  http.StatusConflict,
	registry.Stale:     http.StatusPreconditionFailed,
	registry.Forbidden: http.StatusForbidden,
	registry.Denied:    http.StatusForbidden,
	registry.Busy:      http.StatusServiceUnavailable,
}

// problemOf is what is told of err: a refusal's own words, and of a fault nothing.
func problemOf(err error) problem {
	p := problem{Type: "about:blank", Status: http.StatusInternalServerError, Detail: "The list cannot be shown now. Please try again later."}
	if r := (*registry.Refusal)(nil); errors.As(err, &r) {
		p.Status, p.Detail, p.Errors = statuses[r.Kind], r.Sentence, r.Fields
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// refuse answers with a problem: a page for readers of the page, a problem document for programs.
func (s *Site) refuse(c *gin.Context, f format, err error) {
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError {
		s.options.Logger.Error("the public list failed", "path", c.Request.URL.Path, "error", err)
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Access-Control-Allow-Origin", "*")
	if p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "2")
	}
	var text bytes.Buffer
	mediaType := "application/problem+json"
	if f == page {
		mediaType = formats[page].mediaType
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		err = s.writeProblemPage(&text, p)
	} else {
		err = json.NewEncoder(&text).Encode(p)
	}
	if err != nil {
		s.options.Logger.Error("a problem could not be told", "error", err)
	}
	c.Data(p.Status, mediaType, text.Bytes())
}
