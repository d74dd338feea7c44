package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/registry"
)

// MediaType is the media type of a problem document.
const MediaType = "application/problem+json"

// Handler is a handler that returns its error instead of writing it.
type Handler func(*gin.Context) error

// Writer writes the problem documents of a server and logs its faults, each once, with the id of the request and never with what
// was in it.
type Writer struct{ log *slog.Logger }

// NewWriter returns a writer that logs faults to log.
func NewWriter(log *slog.Logger) *Writer { return &Writer{log: log} }

// Handle is the one adapter between handlers that return errors and Gin.
func (w *Writer) Handle(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			w.Write(c, err)
		}
	}
}

// Recover turns a panic into a fault. It stands first.
func (w *Writer) Recover(c *gin.Context) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			w.Write(c, Panicked(v))
		}
	}()
	c.Next()
}

// Panicked is the fault of a panic. Its text has the stack, and the value only when the runtime made it.
func Panicked(v any) error {
	var fault runtime.Error
	if err, ok := v.(error); ok && errors.As(err, &fault) {
		return fmt.Errorf("panic: %w\n%s", fault, debug.Stack())
	}
	return fmt.Errorf("panic with a %T\n%s", v, debug.Stack())
}

// NotFound answers a path that there is not.
func (w *Writer) NotFound(c *gin.Context) {
	w.Write(c, registry.Refuse(registry.NotFound, "There is nothing at this path."))
}

// NotAllowed answers a method that the path does not have; Gin has set Allow.
func (w *Writer) NotAllowed(c *gin.Context) {
	w.Write(c, Refuse(NotAllowed, "This path does not have that method."))
}

// Write answers with the document of err and ends the chain. A client that has gone gets and costs nothing.
func (w *Writer) Write(c *gin.Context, err error) {
	c.Abort()
	if c.Request.Context().Err() != nil && !isRefusal(err) {
		return
	}
	d, header := w.Document(c, err)
	if c.Writer.Written() {
		return
	}
	if header[0] != "" {
		c.Header(header[0], header[1])
	}
	Send(c, d.Status, d)
}

// Document is the document of err for this request, logged when it is a fault.
func (w *Writer) Document(c *gin.Context, err error) (Document, [2]string) {
	d, header, fault := Of(err)
	d.Instance = Instance(c)
	if fault != nil && c.Request.Context().Err() == nil {
		w.log.Error("fault", "request", d.Instance, "method", c.Request.Method, "route", c.FullPath(), "error", fault)
	}
	return d, header
}

// Send writes a document, or a type that embeds one.
func Send(c *gin.Context, status int, document any) {
	body, err := json.Marshal(document)
	if err != nil {
		panic(fmt.Errorf("encode a problem document: %w", err))
	}
	c.Data(status, MediaType, append(body, '\n'))
}

type instanceKey struct{}

// Instance is the id of the request as a URN, made when it is first asked for.
func Instance(c *gin.Context) string {
	if v, ok := c.Get(instanceKey{}); ok {
		return v.(string)
	}
	urn := uuid.New().URN()
	c.Set(instanceKey{}, urn)
	return urn
}

func isRefusal(err error) bool {
	_, _, fault := Of(err)
	return fault == nil
}
