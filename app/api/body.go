package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/registry"
)

// bodyLimit is the size in bytes of the largest JSON body: 1 MiB.
const bodyLimit = 1 << 20

const (
	jsonType  = "application/json"
	patchType = "application/merge-patch+json"
	linesType = "application/x-ndjson"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// borrow is an empty buffer, until it is given back.
func borrow() *bytes.Buffer { return buffers.Get().(*bytes.Buffer) }

// giveBack keeps a buffer for others, unless it has grown large.
func giveBack(buffer *bytes.Buffer) {
	if buffer.Cap() <= 64<<10 {
		buffer.Reset()
		buffers.Put(buffer)
	}
}

// decode reads a JSON body strictly into the zero value that into points to.
func decode(c *gin.Context, into any) error {
	return withBody(c, []string{jsonType}, func(body []byte) error { return registry.Decode(body, into) })
}

// withBody calls read with the body, whose bytes are lent until it returns. It refuses a body of none of the types (UnsupportedType) and
// one over bodyLimit (TooLarge).
func withBody(c *gin.Context, types []string, read func([]byte) error) error {
	if err := checkType(c, types...); err != nil {
		return err
	}
	buffer := borrow()
	defer giveBack(buffer)
	if err := readBody(c, bodyLimit, buffer); err != nil {
		return err
	}
	return read(buffer.Bytes())
}

// patchOf is a copy of the merge patch in the body. It refuses what is no JSON object (Malformed).
func patchOf(c *gin.Context) ([]byte, error) {
	var patch []byte
	err := withBody(c, []string{patchType, jsonType}, func(body []byte) error {
		patch = bytes.Clone(body)
		var members map[string]json.RawMessage
		return registry.Decode(body, &members)
	})
	return patch, err
}

// checkType refuses a body of another type (UnsupportedType), in another encoding than UTF-8, or compressed.
func checkType(c *gin.Context, types ...string) error {
	given := c.GetHeader("Content-Type")
	if slices.Contains(types, given) { // as nearly everybody writes it
		return checkEncoding(c)
	}
	media, parameters, err := mime.ParseMediaType(given)
	if err != nil || !slices.Contains(types, media) {
		if c.Request.Method == http.MethodPatch {
			c.Header("Accept-Patch", patchType+", "+jsonType)
		}
		return problem.Refuse(problem.UnsupportedType, "Send Content-Type: %s.", strings.Join(types, " or "))
	}
	if charset, said := parameters["charset"]; said && !strings.EqualFold(charset, "utf-8") {
		return problem.Refuse(problem.UnsupportedType, "Send UTF-8.")
	}
	return checkEncoding(c)
}

// checkEncoding refuses a compressed body (UnsupportedType).
func checkEncoding(c *gin.Context) error {
	if e := c.GetHeader("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return problem.Refuse(problem.UnsupportedType, "Send the body without Content-Encoding.")
	}
	return nil
}

// slowest is how slowly a body may arrive at least: in bytes a second, after half a minute.
const slowest = 64 << 10

// readBody reads the body into buffer. It refuses one over limit (TooLarge), and one that does not arrive in time (Malformed): nobody holds
// a connection by sending nothing.
func readBody(c *gin.Context, limit int64, buffer *bytes.Buffer) error {
	conn := http.NewResponseController(c.Writer)
	patience := 30*time.Second + time.Duration(limit/slowest)*time.Second
	_ = conn.SetReadDeadline(time.Now().Add(patience)) // not all connections have deadlines
	body := c.Request.Body
	if length := c.Request.ContentLength; length < 0 || length > limit {
		body = http.MaxBytesReader(c.Writer, body, limit)
	}
	_, err := buffer.ReadFrom(body)
	_ = conn.SetReadDeadline(time.Time{})
	if err != nil {
		return unread(err)
	}
	return nil
}

// unread is the refusal of a body that did not arrive.
func unread(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return registry.Refuse(registry.Malformed, "The body ends too early.")
	default:
		return fmt.Errorf("read the body: %w", registry.Refuse(registry.Malformed, "The body cannot be read."))
	}
}
