package api

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// The headers of a streamed report: its id comes before the first byte, the rest as trailers after the last.
const (
	reportID   = "Report-Id"
	reportRows = "Report-Rows"
	reportSum  = "Report-Sha256"
)

// stream is an answer of which nobody knows how long it gets. What it is written is counted and hashed on its way.
type stream struct {
	*bufio.Writer
	c    *gin.Context
	conn *http.ResponseController
	sum  hash.Hash
	rows int64
	gone bool // the client does not take what is sent
}

func newStream(c *gin.Context, id, media string) *stream {
	s := &stream{c: c, conn: http.NewResponseController(c.Writer), sum: sha256.New()}
	s.Writer = bufio.NewWriterSize(writerFunc(s.send), 64<<10)
	c.Header(reportID, id)
	c.Header("Content-Type", media)
	c.Header("Trailer", reportRows+", "+reportSum)
	c.Status(http.StatusOK)
	return s
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// send sends p on; a client that takes nothing for so long is gone.
func (s *stream) send(p []byte) (int, error) {
	_ = s.conn.SetWriteDeadline(time.Now().Add(batchIdle)) // not all connections have deadlines
	n, err := s.c.Writer.Write(p)
	s.sum.Write(p[:n])
	s.gone = s.gone || err != nil
	return n, err
}

// end sends what is left, calls record with how it ended, and then the trailers. Where it did not end well, the connection is cut, so that
// nobody takes a part for the whole; when nothing was sent yet, the error is answered instead.
func (s *stream) end(err error, record func(ctx context.Context, complete bool) error) error {
	started := s.c.Writer.Written() || err == nil
	if err == nil {
		err = s.Flush()
	}
	if err == nil {
		if err = s.conn.Flush(); errors.Is(err, http.ErrNotSupported) {
			err = nil
		}
		s.gone = s.gone || err != nil
	}
	if !started {
		s.rows = 0
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.c.Request.Context()), time.Minute)
	defer cancel()
	recorded := record(ctx, err == nil)
	if err == nil && recorded == nil {
		s.c.Header(reportRows, strconv.FormatInt(s.rows, 10))
		s.c.Header(reportSum, hex.EncodeToString(s.sum.Sum(nil)))
		_ = s.conn.SetWriteDeadline(time.Time{})
		return nil
	}
	err = errors.Join(err, recorded)
	if !started {
		for _, name := range []string{reportID, "Content-Type", "Content-Disposition", "Trailer"} {
			s.c.Writer.Header().Del(name)
		}
		return err
	}
	return &brokenOff{err, s.gone && recorded == nil}
}

// brokenOff is the error of an answer that had begun.
type brokenOff struct {
	error
	byClient bool
}

func (b *brokenOff) Unwrap() error { return b.error }

// cutting makes a handler cut the connection when its answer broke off; a fault is logged before.
func (a *API) cutting(h func(c *gin.Context) error) func(c *gin.Context) error {
	return func(c *gin.Context) error {
		err := h(c)
		var broken *brokenOff
		if !errors.As(err, &broken) {
			return err
		}
		if c.Request.Context().Err() == nil && !broken.byClient {
			a.Faults.Error("a report broke off", "report", c.Writer.Header().Get(reportID), "route", c.FullPath(), "error", broken.error)
		}
		panic(http.ErrAbortHandler)
	}
}
