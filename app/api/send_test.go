package api_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request; a broken one has a body that breaks off in the middle of a chunk.
func (s *stage) send(t *testing.T, r *http.Request, broken bool) reply {
	t.Helper()
	do := s.server.Client().Do
	if broken {
		do = s.sendBroken
	}
	answer, err := do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, body}
}

func (s *stage) sendBroken(r *http.Request) (*http.Response, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.server.URL, "http://"))
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n", r.Method, r.URL.RequestURI())
	if err := r.Header.Write(&text); err != nil {
		return nil, err
	}
	fmt.Fprint(&text, "\r\n4\r\n{\"na\r\nnonsense\r\n")
	if _, err := conn.Write(text.Bytes()); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{answer.Body, conn}
	return answer, nil
}
