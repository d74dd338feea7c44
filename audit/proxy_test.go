package audit_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"onward/migrations/pgtest"
)

// proxy stands between a log and its database, and breaks what is between them when it is told to.
type proxy struct {
	target   string
	listener net.Listener
	wg       sync.WaitGroup

	mu    sync.Mutex
	down  bool
	cut   cut
	after int    // messages of the client until the cut, for cutAtMessage
	onCut func() // called before the connection ends, for cutAtMessage
	pairs map[net.Conn]net.Conn
}

// cut is what happens to a connection, once.
type cut int

const (
	cutNot           cut = iota
	cutBeforeCommit      // the COMMIT never arrives
	cutAfterCommit       // the COMMIT was executed and its answer is lost
	cutAndLateCommit     // the client is cut off, and the COMMIT arrives a little later
	cutAtMessage         // the connection ends after some messages of the client
)

// behind returns a proxy before the database of db, and the database as it is seen through it.
func behind(tb testing.TB, db *bun.DB) (*proxy, *bun.DB) {
	tb.Helper()
	config, err := pgx.ParseConfig(pgtest.DSN(tb, db))
	if err != nil {
		tb.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "px") //nolint:usetesting // short, because a socket's path must be
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	name := ".s.PGSQL.5432"
	p := &proxy{
		target: filepath.Join(config.Host, ".s.PGSQL."+pgtest.AddressOf(tb, db).Port), pairs: make(map[net.Conn]net.Conn),
	}
	if p.listener, err = net.Listen("unix", filepath.Join(dir, name)); err != nil {
		tb.Fatal(err)
	}
	p.wg.Go(p.serve)
	config.Host, config.Port, config.Fallbacks = dir, 5432, nil
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	through := bun.NewDB(stdlib.OpenDB(*config), pgdialect.New())
	through.SetMaxIdleConns(4)
	tb.Cleanup(func() {
		_ = through.Close()
		_ = p.listener.Close()
		p.setDown(true)
		p.wg.Wait()
	})
	return p, through
}

// arm makes the next connection to which it applies break, once.
func (p *proxy) arm(c cut, after int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.after = c, after
}

// armKill makes f run when a message of the client has arrived, which is not passed on.
func (p *proxy) armKill(after int, f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.after, p.onCut = cutAtMessage, after, f
}

// dsn is the address of the proxy, for another process.
func (p *proxy) dsn(tb testing.TB, db *bun.DB) string {
	tb.Helper()
	u, err := url.Parse(pgtest.DSN(tb, db))
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	q.Set("host", filepath.Dir(p.listener.Addr().String()))
	q.Set("port", "5432")
	u.Host, u.RawQuery = "", q.Encode()
	return u.String()
}

// setDown ends all connections and refuses new ones, or accepts them again.
func (p *proxy) setDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
	if down {
		for client, server := range p.pairs {
			_ = client.Close()
			_ = server.Close()
		}
	}
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(context.Background(), "unix", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.pairs[client] = server
		down := p.down
		p.mu.Unlock()
		if down {
			_, _ = client.Close(), server.Close()
			continue
		}
		answers := make(chan int, 1) // tells the way back which of the server's answers is to be lost
		p.wg.Go(func() { p.forward(client, server, answers) })
		p.wg.Go(func() { back(client, server, answers) })
	}
}

// forward passes the client's messages on.
func (p *proxy) forward(client, server net.Conn, answers chan<- int) {
	defer func() {
		_, _ = client.Close(), server.Close()
		p.mu.Lock()
		delete(p.pairs, client)
		p.mu.Unlock()
	}()
	header := 4 // the first message has no type
	var seen commits
	for {
		message, err := readMessage(client, header)
		if err != nil {
			return
		}
		header = 5
		switch c := p.decide(seen.isCommit(message)); c {
		case cutNot:
		case cutAtMessage:
			p.mu.Lock()
			last := p.onCut
			p.mu.Unlock()
			if last != nil {
				last()
			}
			return
		case cutBeforeCommit:
			return
		case cutAfterCommit:
			answers <- seen.asked
		case cutAndLateCommit:
			rest, _ := readRest(client)
			_ = client.Close()
			time.Sleep(200 * time.Millisecond)
			message = append(message, rest...)
			_, _ = server.Write(message)
			time.Sleep(200 * time.Millisecond)
			return
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

// commits follows the messages of a client.
type commits struct {
	asked int    // how often the server is to say that it is ready, after the connection began
	moves []byte // the name of the statement that moves the head
	began bool   // a transaction was begun in words
	moved bool   // the head was moved since the last Sync
}

// isCommit tells whether a message commits: in words, or as the Sync after the head was moved in a transaction that was not begun in words.
func (c *commits) isCommit(message []byte) bool {
	text := bytes.ToLower(message)
	is := func(word string) bool { return bytes.Contains(text, []byte(word)) }
	switch message[0] {
	case 'P':
		if is("update log_head set size = case") {
			c.moves, _, _ = bytes.Cut(message[5:], []byte{0})
		}
		return is("commit\x00")
	case 'B':
		c.moved = c.moved || c.moves != nil && bytes.Contains(message, c.moves)
	case 'Q':
		c.asked++
		c.began = is("begin") || c.began && !is("commit") && !is("rollback\x00")
		return is("commit\x00")
	case 'S':
		c.asked++
		moved := c.moved
		c.moved = false
		return moved && !c.began
	}
	return false
}

// decide tells what to do with a message of the client, which may be one that commits.
func (p *proxy) decide(commits bool) cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.cut
	switch c {
	case cutNot:
		return cutNot
	case cutAtMessage:
		if p.after--; p.after >= 0 {
			return cutNot
		}
	case cutBeforeCommit, cutAfterCommit, cutAndLateCommit:
		if !commits {
			return cutNot
		}
	}
	p.cut = cutNot
	return c
}

// back passes the server's messages on, up to the answer to a COMMIT that is to be lost.
func back(client, server net.Conn, answers <-chan int) {
	defer func() { _, _ = client.Close(), server.Close() }()
	for ready, lost := -1, -1; ; {
		message, err := readMessage(server, 5)
		if err != nil {
			return
		}
		select {
		case lost = <-answers:
		default:
		}
		if lost >= 0 && (message[0] == 'C' && bytes.Contains(message, []byte("COMMIT")) || message[0] == 'Z' && ready+1 == lost) {
			return
		}
		if message[0] == 'Z' {
			ready++
		}
		if _, err := client.Write(message); err != nil {
			return
		}
	}
}

// readMessage reads one message whose length ends at header.
func readMessage(r io.Reader, header int) ([]byte, error) {
	message := make([]byte, header, 512)
	if _, err := io.ReadFull(r, message); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint32(message[header-4:])) - 4
	if length < 0 {
		return nil, errors.New("no message")
	}
	message = append(message, make([]byte, length)...)
	_, err := io.ReadFull(r, message[header:])
	return message, err
}

// readRest reads what the client has sent already.
func readRest(client net.Conn) ([]byte, error) {
	_ = client.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	return io.ReadAll(client)
}
