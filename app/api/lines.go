package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"onward/registry"
)

// lines reads a text line by line and remembers how many it read.
type lines struct {
	r      *bufio.Reader
	limit  int
	number int64
}

func newLines(r io.Reader, limit int) *lines {
	return &lines{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

// next is a copy of the next line that is not blank, without its end, and its number from 1; nil at the end. A line over the limit is
// skipped whole and refused (*http.MaxBytesError): the one after can be read. Every other error is a refusal of the rest.
func (l *lines) next() ([]byte, int64, error) {
	for {
		line, err := l.line()
		if err != nil {
			return nil, l.number, err
		}
		if line == nil {
			return nil, l.number, nil
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, l.number, nil
		}
	}
}

// line is a copy of the next line with its end; nil when there is none.
func (l *lines) line() ([]byte, error) {
	line, size := []byte{}, 0
	for {
		part, err := l.r.ReadSlice('\n')
		size += len(part)
		if size <= l.limit+1 {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && size == 0:
			return nil, nil
		case err != nil && !errors.Is(err, io.EOF):
			l.number++
			return nil, registry.Refuse(registry.Malformed, "The body breaks off here.")
		}
		l.number++
		if size > l.limit+1 || size > l.limit && err != nil {
			return nil, &http.MaxBytesError{Limit: int64(l.limit)}
		}
		return line, nil
	}
}

// patient is a body that may arrive as slowly as it likes, as long as something arrives.
type patient struct {
	io.Reader
	conn *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.conn.SetReadDeadline(time.Now().Add(batchIdle)) // not all connections have deadlines
	return p.Reader.Read(b)
}
