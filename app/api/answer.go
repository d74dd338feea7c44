package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/registry"
	"onward/registry/sharing"
)

// answer writes v as JSON.
func answer(c *gin.Context, status int, v any) error {
	buffer := borrow()
	defer giveBack(buffer)
	if err := encode(buffer, v); err != nil {
		return err
	}
	send(c, status, buffer.Bytes())
	return nil
}

// answerDecision writes a decision as answer does.
func answerDecision(c *gin.Context, status int, d *sharing.Decision) error {
	buffer := borrow()
	defer giveBack(buffer)
	buffer.Grow(1 << 10)
	buffer.Write(append(sharing.AppendDecision(buffer.AvailableBuffer(), d), '\n'))
	send(c, status, buffer.Bytes())
	return nil
}

var jsonHeader = []string{jsonType}

// send writes a body that is JSON. It sets the header as it is kept: many answers share the list.
func send(c *gin.Context, status int, body []byte) {
	c.Writer.Header()["Content-Type"] = jsonHeader
	c.Writer.WriteHeader(status)
	_, _ = c.Writer.Write(body) // a client that went away is no fault
}

// encode writes v as one line of JSON.
func encode(buffer *bytes.Buffer, v any) error {
	e := json.NewEncoder(buffer)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	return nil
}

// created answers 201 with where the new record is.
func created(c *gin.Context, location, tag string, v any) error {
	c.Header("Location", location)
	if tag != "" {
		c.Header("ETag", tag)
	}
	return answer(c, http.StatusCreated, v)
}

// record answers with a record, or 304 when the caller has it.
func record(c *gin.Context, tag string, v any) error {
	if unchanged(c, tag) {
		return nil
	}
	return answer(c, http.StatusOK, v)
}

// changed answers with a record after a change.
func changed(c *gin.Context, tag string, v any) error {
	c.Header("ETag", tag)
	return answer(c, http.StatusOK, v)
}

// page answers with a page; an empty one has an empty list.
func page[T any](c *gin.Context, p registry.Page[T], err error) error {
	if err != nil {
		return parameters(err, nil)
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return answer(c, http.StatusOK, p)
}
