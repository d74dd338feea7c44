package site_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/app/site"
	"onward/registry"
	"onward/registry/publishing"
)

// chronicle is records with releases, an hour apart, the newest of which is an hour old, and what is announced.
type chronicle struct {
	*records
	releases   []publishing.Released
	announced  []publishing.Upcoming
	unreleased error
	reads      int // of releases by their number
}

func newChronicle(t *testing.T, lists ...publishing.List) *chronicle {
	t.Helper()
	c := &chronicle{records: &records{now: noon}}
	var before []publishing.Entry
	for i, list := range lists {
		text, err := list.Text()
		if err != nil {
			t.Fatal(err)
		}
		r := publishing.Released{Text: text, Entries: list.Entries, Release: publishing.Release{
			Number: int64(i + 1), ReleasedAt: noon.Add(time.Duration(i-len(lists)) * time.Hour), SHA256: sha256.Sum256(text), Lines: len(list.Entries),
			EntryID: uuid.NewSHA1(uuid.NameSpaceURL, text),
		}}
		if i > 0 {
			if r.Differences, err = publishing.Compare(before, list.Entries); err != nil {
				t.Fatal(err)
			}
		}
		before = list.Entries
		c.releases = append(c.releases, r)
	}
	return c
}

func (c *chronicle) Current(context.Context, time.Time) (publishing.List, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return publishing.List{}, c.away
	}
	list := c.releases[len(c.releases)-1].List()
	if c.unreleased != nil {
		list.Release = nil
	}
	return list, c.unreleased
}

func (c *chronicle) AsOf(_ context.Context, t time.Time) (publishing.List, error) {
	for i := len(c.releases) - 1; i >= 0; i-- {
		if r := c.releases[i]; !r.ReleasedAt.After(t) {
			list := r.List()
			list.AsOf = t
			return list, nil
		}
	}
	return publishing.List{AsOf: t, Entries: []publishing.Entry{}}, nil
}

func (c *chronicle) History(_ context.Context, _ time.Time, before int64) (h publishing.History, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.releases) - 1; i >= 0; i-- {
		if r := c.releases[i].Release; before == 0 || r.Number < before {
			h.Releases = append(h.Releases, r)
		}
	}
	if len(h.Releases) > 2 {
		h.Earlier, h.Releases = h.Releases[2].Number, h.Releases[:2]
	}
	if before == 0 {
		h.Announced = c.announced
		for _, u := range c.announced {
			if u.State == publishing.ChangeAnnounced {
				h.Upcoming = append(h.Upcoming, u)
			}
		}
	}
	return h, c.away
}

func (c *chronicle) Release(_ context.Context, number int64) (publishing.Released, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	if number > int64(len(c.releases)) {
		return publishing.Released{}, registry.Refuse(registry.NotFound, "There is no release %d.", number)
	}
	return c.releases[number-1], nil
}

func (c *chronicle) start(t *testing.T, public string) (*site.Site, http.Handler) {
	t.Helper()
	s := site.New(site.Options{
		Build: c.AsOf, Current: c.Current, History: c.History, Release: c.Release, Epoch: c.Epoch, Now: c.Now,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Company: "Meridian Software", Brand: site.Brand{PublicURL: public},
	})
	engine := gin.New()
	s.Mount(engine)
	return s, engine
}

// threeReleases begin with the sample, then an entry moves and changes what it does, then one goes and one comes.
func threeReleases(t *testing.T) *chronicle {
	t.Helper()
	first, second, third := sample(t), sample(t), sample(t)
	moved := second.Entries[0]
	moved.Service = "Something else"
	moved.Locations = []publishing.Location{{Place: "JP", Name: "Japan", Uses: []string{"storage"}}}
	moved.Purposes = []publishing.Term{{Code: "SECURITY", Label: "Secure systems and applications"}}
	second.Entries[0] = moved
	third.Entries[0] = moved
	third.Entries = append(third.Entries[:1], third.Entries[2:]...)
	third.Entries = append(third.Entries, publishing.Entry{
		ID: "11111111-1111-4111-8111-111111111111", VendorID: "22222222-2222-5222-8222-222222222222", Vendor: "Žluťoučký & Söhne <GmbH>", Kinds: []string{"subprocessor"},
		Service: "Hosting", Categories: []publishing.Term{{Code: "CONTACT", Label: "Contact data"}}, Locations: []publishing.Location{{Place: "DE", Name: "Germany"}},
	})
	c := newChronicle(t, first, second, third)
	from := c.releases[2].Entries
	differences, err := publishing.Compare(from, from[:len(from)-1])
	if err != nil {
		t.Fatal(err)
	}
	c.announced = []publishing.Upcoming{{
		ID: uuid.MustParse("55555555-5555-4555-8555-555555555555"), Kind: publishing.KindRemove, State: publishing.ChangeAnnounced, AnnouncedAt: noon.Add(-30 * time.Minute),
		EffectiveOn: *day(t, "2026-12-24"), Zone: "UTC", Staged: true, Differences: differences,
	}}
	return c
}

