package site_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onward/app/site"
)

func TestWhole(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: longList(t)})
	for name, c := range map[string]struct {
		path, method string
		header       http.Header
		status       int
	}{
		"a list":                       {jsonPath, http.MethodGet, nil, 200},
		"a short list":                 {"/subprocessors.atom", http.MethodGet, nil, 200},
		"a page":                       {"/subprocessors?lang=de", http.MethodGet, nil, 200},
		"what is made when asked for":  {"/subprocessors.csv?q=a", http.MethodGet, nil, 200},
		"a list without its body":      {jsonPath, http.MethodHead, nil, 200},
		"a list that is known":         {jsonPath, http.MethodGet, http.Header{"If-None-Match": {get(t, h, jsonPath).Header.Get("Etag")}}, 304},
		"an address that is not there": {"/nothing", http.MethodGet, nil, 404},
	} {
		t.Run(name+" is the same over a connection that writes in one piece", func(t *testing.T) {
			t.Parallel()
			plain := over(t, h, c.path, c.method, c.header, false)
			whole := over(t, h, c.path, c.method, c.header, true)
			if !strings.Contains(plain, "\n") || c.status == 200 && !strings.Contains(plain, "Access-Control-Allow-Origin: *") {
				t.Errorf("an answer without its headers: %.200q", plain)
			}
			if diff := cmp.Diff(plain, whole); diff != "" || !strings.HasPrefix(plain, http.StatusText(c.status)) {
				t.Errorf("got %.80q, and another answer:\n%s", plain, diff)
			}
		})
	}
}

// over asks h over TCP, twice on one connection, and returns the second answer but for its date.
func over(t *testing.T, h http.Handler, path, method string, header http.Header, whole bool) (text string) {
	t.Helper()
	var listening net.ListenConfig
	tcp, err := listening.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	wrapped := tcp
	if whole {
		server.ConnContext, wrapped = site.WithConnection, site.Whole(tcp)
	}
	go func() { _ = server.Serve(wrapped) }()
	t.Cleanup(func() { _ = server.Close() })
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	t.Cleanup(client.CloseIdleConnections)
	for range 2 {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+tcp.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header.Clone()
		if r.Header == nil {
			r.Header = http.Header{}
		}
		r.Header.Set("Accept-Encoding", "identity")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		answer.Header.Del("Date")
		var head bytes.Buffer
		if err := answer.Header.Write(&head); err != nil {
			t.Fatal(err)
		}
		text = http.StatusText(answer.StatusCode) + "\n" + head.String() + string(body)
	}
	return text
}
