package site_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/publishing"
)

func TestFeeds(t *testing.T) {
	t.Parallel()
	c := threeReleases(t)
	withdrawn := c.announced[0]
	withdrawn.ID, withdrawn.State = uuid.MustParse("66666666-6666-4666-8666-666666666666"), publishing.ChangeWithdrawn
	withdrawn.AnnouncedAt, withdrawn.WithdrawnAt = noon.Add(-90*time.Minute), noon.Add(-10*time.Minute)
	c.announced = append(c.announced, withdrawn)
	_, h := c.start(t, "https://privacy.meridian.example")
	wantIDs := []string{c.announced[0].ID.URN(), c.releases[2].EntryID.URN(), withdrawn.ID.URN(), c.releases[1].EntryID.URN()}
	wantTitles := []string{
		"Announced for 24 December 2026: Removed: Žluťoučký & Söhne <GmbH> (Hosting)",
		"Added: Žluťoučký & Söhne <GmbH> (Hosting); Removed: " + c.releases[0].Entries[1].Vendor + " (" + c.releases[0].Entries[1].Service + ")",
		"Withdrawn: Removed: Žluťoučký & Söhne <GmbH> (Hosting)",
		"Changed: " + c.releases[1].Entries[0].Vendor + " (Something else)",
	}
	t.Run("Atom", func(t *testing.T) {
		t.Parallel()
		r := get(t, h, "/subprocessors.atom")
		var feed struct {
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
			Author  struct {
				Name string `xml:"name"`
			} `xml:"author"`
			Link []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
			Entry []struct {
				ID        string `xml:"id"`
				Title     string `xml:"title"`
				Updated   string `xml:"updated"`
				Published string `xml:"published"`
				Content   string `xml:"content"`
				Link      struct {
					Href string `xml:"href,attr"`
				} `xml:"link"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(r.Body), &feed); err != nil {
			t.Fatal(err)
		}
		if feed.ID != "https://privacy.meridian.example/subprocessors.atom" || feed.Updated != "2026-11-24T11:50:00Z" || feed.Author.Name != "Meridian Software" ||
			feed.Link[0].Rel != "self" || feed.Link[0].Href != "https://privacy.meridian.example/subprocessors.atom?lang=en" || r.Header.Get("Content-Type") != "application/atom+xml; charset=utf-8" {
			t.Errorf("%+v %v", feed, r.Header)
		}
		var ids, titles []string
		for _, e := range feed.Entry {
			ids, titles = append(ids, e.ID), append(titles, e.Title)
		}
		if diff := cmp.Diff(wantIDs, ids) + cmp.Diff(wantTitles, titles); diff != "" {
			t.Error(diff)
		}
		if e := feed.Entry[2]; e.Published != "2026-11-24T10:30:00Z" || e.Updated != "2026-11-24T11:50:00Z" || !strings.Contains(e.Content, "it does not take place") {
			t.Errorf("%+v", e)
		}
		if e := feed.Entry[1]; e.Link.Href != "https://privacy.meridian.example/subprocessors/releases/3?lang=en" || !strings.Contains(e.Content, "<b>Žluťoučký &amp; Söhne &lt;GmbH&gt;</b>") {
			t.Errorf("%+v", e)
		}
	})
	t.Run("JSON Feed", func(t *testing.T) {
		t.Parallel()
		r := get(t, h, "/subprocessors/changes.json?lang=de")
		var feed struct {
			Version, Title, Language string
			Items                    []struct {
				ID, URL, Title        string
				Content               string `json:"content_html"`
				DatePublished         string `json:"date_published"`
				DateModified, Unknown string
			}
		}
		if err := json.Unmarshal([]byte(r.Body), &feed); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, item := range feed.Items {
			ids = append(ids, item.ID)
		}
		if diff := cmp.Diff(wantIDs, ids); diff != "" || feed.Version != "https://jsonfeed.org/version/1.1" || feed.Language != "de" || feed.Items[0].DatePublished != "2026-11-24T11:30:00Z" ||
			!strings.HasPrefix(feed.Items[0].Title, "Angekündigt zum 24. Dezember 2026: Entfallen: ") || !strings.HasPrefix(feed.Items[0].URL, "https://privacy.meridian.example/subprocessors/changes?lang=de#c-5555") {
			t.Errorf("%s %+v", diff, feed)
		}
	})
	t.Run("who has one already gets nothing", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/subprocessors.atom", "/subprocessors/changes.json", "/subprocessors/changes", "/subprocessors/releases"} {
			r := get(t, h, path, "Accept-Encoding: gzip")
			if again := get(t, h, path, "Accept-Encoding: gzip", "If-None-Match: "+r.Header.Get("Etag")); again.StatusCode != 304 || again.Body != "" {
				t.Errorf("%s: %d", path, again.StatusCode)
			}
		}
	})
	t.Run("the list and its history lead to them", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/subprocessors", "/subprocessors/changes"} {
			r := get(t, h, path)
			for _, want := range []string{`type="application/atom&#43;xml" href="/subprocessors.atom?lang=en"`, `type="application/feed&#43;json" href="/subprocessors/changes.json?lang=en"`} {
				if !strings.Contains(r.Body, want) {
					t.Errorf("%s has no %s", path, want)
				}
			}
			if !strings.Contains(r.Header.Get("Link"), `</subprocessors.atom?lang=en>; rel="alternate"; type="application/atom+xml"`) {
				t.Errorf("%s: %s", path, r.Header.Get("Link"))
			}
		}
	})
	t.Run("of a list without any history they are empty, and still feeds", func(t *testing.T) {
		t.Parallel()
		_, empty := start(t, &records{})
		var feed struct {
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
		}
		if err := xml.Unmarshal([]byte(get(t, empty, "/subprocessors.atom").Body), &feed); err != nil || !strings.HasPrefix(feed.ID, "urn:uuid:") || feed.Updated == "" {
			t.Errorf("%+v %v", feed, err)
		}
		if body := get(t, empty, "/subprocessors/changes.json").Body; !strings.Contains(body, `"items": []`) {
			t.Error(body)
		}
		if body := get(t, empty, "/subprocessors/changes").Body; !strings.Contains(body, "Nothing has been listed yet.") {
			t.Error(body)
		}
	})
}

// TestMovedDay: the feeds and the page say for which day a change was announced before, and since when it is a later one.
func TestMovedDay(t *testing.T) {
	t.Parallel()
	c := threeReleases(t)
	c.announced[0].MovedAt, c.announced[0].MovedFrom = noon.Add(-5*time.Minute), registry.Date{Year: 2026, Month: 12, Day: 10}
	_, h := c.start(t, "https://privacy.meridian.example")
	for path, wants := range map[string][]string{
		"/subprocessors.atom":            {"<title>Moved to 24 December 2026: Removed: ", "announced for 10 December 2026; on 24 November 2026 it was moved", "<updated>2026-11-24T11:55:00Z</updated>"},
		"/subprocessors/changes.json":    {`"title": "Moved to 24 December 2026: Removed: `, `"date_modified": "2026-11-24T11:55:00Z"`},
		"/subprocessors/changes":         {"Moved to 24 December 2026: Removed: ", "announced for 10 December 2026; on 24 November 2026 it was moved"},
		"/subprocessors/changes?lang=de": {"Verschoben auf den 24. Dezember 2026: ", "war zum 10. Dezember 2026 angekündigt"},
	} {
		body := get(t, h, path).Body
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s has no %q", path, want)
			}
		}
	}
}
