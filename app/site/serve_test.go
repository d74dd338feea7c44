package site_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
)

const (
	jsonPath = "/subprocessors.json"
	browsers = "gzip, deflate, br, zstd"
)

func TestCodings(t *testing.T) {
	t.Parallel()
	s, h := start(t, &records{list: sample(t)})
	plain := get(t, h, jsonPath).Body
	for _, c := range []struct{ rule, accept, before, after string }{
		{"nothing said: plain", "", "", ""},
		{"a browser: Brotli as soon as there is some, gzip until then", browsers, "gzip", "br"},
		{"gzip alone", "gzip", "gzip", "gzip"},
		{"the greater weight wins", "br;q=0.3, gzip;q=0.8", "gzip", "gzip"},
		{"what is refused is not sent", "gzip;q=0, br;q=0", "", ""},
		{"plain preferred", "identity, gzip;q=0.5", "", ""},
		{"anything", "*", "gzip", "br"},
		{"anything but", "*;q=0.5, br;q=0, gzip;q=0", "", ""},
		{"nothing that we have: plain", "zstd", "", ""},
		{"capital letters and blanks", " GZIP ; q=1.0 ", "gzip", "gzip"},
	} {
		check := func(want string) {
			t.Helper()
			r := get(t, h, jsonPath, "Accept-Encoding: "+c.accept)
			if got := r.Header.Get("Content-Encoding"); got != want {
				t.Errorf("%s: %q, not %q", c.rule, got, want)
			}
			body := r.Body
			if strconv.Itoa(len(body)) != r.Header.Get("Content-Length") {
				t.Errorf("%s: another length", c.rule)
			}
			if decoded(t, want, body) != plain {
				t.Errorf("%s: another text", c.rule)
			}
		}
		check(c.before)
		defer check(c.after)
	}
	s.Squeeze()
}