func day(t *testing.T, text string) *registry.Date {
	t.Helper()
	d, err := registry.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

func TestEveryAnswerNamesItsRelease(t *testing.T) {
	t.Parallel()
	c := threeReleases(t)
	_, h := c.start(t, "")
	sums := []string{"", c.releases[0].SHA256.String(), c.releases[1].SHA256.String(), c.releases[2].SHA256.String()}
	for _, query := range []struct {
		query  string
		number int
	}{{"", 3}, {"?kind=affiliate", 3}, {"?release=1", 1}, {"?release=2&q=something", 2}, {"?as_of=2026-11-24T10:30:00Z", 2}, {"?as_of=2026-11-24T09:00:00Z", 1}, {"?as_of=2026-11-23", 0}} {
		for _, path := range []string{
			"/subprocessors", "/subprocessors.json", "/subprocessors.csv", "/subprocessors.jsonld", "/subprocessors/fragment", "/subprocessors/annex-iii", "/subprocessors/annex-iii.pdf",
		} {
			r := get(t, h, path+query.query)
			number := strconv.Itoa(query.number)
			if query.number == 0 {
				number = ""
			}
			if r.StatusCode != 200 || r.Header.Get("Onward-Release") != number || r.Header.Get("Onward-Release-Sha256") != sums[query.number] {
				t.Errorf("%s%s: %d, release %q, %s", path, query.query, r.StatusCode, r.Header.Get("Onward-Release"), r.Header.Get("Onward-Release-Sha256"))
			}
			if path == "/subprocessors" && strings.Contains(r.Body, "SHA-256 <code>"+sums[query.number]+"</code>") != (query.number > 0) {
				t.Errorf("%s: its foot does not name the release", query.query)
			}
			if known := get(t, h, path+query.query, "If-None-Match: "+r.Header.Get("Etag")); known.StatusCode != 304 || known.Header.Get("Onward-Release") != number {
				t.Errorf("%s%s: %d %v", path, query.query, known.StatusCode, known.Header)
			}
		}
		var told struct{ Release *publishing.Mark }
		if err := json.Unmarshal([]byte(get(t, h, "/subprocessors.json"+query.query).Body), &told); err != nil || (told.Release != nil) != (query.number > 0) ||
			told.Release != nil && told.Release.Number != int64(query.number) {
			t.Errorf("%s: %+v %v", query.query, told.Release, err)
		}
	}
}

func TestReleaseStaysForGood(t *testing.T) {
	t.Parallel()
	c := threeReleases(t)
	_, h := c.start(t, "")
	t.Run("its JSON is the bytes that its SHA-256 is of, and is kept for ever", func(t *testing.T) {
		t.Parallel()
		for n, want := range c.releases {
			r := get(t, h, fmt.Sprintf("/subprocessors/releases/%d.json", n+1))
			sum := sha256.Sum256([]byte(r.Body))
			if hex.EncodeToString(sum[:]) != want.SHA256.String() || r.Header.Get("Etag") != `"`+want.SHA256.String()+`"` || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%d: %v", n+1, r.Header)
			}
			if zipped := get(t, h, fmt.Sprintf("/subprocessors/releases/%d.json", n+1), "Accept-Encoding: gzip"); decoded(t, "gzip", zipped.Body) != r.Body {
				t.Error("another text when it is packed")
			}
			if known := get(t, h, fmt.Sprintf("/subprocessors/releases/%d.json", n+1), "If-None-Match: "+r.Header.Get("Etag")); known.StatusCode != 304 {
				t.Error(known.StatusCode)
			}
		}
	})
	t.Run("its page is the list that it was", func(t *testing.T) {
		t.Parallel()
		r := get(t, h, "/subprocessors/releases/2")
		root := parseHTML(t, r.Body)
		if banner := one(root, "class=banner"); r.StatusCode != 200 || !strings.Contains(banner, "This is release 2 of the list, of 24 November 2026, 10:00:00 UTC.") {
			t.Errorf("%d %s", r.StatusCode, banner)
		}
		if !strings.Contains(r.Body, "Something else") || strings.Contains(r.Body, "Žluťoučký") || strings.Contains(r.Body, "As of") {
			t.Error("it shows another list, or a day to choose")
		}
		if german := get(t, h, "/subprocessors/releases/2?lang=de"); !strings.Contains(german.Body, "Dies ist Ausgabe 2 der Liste") || !strings.Contains(german.Body, `href="/subprocessors/releases/2?lang=en"`) {
			t.Error("not in German, or without a way back to English")
		}
	})
	t.Run("all forms of it say what its JSON says", func(t *testing.T) {
		t.Parallel()
		var want []said
		for _, e := range c.releases[1].Entries {
			want = append(want, told(e))
		}
		order(want)
		for path, read := range map[string]func(*testing.T, string) []said{
			"/subprocessors/releases/2.json": fromJSON, "/subprocessors/releases/2": fromPage, "/subprocessors.csv?release=2": fromCSV, "/subprocessors.json?release=2": fromJSON,
			"/subprocessors.jsonld?release=2": fromLinked, "/subprocessors/fragment?release=2": fromFragment, "/subprocessors/annex-iii?release=2": fromAnnex,
			"/subprocessors.json?as_of=2026-11-24T10:00:00Z": fromJSON,
		} {
			if diff := cmp.Diff(want, order(read(t, get(t, h, path).Body))); diff != "" {
				t.Errorf("%s: (-release +format)\n%s", path, diff)
			}
		}
	})
	t.Run("so does its PDF", func(t *testing.T) {
		t.Parallel()
		text := pdfText(t, get(t, h, "/subprocessors/annex-iii.pdf?release=2").Body)
		if n := strings.Count(text, "Responsible for: "); n != len(c.releases[1].Entries) || !strings.Contains(text, "As release 2 of 24 November 2026, 10:00:00 UTC has it.") ||
			!strings.Contains(text, "Something else") {
			t.Errorf("it describes %d engagements", n)
		}
	})
	t.Run("what is none is not found, and what is asked wrongly is refused", func(t *testing.T) {
		t.Parallel()
		for path, status := range map[string]int{
			"/subprocessors/releases/4": 404, "/subprocessors/releases/4.json": 404, "/subprocessors/releases/0": 404, "/subprocessors/releases/01": 404,
			"/subprocessors/releases/-1.json": 404, "/subprocessors/releases/x": 404, "/subprocessors/releases/99999999999999999999": 404, "/subprocessors/releases/.json": 404,
			"/subprocessors/releases/1/difference/4": 404, "/subprocessors/releases/4/difference/1.json": 404, "/subprocessors/releases/1.json/difference/1": 404,
			"/subprocessors.json?release=4": 404, "/subprocessors?release=1&as_of=2026-11-24": 422, "/subprocessors?release=x": 422, "/subprocessors?release=01": 422,
			"/subprocessors/releases/1?q=x": 422, "/subprocessors/releases/1.json?lang=de": 422, "/subprocessors/releases/1/difference/2.json?lang=de": 422,
			"/subprocessors/changes?q=x": 422, "/subprocessors/changes?before=0": 422, "/subprocessors.atom?before=2": 422, "/subprocessors/releases?lang=fr": 422,
		} {
			r := get(t, h, path)
			page := !strings.Contains(path, ".json") && !strings.Contains(path, ".atom") || strings.Contains(path, ".json/")
			if r.StatusCode != status || strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") != page || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d %v", path, r.StatusCode, r.Header)
			}
		}
	})
}

