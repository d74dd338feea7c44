package site

import (
	"bytes"
	_ "embed"
	"encoding/xml"
	"html/template"
	"io"
	"time"

	"github.com/google/uuid"
)

//go:embed templates/feed.html
var feedTemplate string

var feedHTML = template.Must(parse(linesTemplate).Parse(feedTemplate))

// feedEntries is how many events a feed has.
const feedEntries = 60

// feedID is the feed's id for good: its address where the public one is known, or else a name for it in the company's name.
func (s *Site) feedID() string {
	if public := s.options.Brand.PublicURL; public != "" {
		return public + formats[atomFeed].path
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:onward:feed:"+s.options.Company)).URN()
}

// feedEvents are the newest events, and when the newest of them was, moved or was withdrawn.
func (s *Site) feedEvents(v view) (all []event, updated time.Time) {
	all = s.events(v)
	all = all[:min(len(all), feedEntries)]
	for _, e := range all {
		if e.Updated.After(updated) {
			updated = e.Updated
		}
	}
	if updated.IsZero() {
		updated = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC) // Atom wants one, and there is none
	}
	return all, updated
}

// content is an event as HTML without any style.
func (e event) content() (string, error) {
	var text bytes.Buffer
	if err := feedHTML.ExecuteTemplate(&text, "event", e); err != nil {
		return "", err
	}
	return text.String(), nil
}

// atomDocument is a feed by RFC 4287.
type atomDocument struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Language string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle"`
	Updated  string      `xml:"updated"`
	Author   atomPerson  `xml:"author"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Relation string `xml:"rel,attr"`
	Type     string `xml:"type,attr,omitempty"`
	Address  string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Content   atomText `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// writeAtom writes the newest events as Atom. Where the public address is not known, addresses are relative to the feed's own.
func (s *Site) writeAtom(w io.Writer, v view) error {
	l, public := v.language, s.options.Brand.PublicURL
	events, updated := s.feedEvents(v)
	feed := atomDocument{
		Language: l.Code, ID: s.feedID(), Title: s.feedTitle(l), Subtitle: l.Say("changes.lede"), Updated: feedTime(updated), Author: atomPerson{s.author(l)},
		Links: []atomLink{
			{"self", "application/atom+xml", public + s.addressOf(atomFeed, question{}, l)},
			{"alternate", "text/html", public + s.addressOf(changesPage, question{}, l)},
		},
	}
	for _, e := range events {
		text, err := e.content()
		if err != nil {
			return err
		}
		feed.Entries = append(feed.Entries, atomEntry{
			ID: e.ID.URN(), Title: e.Title, Published: feedTime(e.At), Updated: feedTime(e.Updated),
			Link: atomLink{"alternate", "text/html", public + e.Address}, Content: atomText{"html", text},
		})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", " ")
	if err := encoder.Encode(feed); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func feedTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (s *Site) feedTitle(l *Language) string {
	title := plain(l.Say("title")) + ": " + plain(l.Say("changes.title"))
	if s.options.Company != "" {
		title += " · " + s.options.Company
	}
	return title
}

func (s *Site) author(l *Language) string {
	if s.options.Company != "" {
		return s.options.Company
	}
	return plain(l.Say("title")) // Atom wants somebody
}