func decoded(t *testing.T, coding, body string) string {
	t.Helper()
	var r io.Reader = strings.NewReader(body)
	switch coding {
	case "gzip":
		zipped, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = zipped
	case "br":
		r = brotli.NewReader(r)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s, h := start(t, &records{list: sample(t)})
	get(t, h, jsonPath)
	s.Squeeze()
	for path, media := range map[string]string{
		"/subprocessors":               "text/html; charset=utf-8",
		"/subprocessors.json":          "application/json",
		"/subprocessors.csv":           "text/csv; charset=utf-8; header=present",
		"/subprocessors.jsonld":        "application/ld+json",
		"/subprocessors/fragment":      "text/html; charset=utf-8",
		"/subprocessors/annex-iii":     "text/html; charset=utf-8",
		"/subprocessors/annex-iii.pdf": "application/pdf",
	} {
		r := get(t, h, path)
		worded := !strings.Contains(path, ".") || strings.HasSuffix(path, ".pdf")
		vary, language := "Accept-Encoding", ""
		if worded {
			vary, language = "Accept-Encoding, Accept-Language", "en"
		}
		for name, want := range map[string]string{
			"Content-Type": media, "Cache-Control": "public, max-age=60, stale-while-revalidate=600", "Vary": vary, "Content-Language": language,
			"Last-Modified": "Fri, 20 Nov 2026 09:15:00 GMT", "Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff",
			"Access-Control-Expose-Headers": "ETag, Last-Modified, Link, Onward-Stale, Onward-Release, Onward-Release-Sha256", "Onward-Stale": "", "Set-Cookie": "",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, not %q", path, name, got, want)
			}
		}
		for _, other := range []string{"/subprocessors.json", "/subprocessors.csv", "/subprocessors.jsonld"} {
			if linked := strings.Contains(r.Header.Get("Link"), "<"+other+`>; rel="alternate"`); linked != (other != path) {
				t.Errorf("%s: Link is %q", path, r.Header.Get("Link"))
			}
		}
		tags := map[string]bool{}
		for _, accept := range []string{"", "gzip", "br"} {
			tags[get(t, h, path, "Accept-Encoding: "+accept).Header.Get("Etag")] = true
		}
		if want := map[bool]int{true: 1, false: 3}[strings.HasSuffix(path, ".pdf")]; len(tags) != want {
			t.Errorf("%s: %d ETags for three codings, not %d", path, len(tags), want)
		}
		if again := get(t, h, path, "If-None-Match: "+r.Header.Get("Etag")); again.StatusCode != 304 || again.Header.Get("Vary") != vary {
			t.Errorf("%s: known, and %d %v", path, again.StatusCode, again.Header)
		}
	}
	if link := get(t, h, jsonPath).Header.Get("Link"); !strings.Contains(link, `</subprocessors/schema.json>; rel="describedby"`) {
		t.Errorf("no schema: %s", link)
	}
	if policy := get(t, h, "/subprocessors").Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
		t.Error(policy)
	}
	if name := get(t, h, "/subprocessors.csv").Header.Get("Content-Disposition"); name != `attachment; filename="subprocessors.csv"` {
		t.Error(name)
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	s, h := start(t, &records{list: sample(t)})
	zipped := get(t, h, jsonPath, "Accept-Encoding: gzip").Header.Get("Etag")
	plain := get(t, h, jsonPath).Header.Get("Etag")
	s.Squeeze()
	for _, c := range []struct {
		rule    string
		headers []string
		status  int
	}{
		{"its own tag", []string{"If-None-Match: " + plain}, 304},
		{"a weak one", []string{"If-None-Match: W/" + plain}, 304},
		{"one of several", []string{`If-None-Match: "a", W/"b,c" , ` + plain}, 304},
		{"in another line", []string{`If-None-Match: "a"`, "If-None-Match: " + plain}, 304},
		{"an asterisk", []string{"If-None-Match: *"}, 304},
		{"another tag", []string{`If-None-Match: "a"`}, 200},
		{"a tag without quotes", []string{"If-None-Match: " + strings.Trim(plain, `"`)}, 200},
		{"the tag of another coding", []string{"If-None-Match: " + zipped}, 200},
		{"the tag of the coding that is asked for", []string{"If-None-Match: " + zipped, "Accept-Encoding: gzip"}, 304},
		{"the very second", []string{"If-Modified-Since: Fri, 20 Nov 2026 09:15:00 GMT"}, 304},
		{"later", []string{"If-Modified-Since: Sat, 21 Nov 2026 09:15:00 GMT"}, 304},
		{"earlier", []string{"If-Modified-Since: Fri, 20 Nov 2026 09:14:59 GMT"}, 200},
		{"no date", []string{"If-Modified-Since: yesterday"}, 200},
		{"the tag decides, not the date", []string{`If-None-Match: "a"`, "If-Modified-Since: Sat, 21 Nov 2026 09:15:00 GMT"}, 200},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := ask(t, h, method, jsonPath, c.headers...)
			body := r.Body
			if r.StatusCode != c.status {
				t.Errorf("%s: %d, not %d", c.rule, r.StatusCode, c.status)
			}
			if (body != "") != (c.status == 200 && method == http.MethodGet) {
				t.Errorf("%s: %s has a body of %d", c.rule, method, len(body))
			}
			for _, name := range []string{"Etag", "Cache-Control", "Vary", "Access-Control-Allow-Origin"} {
				if r.Header.Get(name) == "" {
					t.Errorf("%s: %d without %s", c.rule, r.StatusCode, name)
				}
			}
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: sample(t)})
	for _, path := range []string{
		"/subprocessors", "/subprocessors.json", "/subprocessors.csv", "/subprocessors.jsonld", "/subprocessors/fragment", "/subprocessors/annex-iii",
		"/subprocessors/annex-iii.pdf", "/subprocessors/schema.json", "/robots.txt", "/favicon.svg",
	} {
		head, whole := ask(t, h, http.MethodHead, path), get(t, h, path)
		if head.StatusCode != 200 || head.Header.Get("Content-Length") != whole.Header.Get("Content-Length") || head.Body != "" {
			t.Errorf("HEAD %s: %d %v", path, head.StatusCode, head.Header)
		}
		r := ask(t, h, http.MethodOptions, path, "Origin: https://customer.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: if-none-match")
		if r.StatusCode != 204 || r.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(r.Header.Get("Access-Control-Allow-Headers"), "If-None-Match") {
			t.Errorf("OPTIONS %s: %d %v", path, r.StatusCode, r.Header)
		}
	}
	if r := get(t, h, "/"); r.StatusCode != 302 || r.Header.Get("Location") != "/subprocessors" {
		t.Errorf("/ leads to %q with %d", r.Header.Get("Location"), r.StatusCode)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()

	t.Run("a change that is told is in the next answer", func(t *testing.T) {
		t.Parallel()
		r := &records{list: sample(t)}
		s, h := start(t, r)
		before := get(t, h, jsonPath)
		r.change(func() { r.epoch++; r.list.Entries = r.list.Entries[:1]; r.list.Updated = noon })
		s.Changed()
		after := get(t, h, jsonPath, "If-None-Match: "+before.Header.Get("Etag"))
		if after.StatusCode != 200 || strings.Count(after.Body, `"id"`) != 1 || after.Header.Get("Last-Modified") != noon.Format(http.TimeFormat) {
			t.Errorf("%d %v", after.StatusCode, after.Header)
		}
	})

	t.Run("another instance's change is seen within a second", func(t *testing.T) {
		t.Parallel()
		r := &records{list: sample(t)}
		s, h := start(t, r)
		go s.Run(t.Context())
		before := get(t, h, jsonPath).Header.Get("Etag")
		r.change(func() { r.epoch++; r.list.Entries = nil })
		for end := time.Now().Add(time.Second); get(t, h, jsonPath).Header.Get("Etag") == before; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end.Add(4 * time.Second)) { // far more, for a busy machine
				t.Fatal("it was not seen")
			}
		}
	})

	t.Run("a change that nobody sees keeps the ETag and is not built twice", func(t *testing.T) {
		t.Parallel()
		r := &records{list: sample(t)}
		s, h := start(t, r)
		before := get(t, h, jsonPath).Header.Get("Etag")
		r.change(func() { r.epoch++ })
		s.Changed()
		for range 3 {
			if after := get(t, h, jsonPath).Header.Get("Etag"); after != before {
				t.Errorf("%s is now %s", before, after)
			}
			s.Changed()
		}
		if len(r.builds) != 2 {
			t.Errorf("built %d times", len(r.builds))
		}
	})

	t.Run("the list is made again at its next turn and with each day", func(t *testing.T) {
		t.Parallel()
		r := &records{list: sample(t)}
		r.list.Next = noon.Add(time.Hour)
		_, h := start(t, r)
		for _, at := range []time.Time{noon, noon.Add(time.Hour - 1), noon.Add(time.Hour), noon.Add(12*time.Hour - 1), noon.Add(12 * time.Hour)} {
			r.change(func() { r.now = at })
			get(t, h, jsonPath)
		}
		if len(r.builds) != 3 || !r.builds[1].Equal(noon.Add(time.Hour)) || !r.builds[2].Equal(noon.Add(12*time.Hour)) {
			t.Errorf("built at %v", r.builds)
		}
	})

	t.Run("two changes within a second are told apart by date too", func(t *testing.T) {
		t.Parallel()
		r := &records{list: sample(t)}
		s, h := start(t, r)
		since := get(t, h, jsonPath).Header.Get("Last-Modified")
		r.change(func() { r.epoch++; r.list.Entries = nil; r.list.Updated = r.list.Updated.Add(time.Millisecond) })
		s.Changed()
		if again := get(t, h, jsonPath, "If-Modified-Since: "+since); again.StatusCode != 200 {
			t.Error("the second change is hidden by the first")
		}
	})
}

