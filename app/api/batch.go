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
	// batchFlight is how many lines of one batch are decided at a time.
	batchFlight = 256
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

// batch is one request of many shares. A reader starts to decide each line; the writer answers in the order of the lines.
type batch struct {
	*API
	c    *gin.Context
	by   audit.Actor
	conn *http.ResponseController
	// answers has a place for each line in flight; its room bounds their number.
	answers chan chan []byte
	// turns orders lines under one key: the first of them is the one that is recorded.
	turns turns
}

func (a *API) shareBatch(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	if err := checkType(c, linesType); err != nil {
		return err
	}
	b := &batch{API: a, c: c, by: login.Actor(c), conn: http.NewResponseController(c.Writer), answers: make(chan chan []byte, batchFlight)}
	if err := b.conn.EnableFullDuplex(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	problem.Instance(c) // made here: lines are decided beside each other
	c.Header("Content-Type", linesType)
	c.Status(http.StatusOK)
	ctx, cancel := context.WithCancel(c.Request.Context())
	defer cancel()
	go b.read(ctx)
	if err := b.write(); err != nil {
		cancel()
		_ = b.conn.SetReadDeadline(time.Now()) // wakes the reader
		for range b.answers {
			continue // the handler must not return before the reader
		}
	}
	return nil
}

// write answers line by line until the reader is done.
func (b *batch) write() error {
	for {
		slot, more, err := b.next()
		if err != nil || !more {
			return errors.Join(err, b.flush())
		}
		var line []byte
		select {
		case line = <-slot:
		default:
			if err := b.flush(); err != nil {
				return err
			}
			line = <-slot
		}
		if _, err := b.c.Writer.Write(line); err != nil {
			return err
		}
	}
}

// next is the next place; before it waits for one, what is written goes out.
func (b *batch) next() (slot chan []byte, more bool, err error) {
	select {
	case slot, more = <-b.answers:
		return slot, more, nil
	default:
	}
	if err := b.flush(); err != nil {
		return nil, false, err
	}
	slot, more = <-b.answers
	return slot, more, nil
}

func (b *batch) flush() error {
	_ = b.conn.SetWriteDeadline(time.Now().Add(batchIdle)) // not all connections have deadlines
	err := b.conn.Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// read starts to decide each line, until the last, or until the key is revoked, the caller is gone, or the body breaks off.
func (b *batch) read(ctx context.Context) {
	defer close(b.answers)
	authorization := b.c.GetHeader("Authorization")
	lines := newLines(&patient{b.c.Request.Body, b.conn}, bodyLimit)
	for {
		text, number, err := lines.next()
		if text == nil && err == nil {
			return
		}
		slot := make(chan []byte, 1)
		select {
		case b.answers <- slot:
		case <-ctx.Done():
			return
		}
		var long *http.MaxBytesError
		over := err != nil && !errors.As(err, &long)
		if err == nil {
			_, err = b.Keys.Authorized(ctx, b.Now(), authorization) // a key that is revoked ends the batch
			over = err != nil
		}
		var line batchLine
		if err == nil {
			err = registry.Decode(text, &line)
		}
		switch {
		case err != nil:
			slot <- b.encode(b.refused(number, line.IdempotencyKey, err))
		case b.batches.Acquire(ctx, int64(len(text))) != nil:
			slot <- nil
			return
		default:
			mine := b.turns.take(line.IdempotencyKey)
			go func() {
				defer b.batches.Release(int64(len(text)))
				defer b.turns.end(line.IdempotencyKey, mine)
				mine.wait()
				slot <- b.encode(b.decide(ctx, number, line))
			}()
		}
		if over {
			return
		}
	}
}

// decide is the answer to one line.
func (b *batch) decide(ctx context.Context, number int64, line batchLine) (a batchAnswer) {
	defer func() {
		if v := recover(); v != nil {
			a = b.refused(number, line.IdempotencyKey, problem.Panicked(v))
		}
	}()
	d, err := b.Gate.Share(ctx, b.by, b.Now(), line.IdempotencyKey, line.Request)
	if err != nil {
		return b.refused(number, line.IdempotencyKey, inLine(err))
	}
	withReasons(&d)
	a = batchAnswer{Line: number, IdempotencyKey: line.IdempotencyKey, Status: http.StatusCreated, Replayed: d.Receipt.Replayed, Decision: &d}
	if d.Verdict == sharing.Denied {
		a.Status = http.StatusForbidden
	}
	return a
}

func (b *batch) refused(number int64, key string, err error) batchAnswer {
	document, _ := b.Problems.Document(b.c, err)
	return batchAnswer{Line: number, IdempotencyKey: key, Status: document.Status, Problem: &document}
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
