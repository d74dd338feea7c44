package site

import (
	"bytes"
	"context"
	"net"
	"net/http"
)

// net/http writes a long answer in two pieces, the first of which is what fills its buffer of four kilobytes together with the headers, and
// it sorts, checks and writes the headers of each answer anew. For a list from memory that is most of what can be saved: with Whole and
// WithConnection both pieces leave in one system call, and headers that never change are put in as they were prepared.

// connection can hold one piece back until the next.
type connection struct {
	net.Conn
	// holding is set only while the one handler of this connection writes.
	holding bool
	held    []byte
	// head are header lines of the answer whose first bytes come next.
	head []byte
}

// Write writes p after what is held back, or holds p back. The prepared header lines go behind the first line of the answer.
func (c *connection) Write(p []byte) (int, error) {
	switch {
	case len(c.held) == 0 && (c.holding || c.head != nil):
		first := 0
		if c.head != nil {
			first = bytes.IndexByte(p, '\n') + 1
		}
		c.held = append(append(append(c.held, p[:first]...), c.head...), p[first:]...)
		c.head = nil
		if !c.holding {
			return len(p), c.flush()
		}
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
		_ = c.flush() // a client that went away is no fault
	}
}

func (c *connection) flush() error {
	held := c.held
	c.held = c.held[:0]
	_, err := c.Conn.Write(held)
	return err
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

// connectionOf is the connection of Whole that a request came over; nil where it came over another. HTTP/2, which has frames of its own, is
// never on a connection of Whole.
func connectionOf(r *http.Request) *connection {
	c, _ := r.Context().Value(connectionKey{}).(*connection)
	return c
}

// longest is the size in bytes from which on an answer is faster in two pieces: the client takes the first while the second is on its way.
const longest = 128 << 10

// writeWhole writes an answer's body in one piece with its headers, where the connection can.
func writeWhole(w http.ResponseWriter, c *connection, body []byte) error {
	if c != nil && len(body) < longest {
		c.holding = true
		defer c.release()
	}
	_, err := w.Write(body)
	return err
}