func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	r := &records{list: sample(t), away: io.ErrUnexpectedEOF}
	s, h := start(t, r)
	first := get(t, h, jsonPath)
	if first.StatusCode != 500 && first.StatusCode != 503 || first.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("with no list: %d %v", first.StatusCode, first.Header)
	}
	if first.StatusCode == 503 && first.Header.Get("Retry-After") == "" {
		t.Error("nothing says when to try again")
	}
	r.change(func() { r.away = nil })
	tag := get(t, h, jsonPath).Header.Get("Etag")

	modified := get(t, h, jsonPath).Header.Get("Last-Modified")

	// A database that is back in a moment is no news to readers.
	r.change(func() { r.away = io.ErrUnexpectedEOF; r.now = noon.Add(9 * time.Second) })
	s.Renew(t.Context())
	old := get(t, h, jsonPath)
	if old.StatusCode != 200 || old.Header.Get("Etag") != tag || old.Header.Get("Onward-Stale") != "since=2026-11-24T12:00:00Z" ||
		old.Header.Get("Cache-Control") != "public, max-age=10" {
		t.Errorf("while it is away: %d %v", old.StatusCode, old.Header)
	}
	if same := get(t, h, jsonPath, "If-None-Match: "+tag); same.StatusCode != 304 || same.Header.Get("Onward-Stale") == "" {
		t.Errorf("while it is away: %d %v", same.StatusCode, same.Header)
	}

	r.change(func() { r.now = noon.Add(time.Minute) })
	s.Renew(t.Context())
	aged := get(t, h, jsonPath, "If-None-Match: "+tag)
	if aged.StatusCode != 200 || !strings.Contains(aged.Body, `"stale_since": "2026-11-24T12:00:00Z"`) {
		t.Errorf("to who has what says nothing: %d %v", aged.StatusCode, aged.Header)
	}
	agedTag := aged.Header.Get("Etag")
	r.change(func() { r.now = noon.Add(time.Hour) })
	s.Renew(t.Context())
	if again := get(t, h, jsonPath, "If-None-Match: "+agedTag); again.StatusCode != 304 {
		t.Errorf("it says the same an hour later: %d", again.StatusCode)
	}
	if dated := get(t, h, jsonPath, "If-Modified-Since: "+modified); dated.StatusCode != 200 {
		t.Error("its date is that of a list which says nothing")
	}

	r.change(func() { r.away = nil })
	s.Renew(t.Context())
	back := get(t, h, jsonPath)
	if back.Header.Get("Onward-Stale") != "" || back.Header.Get("Etag") != tag || strings.Contains(back.Body, "stale") || back.Header.Get("Last-Modified") != modified {
		t.Errorf("it is back: %v", back.Header)
	}
	if same := get(t, h, jsonPath, "If-Modified-Since: "+modified); same.StatusCode != 304 {
		t.Error("it is as it was, and its date tells no more")
	}
}

