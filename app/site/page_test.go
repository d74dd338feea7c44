package site_test

import (
	"compress/gzip"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onward/registry/publishing"
)

// words are the texts of a page between the first and the last of two marks, one line for each element that has some.
func words(t *testing.T, page, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, from)
	if !ok {
		t.Fatalf("the page has no %q", from)
	}
	part, _, _ := strings.Cut(rest, to)
	d := xml.NewDecoder(strings.NewReader(from + part))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var lines []string
	open := true
	for {
		token, err := d.Token()
		if err != nil {
			return strings.Join(lines, "\n")
		}
		switch token := token.(type) {
		case xml.StartElement, xml.EndElement:
			name := ""
			if start, ok := token.(xml.StartElement); ok {
				name = start.Name.Local
			} else if end, ok := token.(xml.EndElement); ok {
				name = end.Name.Local
			}
			open = open || name != "b" && name != "a" && name != "time" && name != "strong"
		case xml.CharData:
			text := strings.Join(strings.Fields(string(token)), " ")
			switch {
			case text == "":
			case open || len(lines) == 0:
				lines = append(lines, text)
				open = false
			default:
				lines[len(lines)-1] += " " + text
			}
		}
	}
}

// bodyOf is the mark of a vendor's part of the table.
func bodyOf(vendor string) string {
	return `<tbody role="rowgroup" id="v-` + uuid.NewSHA1(uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:onward:list:vendor")), []byte(vendor)).String() + `">`
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if want = strings.TrimSpace(want); got != want {
		t.Errorf("%s reads\n%s\n\nnot\n%s", what, got, want)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: sample(t)})
	page := get(t, h, "/subprocessors").Body

	same(t, "the head", words(t, page, "<header", "</details>"), `
Meridian Software
English Deutsch
Subprocessors
The organisations that receive personal data from Meridian Software: what each of them does, with which data, and where.
What is a subprocessor?
A company that processes personal data for its customers may engage another company for part of that work: a subprocessor. Under Article 28 of the GDPR the subprocessor must be bound by the same data protection obligations, and customers are told of changes and may object. Affiliates and other recipients are listed beside them, each under its own heading.`)

	same(t, "the facts", words(t, page, `<dl class="facts">`, "</dl>"), `
Organisations
39
Countries
21
Last changed
20 November 2026`)

	same(t, "the sections", words(t, page, `<nav class="jump"`, "</nav>"), `
Subprocessors
32
Affiliates
4
Service providers
2
Partners
1
Map Data flow Purposes Other forms What changed`)

	same(t, "a vendor with two services", words(t, page, bodyOf("Amazon Web Services, Inc."), "</tbody>"), `
Amazon Web Services, Inc. #
Based in United States
410 Terry Avenue North, Seattle, WA 98109-5210, USA
Its subprocessors
Cloud storage of PostHog Cloud data
For PostHog Cloud
How long duration of the agreement
Identifying name, username
Device IP address, MAC address, browser footprint
Contact email address
Location country, territory, city
Behavioural page views, clicks, browsing behaviour
About customer's end users
Germany
storage · processing · for PostHog EU Cloud
United States
storage · processing · for PostHog US Cloud
Hosting provider
Not stated
Australia, Canada, France, Germany, India, Japan, South Korea, United Kingdom, United States`)

	same(t, "one that leaves", words(t, page, bodyOf("CoreWeave, Inc."), "</tbody>"), `
CoreWeave, Inc. #
Leaving: receives no more data
Based in United States
Cloud hosting
Until 27 January 2027
Not stated
United States`)

	same(t, "one under a condition", words(t, page, bodyOf("Temporal Technologies, Inc."), "</tbody>"), `
Temporal Technologies, Inc. #
Hosting of workflow orchestration (if Retool-managed Temporal Cloud is chosen)
Only if Retool-managed Temporal Cloud is chosen
For Workflows (self-hosted offering)
Not stated
United States`)

	same(t, "one whose place is not known", words(t, page, bodyOf("Redis"), "</tbody>"), `
Redis #
In-memory caching and queueing
account identifiers, session data, event data, job payloads
Not specified
stated as “Varies”`)

	same(t, "a parent company", words(t, page, bodyOf("Finto Technologies Inc."), "</tbody>"), `
Finto Technologies Inc. #
Also an affiliate
Based in United States
156 2nd Street, San Francisco, CA 94105, USA
Servicing and support
client data
About affected individuals of the client
United States`)

	same(t, "the foot", words(t, page, "<footer", "</footer>"), `
Questions about this list? privacy@meridian.example
This page sets no cookies, needs no scripts and loads nothing from anywhere else.`)

	for _, want := range []string{
		`<html lang="en" dir="ltr">`, `<meta name="description" content="The organisations that receive personal data from Meridian Software`,
		`<link rel="alternate" type="application/json" href="/subprocessors.json">`, `<a class="skip" href="#content">`,
		`<th role="columnheader" scope="col">`, `scope="rowgroup" rowspan="2"`, `<caption>`, `href="mailto:privacy@meridian.example"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, never := range []string{"<script", "<img", "<iframe", "src=", "@import", "url(", "onclick", "ZgotmplZ"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %s", never)
		}
	}
}

func TestPageOfThePast(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: sample(t)})
	same(t, "a day", words(t, get(t, h, "/subprocessors?as_of=2026-03-01&kind=affiliate").Body, `<div class="banner"`, "</div>"), `
This is the list as it stood on 1 March 2026.
Show the current list`)
	same(t, "an instant", words(t, get(t, h, "/subprocessors?as_of=2026-03-01T10:00:00%2B02:00").Body, `<div class="banner"`, "</div>"), `
This is the list as it stood on 1 March 2026, 08:00:00 UTC.
Show the current list`)
	same(t, "before our records", words(t, get(t, h, "/subprocessors?as_of=2019-03-01").Body, `<div class="banner"`, "</div>"), `
This is the list as it stood on 1 March 2019. Our records begin on 1 February 2024: of the time before, this list says nothing.
Show the current list`)
	page := get(t, h, "/subprocessors?as_of=2026-03-01&kind=affiliate").Body
	for _, want := range []string{`href="/subprocessors?kind=affiliate&amp;lang=en"`, `value="2026-03-01"`, `<option value="affiliate" selected>`, `<meta name="robots" content="noindex">`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestPageWithNothingToShow(t *testing.T) {
	t.Parallel()
	_, empty := start(t, &records{})
	page := get(t, empty, "/subprocessors").Body
	same(t, "no list yet", words(t, page, `<div class="empty"`, "</div>"), `
No subprocessors yet
Meridian Software has not listed anybody who receives personal data. As soon as that changes, it is shown here.`)
	if strings.Contains(page, "<form") {
		t.Error("there is a filter for nothing")
	}
	_, h := start(t, &records{list: sample(t)})
	same(t, "no match", words(t, get(t, h, "/subprocessors?q=nowhere").Body, `<div class="empty"`, "</div>"), `
Nothing matches
None of the 40 entries on this list fits what you asked for.
Show the whole list`)
	same(t, "some of all", words(t, get(t, h, "/subprocessors?product=Authentication").Body, `<p class="count"`, "</p>"), `
2 of 40 entries. Entries that name no product are left out; they may be for every product.`)
	same(t, "a problem", words(t, get(t, h, "/subprocessors?colour=red").Body, `<div lang="en">`, "</main>"), `
Something is wrong with what was sent
colour
There is no such parameter; there are q, product, place, category, kind, as_of, release, group and lang.
Show the current list`)
}

// TestPageKeepsTextHarmless puts markup and dangerous addresses where texts go.
func TestPageKeepsTextHarmless(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script>`
	_, h := start(t, &records{list: publishing.List{Updated: noon, Entries: []publishing.Entry{{
		ID: "1", Vendor: evil, Kinds: []string{evil}, Service: evil, Website: "javascript:alert(1)", PrivacyNotice: "data:text/html," + evil,
		Products: []string{evil}, Data: []publishing.Data{{Class: evil, Items: []string{evil}}}, Locations: []publishing.Location{{Place: evil, Name: evil, Detail: evil}},
	}}}})
	for _, path := range []string{"/subprocessors", "/subprocessors?q=%22%3E%3Cscript%3E", "/subprocessors?%3Cscript%3E=1", "/subprocessors?kind=%3Cscript%3E"} {
		page := get(t, h, path).Body
		if strings.Contains(page, "<script") || strings.Contains(page, `href="javascript:`) || strings.Contains(page, `href="data:`) && !strings.Contains(page, `rel="icon"`) {
			t.Errorf("%s: %s", path, page)
		}
	}
}

// TestPageIsSmall holds a page of a hundred vendors under 60 kB as it travels, in each language.
func TestPageIsSmall(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: hundred(t)})
	for _, path := range []string{"/subprocessors?lang=en", "/subprocessors?lang=de", "/subprocessors?group=purpose"} {
		r := get(t, h, path, "Accept-Encoding: gzip")
		if r.StatusCode != http.StatusOK || len(r.Body) > 60_000 {
			t.Errorf("%s: %d, %d bytes", path, r.StatusCode, len(r.Body))
		}
		if _, err := gzip.NewReader(strings.NewReader(r.Body)); err != nil {
			t.Error(err)
		}
	}
}
