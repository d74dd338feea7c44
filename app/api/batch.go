package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/problem"
	"onward/audit"
	"onward/registry"
	"onward/registry/sharing"
)

const (
	// batchFlight is how many lines of one batch are on their way into the log at a time.
	batchFlight = 512
	// batchBytes bounds the lines of all batches together that are being decided.
	batchBytes = 64 << 20
	// batchIdle ends a batch whose caller neither sends nor takes anything for so long.
	batchIdle = 2 * time.Minute
)

// batchLine is one share of a batch.
type batchLine struct {
	IdempotencyKey string `json:"idempotency_key"`
	sharing.Request
}

// batchAnswer is what is answered to one line.
type batchAnswer struct {
	Line           int64             `json:"line"`
	IdempotencyKey string            `json:"idempotency_key,omitempty"`
	Status         int               `json:"status"`
	Replayed       bool              `json:"replayed,omitempty"`
	Decision       *sharing.Decision `json:"decision,omitempty"`
	Problem        *problem.Document `json:"problem,omitempty"`
}

// batch is one request of many shares. A reader decides the lines, one after the other; a writer waits until each is in the log and
// answers, in their order.
type batch struct {
	*API
	c    *gin.Context
	by   audit.Actor
	conn *http.ResponseController
	// begun has the lines in flight; its room bounds their number.
	begun chan begunLine
}

// begunLine is a line in flight: on its way into the log, or refused.
type begunLine struct {
	number int64
	key    string
	size   int64
	share  *sharing.Begun
	err    error
}

func (a *API) shareBatch(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	if err := checkType(c, linesType); err != nil {
		return err
	}
	b := &batch{API: a, c: c, by: login.Actor(c), conn: http.NewResponseController(c.Writer), begun: make(chan begunLine, batchFlight)}
	if err := b.conn.EnableFullDuplex(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	c.Header("Content-Type", linesType)
	c.Status(http.StatusOK)
	ctx, cancel := context.WithCancel(c.Request.Context())
	defer cancel()
	go b.read(ctx)
	if err := b.write(ctx); err != nil {
		cancel()
		_ = b.conn.SetReadDeadline(time.Now()) // wakes the reader
		for line := range b.begun {            // the handler must not return before the reader
			b.batches.Release(line.size)
		}
	}
	return nil
}

// write answers line by line until the reader is done. Before it waits for a line, what is written goes out.
func (b *batch) write(ctx context.Context) error {
	for {
		line, more, err := b.next()
		if err != nil || !more {
			return errors.Join(err, b.flush())
		}
		if line.share != nil && !line.share.Done() {
			if err := b.flush(); err != nil {
				b.batches.Release(line.size)
				return err
			}
		}
		text := b.encode(b.answer(ctx, line))
		b.batches.Release(line.size)
		if _, err := b.c.Writer.Write(text); err != nil {
			return err
		}
	}
}

// next is the next line in flight; before it waits for one, what is written goes out.
func (b *batch) next() (line begunLine, more bool, err error) {
	select {
	case line, more = <-b.begun:
		return line, more, nil
	default:
	}
	if err := b.flush(); err != nil {
		return line, false, err
	}
	line, more = <-b.begun
	return line, more, nil
}

func (b *batch) flush() error {
	_ = b.conn.SetWriteDeadline(time.Now().Add(batchIdle)) // not all connections have deadlines
	err := b.conn.Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// read decides line by line, until the last, or until the key is revoked, the caller is gone, or the body breaks off.
func (b *batch) read(ctx context.Context) {
	defer close(b.begun)
	authorization := b.c.GetHeader("Authorization")
	lines := newLines(&patient{b.c.Request.Body, b.conn}, bodyLimit)
	for {
		text, number, err := lines.next()
		if text == nil && err == nil {
			return
		}
		var long *http.MaxBytesError
		over := err != nil && !errors.As(err, &long)
		if err == nil {
			_, err = b.Keys.Authorized(ctx, b.Now(), authorization) // a key that is revoked ends the batch
			over = err != nil
		}
		line := begunLine{number: number, size: int64(len(text)), err: err}
		if b.batches.Acquire(ctx, line.size) != nil {
			return
		}
		if err == nil {
			b.begin(ctx, text, &line)
		}
		select {
		case b.begun <- line:
		case <-ctx.Done():
			b.batches.Release(line.size)
			return
		}
		if over {
			return
		}
	}
}

// begin decides one line and puts it on its way into the log.
func (b *batch) begin(ctx context.Context, text []byte, line *begunLine) {
	defer func() {
		if v := recover(); v != nil {
			line.err = problem.Panicked(v)
		}
	}()
	var asked batchLine
	line.err = registry.Decode(text, &asked)
	line.key = asked.IdempotencyKey
	if line.err == nil {
		line.share, line.err = b.Gate.Begin(ctx, b.by, b.Now(), line.key, asked.Request)
	}
}

// answer waits until a line is in the log, and is what is answered to it.
func (b *batch) answer(ctx context.Context, line begunLine) (a batchAnswer) {
	defer func() {
		if v := recover(); v != nil {
			a = b.refused(line, problem.Panicked(v))
		}
	}()
	if line.err != nil {
		return b.refused(line, line.err)
	}
	d, err := line.share.Wait(ctx)
	if err != nil {
		return b.refused(line, err)
	}
	withReasons(&d)
	a = batchAnswer{Line: line.number, IdempotencyKey: line.key, Status: http.StatusCreated, Replayed: d.Receipt.Replayed, Decision: &d}
	if d.Verdict == sharing.Denied {
		a.Status = http.StatusForbidden
	}
	return a
}

func (b *batch) refused(line begunLine, err error) batchAnswer {
	document, _ := b.Problems.Document(b.c, inLine(err))
	return batchAnswer{Line: line.number, IdempotencyKey: line.key, Status: document.Status, Problem: &document}
}

// inLine names the member where a refusal names the header.
func inLine(err error) error {
	var refusal *registry.Refusal
	if errors.As(err, &refusal) {
		for i := range refusal.Fields {
			if refusal.Fields[i].Pointer == "Idempotency-Key" {
				refusal.Fields[i].Pointer = "/idempotency_key"
			}
		}
	}
	return err
}

func (b *batch) encode(a batchAnswer) []byte {
	var line bytes.Buffer
	if err := encode(&line, a); err != nil {
		b.Faults.Error("encode an answer", "error", err)
	}
	return line.Bytes()
}