// differing are the members of two entries' JSON that differ, in the order of the type.
func differing(t *testing.T, x, y publishing.Entry) (names []string) {
	t.Helper()
	members := func(e publishing.Entry) (m map[string]json.RawMessage) {
		text, err := json.Marshal(e)
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	a, b := members(x), members(y)
	for _, name := range []string{"service", "purposes", "categories", "data", "locations"} {
		if string(a[name]) != string(b[name]) {
			names = append(names, name)
		}
	}
	return names
}

func TestChangesPage(t *testing.T) { //nolint:tparallel // the clock moves and the database goes away and comes back
	t.Parallel()
	c := threeReleases(t)
	s, h := c.start(t, "")
	get(t, h, "/subprocessors/changes")
	t.Run("what is announced stands at the top, with the days that are left", func(t *testing.T) { //nolint:paralleltest // see above
		root := parseHTML(t, get(t, h, "/subprocessors/changes").Body)
		want := "Takes effect on 24 December 2026 30 days left It starts later for customers whose contracts have a longer notice period. Removed Žluťoučký & Söhne <GmbH> Hosting"
		if got := one(root, "class=upcoming"); got != want {
			t.Errorf("%q", got)
		}
		if note := textOf(first(parseHTML(t, get(t, h, "/subprocessors").Body), "class=banner")); note != "One change of this list is announced: it takes effect on 24 December 2026." {
			t.Errorf("the list says %q", note)
		}
	})
	t.Run("what happened follows by day, the newest first, and what happened before is a page of its own", func(t *testing.T) { //nolint:paralleltest // see above
		root := parseHTML(t, get(t, h, "/subprocessors/changes").Body)
		var heads []string
		for _, e := range find(root, "article", "class=event") {
			heads = append(heads, one(e, "class=when"))
		}
		if diff := cmp.Diff([]string{"11:30 UTC", "Release 3 11:00 UTC", "Release 2 10:00 UTC"}, heads); diff != "" {
			t.Error(diff)
		}
		earlier := get(t, h, "/subprocessors/changes?before=2&lang=en")
		if !strings.Contains(earlier.Body, "The list begins, with 40 entries.") || strings.Contains(earlier.Body, `id="upcoming"`) || !strings.Contains(earlier.Body, "The newest changes") {
			t.Error("the page before is not one")
		}
	})
	t.Run("readers do not read the database", func(t *testing.T) { //nolint:paralleltest // see above
		c.change(func() { c.away = errors.New("away") })
		s.Renew(t.Context())
		for _, path := range []string{"/subprocessors/changes", "/subprocessors/releases", "/subprocessors.atom", "/subprocessors/changes.json", "/subprocessors/changes?lang=de"} {
			if r := get(t, h, path); r.StatusCode != 200 || r.Header.Get("Onward-Stale") == "" {
				t.Errorf("%s: %d %v", path, r.StatusCode, r.Header)
			}
		}
		c.change(func() { c.away = nil })
		s.Renew(t.Context())
	})
	t.Run("a day later a day less is left", func(t *testing.T) { //nolint:paralleltest // see above
		before := get(t, h, "/subprocessors/changes").Header.Get("Etag")
		c.change(func() { c.now = noon.Add(12 * time.Hour) })
		r := get(t, h, "/subprocessors/changes")
		if !strings.Contains(r.Body, "29 days left") || r.Header.Get("Etag") == before {
			t.Error("the days that are left stay")
		}
		c.change(func() { c.now = time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC) })
		if r := get(t, h, "/subprocessors/changes"); !strings.Contains(r.Body, `<span class="left">today</span>`) {
			t.Error("today is not the day")
		}
	})
}

