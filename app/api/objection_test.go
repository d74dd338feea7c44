package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry/publishing"
)

// Links that lead nowhere are answered alike and slowly, whatever is wrong with them.
func TestLinksThatLeadNowhere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	other, err := publishing.NewLinks([]byte(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	nowhere := publishing.Link{Change: uuid.New(), Customer: uuid.New(), Delivery: uuid.New()}
	tokens := map[string]string{
		"too short":               "AAAA",
		"of another key":          other.Token(nowhere),
		"of a change that is not": s.links.Token(nowhere),
		"not base64":              "%25%25%25",
		"huge":                    strings.Repeat("A", 8000),
	}
	var mu sync.Mutex
	bodies := map[string]string{}
	var all sync.WaitGroup
	for what, token := range tokens {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			all.Go(func() {
				r := s.request(t.Context(), t, method, "/objections/"+token, "nobody", strings.NewReader("ground=No."))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				begin := time.Now()
				got := s.send(t, r, false)
				if took := time.Since(begin); took < 300*time.Millisecond {
					t.Errorf("%s %s: answered after %s", method, what, took)
				}
				if got.status != http.StatusNotFound || got.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s: %d %v", method, what, got.status, got.header)
				}
				mu.Lock()
				defer mu.Unlock()
				bodies[method+" "+what] = string(got.body)
			})
		}
	}
	all.Wait()
	for what, body := range bodies {
		if body != bodies["GET too short"] || strings.Contains(body, "/objections/") {
			t.Errorf("%s is answered otherwise:\n%s", what, body)
		}
	}
}
