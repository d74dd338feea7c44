package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestQuestions(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: sample(t)})
	for _, c := range []struct {
		query  string
		status int
		blamed string
		shown  int
	}{
		{"", 200, "", 40},
		{"q=&product=&as_of=", 200, "", 40},
		{"q=cloud+hosting", 200, "", 6},
		{"place=DE&kind=subprocessor", 200, "", 6},
		{"product=authentication", 200, "", 2},
		{"category=Behavioural", 200, "", 4},
		{"kind=affiliate", 200, "", 5},
		{"q=nowhere", 200, "", 0},
		{"as_of=2026-11-24", 200, "", 40},
		{"as_of=2026-11-23", 200, "", 40},
		{"as_of=2026-11-24T11:00:00%2B01:00", 200, "", 40},
		{"as_of=1900-01-01", 200, "", 40},
		{"as_of=2026-11-25", 422, "as_of", 0},
		{"as_of=2026-11-24T12:00:01Z", 422, "as_of", 0},
		{"as_of=1899-12-31", 422, "as_of", 0},
		{"as_of=1899-12-31T00:00:00Z", 422, "as_of", 0},
		{"as_of=10000-01-01", 422, "as_of", 0},
		{"as_of=2026-02-30", 422, "as_of", 0},
		{"as_of=yesterday", 422, "as_of", 0},
		{"colour=red", 422, "colour", 0},
		{"q=a&q=b", 422, "q", 0},
		{"q=%00", 422, "q", 0},
		{"q=%ff", 422, "q", 0},
		{"q=" + strings.Repeat("x", 301), 422, "q", 0},
		{"q=%zz", 422, "", 0},
	} {
		r := get(t, h, jsonPath+"?"+c.query)
		body := r.Body
		if r.StatusCode != c.status || strings.Count(body, `"place"`) == 0 && c.shown > 0 || strings.Count(body, `"service"`) != c.shown {
			t.Errorf("%q: %d with %d entries, not %d with %d: %.300s", c.query, r.StatusCode, strings.Count(body, `"service"`), c.status, c.shown, body)
		}
		if c.status == 200 {
			continue
		}
		if r.Header.Get("Content-Type") != "application/problem+json" || r.Header.Get("Cache-Control") != "no-store" || !strings.Contains(body, c.blamed) {
			t.Errorf("%q: %v %s", c.query, r.Header, body)
		}
		if csv := get(t, h, "/subprocessors.csv?"+c.query); csv.StatusCode != c.status || csv.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("CSV, %q: %d", c.query, csv.StatusCode)
		}
		if page := get(t, h, "/subprocessors?"+c.query); page.StatusCode != c.status || !strings.Contains(page.Body, "Show the current list") {
			t.Errorf("page, %q: %d", c.query, page.StatusCode)
		}
	}
}

func TestPastIsMadeOnce(t *testing.T) {
	t.Parallel()

	t.Run("at the end of the day, UTC, and kept", func(t *testing.T) {
		t.Parallel()
		r := &records{list: sample(t)}
		_, h := start(t, r)
		for range 3 {
			if got := get(t, h, jsonPath+"?as_of=2026-03-01"); got.StatusCode != 200 {
				t.Fatal(got.StatusCode)
			}
		}
		if want := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).Add(-1); len(r.builds) != 2 || !r.builds[1].Equal(want) {
			t.Errorf("built at %v", r.builds)
		}
	})

	t.Run("today is now and not kept", func(t *testing.T) {
		t.Parallel()
		r := &records{list: sample(t)}
		_, h := start(t, r)
		for range 2 {
			get(t, h, jsonPath+"?as_of=2026-11-24")
		}
		if len(r.builds) != 3 || !r.builds[2].Equal(noon) {
			t.Errorf("built at %v", r.builds)
		}
	})

	t.Run("a crowd makes few, and those who would wait too long are told to come back", func(t *testing.T) {
		t.Parallel()
		r := &records{list: sample(t)}
		_, h := start(t, r)
		get(t, h, jsonPath)
		gate := make(chan struct{})
		r.change(func() { r.wait = gate })
		var crowd sync.WaitGroup
		answers := make(chan int, 20)
		for i := range 20 {
			day := "2026-03-0" + string(rune('1'+i%5))
			crowd.Go(func() { answers <- get(t, h, jsonPath+"?as_of="+day).StatusCode })
		}
		var busy int
		for range 12 { // three of the five days find no room
			if <-answers == http.StatusServiceUnavailable {
				busy++
			}
		}
		close(gate)
		crowd.Wait()
		if busy != 12 || len(r.builds) != 3 {
			t.Errorf("%d were turned away, %d lists were made", busy, len(r.builds))
		}
	})
}

func TestLinksOfAQuestion(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: sample(t)})
	r := get(t, h, "/subprocessors?kind=affiliate&as_of=2026-03-01")
	query := url.Values{"kind": {"affiliate"}, "as_of": {"2026-03-01"}}.Encode()
	if link := r.Header.Get("Link"); !strings.Contains(link, "</subprocessors.json?"+query+`>; rel="alternate"`) {
		t.Error(link)
	}
	if r.Header.Get("Cache-Control") != "public, max-age=30" {
		t.Error(r.Header.Get("Cache-Control"))
	}
	csv := get(t, h, "/subprocessors.csv?"+query)
	if name := csv.Header.Get("Content-Disposition"); name != `attachment; filename="subprocessors-2026-03-01.csv"` {
		t.Error(name)
	}
	if again := get(t, h, "/subprocessors?"+query, "If-None-Match: "+r.Header.Get("Etag")); again.StatusCode != http.StatusNotModified {
		t.Error(again.StatusCode)
	}
}
