package site

import (
	"context"
	"net"
	"net/http"
)

// net/http writes a long answer in two pieces, the first of which is what fills its buffer of four kilobytes together with the headers.
// For a list from memory that is half of what can be saved: with Whole and WithConnection both pieces leave in one system call.

// connection can hold one piece back until the next.
type connection struct {
	net.Conn
	// holding is set only while the one handler of this connection writes.
	holding bool
	held    []byte
}

// Write writes p after what is held back, or holds p back.
func (c *connection) Write(p []byte) (int, error) {
	switch {
	case c.holding && len(c.held) == 0:
		c.held = append(c.held, p...)
		return len(p), nil
	case len(c.held) > 0:
		pieces := net.Buffers{c.held, p}
		c.held = c.held[:0]
		_, err := pieces.WriteTo(c.Conn)
		if err != nil {
			return 0, err
		}
		return len(p), nil
	default:
		return c.Conn.Write(p)
	}
}

// release writes what is still held back, and holds nothing more.
func (c *connection) release() {
	c.holding = false
	if len(c.held) > 0 {
		held := c.held
		c.held = c.held[:0]
		_, _ = c.Conn.Write(held) // a client that went away is no fault
	}
}

// CloseWrite ends the writing half, where the connection has halves: net/http asks for it, so that a client gets an answer that was
// given before its request was read.
func (c *connection) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Whole is l whose connections can write a long answer in one piece. A server uses it together with WithConnection.
func Whole(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept waits for the next connection.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c}, nil
}

type connectionKey struct{}

// WithConnection is the ConnContext of a server: it lets the list's answers know a connection of Whole.
func WithConnection(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*connection); ok {
		return context.WithValue(ctx, connectionKey{}, c)
	}
	return ctx
}

// writeWhole writes an answer's body in one piece with its headers, where the connection can. HTTP/2, which has frames of its own, is
// never on a connection of Whole.
func writeWhole(w http.ResponseWriter, r *http.Request, body []byte) error {
	c, ok := r.Context().Value(connectionKey{}).(*connection)
	if ok {
		c.holding = true
		defer c.release()
	}
	_, err := w.Write(body)
	return err
}