// TestStaleInWords: while the records cannot be read for long, each format that has a place for it says so and since when, and those that have none stay
// as they are.
func TestStaleInWords(t *testing.T) {
	t.Parallel()
	r := &records{list: sample(t)}
	s, h := start(t, r)
	paths := map[string]string{
		"/subprocessors":                                "it may have changed since",
		"/subprocessors?lang=de":                        "Gezeigt wird der letzte bekannte Stand vom 24. November 2026",
		"/subprocessors?q=a":                            "it may have changed since",
		"/subprocessors/changes":                        "it may have changed since",
		"/subprocessors/releases":                       "it may have changed since",
		"/subprocessors/annex-iii?lang=de":              "Gezeigt wird der letzte bekannte Stand",
		"/subprocessors/fragment":                       `<strong class="onward-stale" role="status">`,
		"/subprocessors.json":                           `"stale_since": "2026-11-24T12:00:00Z"`,
		"/subprocessors.json?q=a":                       `"stale_since": "2026-11-24T12:00:00Z"`,
		"/subprocessors.jsonld":                         `"stale_since": "2026-11-24T12:00:00Z"`,
		"/subprocessors/annex-iii.pdf":                  "",
		"/subprocessors.csv":                            "",
		"/subprocessors.atom":                           "",
		"/subprocessors/changes.json":                   "",
		"/subprocessors/annex-iii.pdf?as_of=2026-11-23": "",
		"/subprocessors?as_of=2026-11-23":               "",
	}
	before := map[string]answer{}
	for path, words := range paths {
		before[path] = get(t, h, path)
		if words != "" && strings.Contains(before[path].Body, words) {
			t.Errorf("%s says that it is old", path)
		}
	}
	r.change(func() { r.away = io.ErrUnexpectedEOF; r.now = noon.Add(time.Minute) })
	s.Renew(t.Context())
	r.change(func() { r.away = nil })
	for path, words := range paths {
		after := get(t, h, path)
		past := strings.Contains(path, "as_of")
		switch {
		case (after.Header.Get("Onward-Stale") != "") == past:
			t.Errorf("%s has the header %q", path, after.Header.Get("Onward-Stale"))
		case words != "" && strings.Count(after.Body, words) != 1:
			t.Errorf("%s has %d times %q", path, strings.Count(after.Body, words), words)
		case path == "/subprocessors/annex-iii.pdf" && after.Body == before[path].Body:
			t.Error("the PDF says nothing")
		case words == "" && path != "/subprocessors/annex-iii.pdf" && after.Header.Get("Etag") != before[path].Header.Get("Etag"):
			t.Errorf("%s is other bytes", path)
		case strings.HasPrefix(after.Header.Get("Content-Type"), "text/html") && words != "" && !strings.Contains(after.Body, `role="status"`):
			t.Errorf("%s says it to eyes alone", path)
		}
	}
}