func TestAllReleasesPage(t *testing.T) {
	t.Parallel()
	c := threeReleases(t)
	_, h := c.start(t, "")
	body := get(t, h, "/subprocessors/releases").Body
	rows := find(parseHTML(t, body), "li", "value")
	if len(rows) != 2 || one(rows[0], "class=name") != "Release 3" || !strings.Contains(textOf(rows[0]), "40 entries SHA-256 "+c.releases[2].SHA256.String()) ||
		!strings.Contains(body, `href="/subprocessors/releases/2/difference/3?lang=en"`) || !strings.Contains(body, `href="/subprocessors/releases?before=2&amp;lang=en"`) {
		t.Errorf("%s", texts(rows))
	}
	rows = find(parseHTML(t, get(t, h, "/subprocessors/releases?before=2").Body), "li", "value")
	if len(rows) != 1 || one(rows[0], "class=name") != "Release 1" || strings.Contains(textOf(rows[0]), "What it changed") {
		t.Errorf("%s", texts(rows))
	}
}

func TestUnreleasedIsShown(t *testing.T) {
	t.Parallel()
	c := threeReleases(t)
	c.unreleased = fmt.Errorf("frozen: %w", publishing.ErrUnreleased)
	s, h := c.start(t, "")
	r := get(t, h, jsonPath)
	if r.StatusCode != 200 || r.Header.Get("Onward-Release") != "" || strings.Contains(r.Body, `"release"`) {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	c.change(func() { c.unreleased = nil; c.now = c.now.Add(10 * time.Second) })
	s.Renew(t.Context())
	if r := get(t, h, jsonPath); r.Header.Get("Onward-Release") != "3" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

func TestReleasesAreReadOnce(t *testing.T) {
	t.Parallel()
	c := threeReleases(t)
	_, h := c.start(t, "")
	for range 3 {
		get(t, h, "/subprocessors/releases/1")
		get(t, h, "/subprocessors/releases/1.json")
		get(t, h, "/subprocessors/releases/1/difference/2")
	}
	if c.reads != 2 {
		t.Errorf("read %d times", c.reads)
	}
}
