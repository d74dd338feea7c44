package site

import (
	"html/template"
	"strings"
)

// frame is what every page has.
type frame struct {
	L           *Language
	Title       string
	Description string
	Robots      string
	Canonical   string
	Alternates  []alternate
	Languages   []alternate
	Company     string
	Home        string
	Contact     *Link
	Links       []Link
	Subscribe   string // address of the page on which one subscribes; empty where there is none
	Logo        *Logo
	Style       template.CSS
	Stale       string       // that the records cannot be read, and since when; empty while they can
	Release     *releaseNote // that the page shows; nil where it shows none
}

// alternate is the same page in a language.
type alternate struct {
	Code, Name, Address string
	Current             bool
}

// Width and Height are what the logo is shown with, in CSS pixels.
func (l *Logo) Width() int { return l.width }

// Height is that of every logo.
func (*Logo) Height() int { return logoHeight }

// frame is that of a page in format f.
func (s *Site) frame(title string, f format, v view) frame {
	fr := frame{
		L: v.language, Title: plain(title), Company: s.options.Company, Contact: contact(s.options.Contact), Links: s.options.Brand.Links,
		Logo: s.options.Brand.Logo, Style: s.look.style, Home: s.addressOf(page, question{}, v.language),
		Release: s.releaseNote(v.language, v.list.Release),
	}
	fr.Stale = staleNote(v)
	if s.forms != nil {
		fr.Subscribe = subscribePath
		if len(s.languages) > 1 {
			fr.Subscribe += "?" + languageParameter + "=" + v.language.Code
		}
	}
	if fr.Company != "" {
		fr.Title += " · " + fr.Company
	}
	if len(s.languages) > 1 {
		for _, l := range s.languages {
			fr.Languages = append(fr.Languages, alternate{l.Code, l.Name, s.addressOf(f, v.asked, l), l == v.language})
		}
	}
	return fr
}

// staleNote says that the list may be old, and since when; empty while it is known to be current. CSV and the feeds have no place for it: they say it
// by the header Onward-Stale alone.
func staleNote(v view) string {
	if v.whole.Stale.IsZero() {
		return ""
	}
	return v.language.Say("stale", "when", v.language.instant(v.whole.Stale))
}

// plain is a text without the places where a long word may be parted, for where it stands in one line.
func plain(text string) string { return strings.ReplaceAll(text, "\u00ad", "") }

// found adds what search engines keep: one address for each language, and that of readers without one. They know only whole addresses.
func (s *Site) found(fr *frame, l *Language) {
	public := s.options.Brand.PublicURL
	if public == "" {
		return
	}
	at := func(l *Language) string {
		if l == s.languages[0] {
			return public + formats[page].path
		}
		return public + s.addressOf(page, question{}, l)
	}
	fr.Canonical = at(l)
	if len(s.languages) > 1 {
		for _, other := range s.languages {
			fr.Alternates = append(fr.Alternates, alternate{Code: other.Code, Address: at(other)})
		}
		fr.Alternates = append(fr.Alternates, alternate{Code: "x-default", Address: at(s.languages[0])})
	}
}
