package site

import (
	"slices"
	"strings"
	"time"

	"onward/registry/publishing"
)

// What messages say of the list, in the words of its pages.

// Statement is what is said under a heading: of what changed, before and now.
type Statement struct {
	Label       string
	Before, Now []string
	Both        bool // it changed: Before counts too
}

// LanguageFor is the language of that code or, where there is none, of its first part; else the first.
func LanguageFor(all []*Language, code string) *Language {
	base, _, _ := strings.Cut(code, "-")
	for _, wanted := range []string{code, base} {
		if at := slices.IndexFunc(all, func(l *Language) bool { return strings.EqualFold(l.Code, wanted) }); at >= 0 {
			return all[at]
		}
	}
	return all[0]
}

// DayOf is a YYYY-MM-DD in words.
func (l *Language) DayOf(date string) string { return l.dayOf(date) }

// DeadlineOf is the last day before an instant that ends a day in zone, and else the instant, in words.
func (l *Language) DeadlineOf(ends time.Time, zone *time.Location) string {
	return l.deadline(ends, zone)
}

// Became is what became of a line of the list: added, removed or changed.
func (l *Language) Became(what string) string { return l.Changes[what] }

// KindOf is what a kind of change is called.
func (l *Language) KindOf(kind string) string { return l.Say("objection.kind." + kind) }

// Facts are what a notice says of a line of the list.
func (l *Language) Facts(n publishing.NoticeLine) []Statement {
	var all []Statement
	add := func(field string, words []string) {
		if len(words) > 0 {
			all = append(all, Statement{Label: labelled(l.Fields, field), Now: words})
		}
	}
	if n.LegalName != n.Vendor {
		add("legal_name", some(n.LegalName, strings.TrimSpace))
	}
	add("country", some(n.Country, l.place))
	add("service", some(n.Service, strings.TrimSpace))
	add("products", n.Products)
	add("purposes", l.each(n.Purposes, l.purpose))
	add("categories", l.each(n.Categories, l.category))
	add("data", each(n.Data, one))
	add("locations", each(n.Locations, l.location))
	add("condition", some(n.Condition, strings.TrimSpace))
	if n.Leaving {
		add("leaving", []string{l.Say("leaving")})
	}
	return all
}

// Differences are what changed of a line, field by field; none of one that is new or gone.
func (l *Language) Differences(n publishing.NoticeLine) []Statement {
	if n.What != publishing.LineChanged {
		return nil
	}
	var all []Statement
	for _, f := range n.Fields {
		all = append(all, Statement{
			Label: labelled(l.Fields, f.Field), Before: l.orNothing(l.stated(f.Field, f.Before)), Now: l.orNothing(l.stated(f.Field, f.After)), Both: true,
		})
	}
	return all
}

// noticeLines are the lines of a notice with all that they say: of one that changed, what was different before.
func (l *Language) noticeLines(all []publishing.NoticeLine) []changedLine {
	var lines []changedLine
	for _, n := range all {
		line := changedLine{What: n.What, Word: l.Became(n.What), Vendor: n.Vendor, Service: n.Service}
		var changed []changedField
		for _, f := range n.Fields {
			if n.What == publishing.LineChanged {
				changed = append(changed, l.changedField(f))
			}
		}
		for _, f := range l.Facts(n) {
			if !slices.ContainsFunc(changed, func(c changedField) bool { return c.Label == f.Label }) {
				line.Fields = append(line.Fields, changedField{Label: f.Label, Now: f.Now})
			}
		}
		line.Fields = append(line.Fields, changed...)
		lines = append(lines, line)
	}
	return lines
}

// orNothing is what a side of a difference says, or that it says nothing.
func (l *Language) orNothing(texts []string) []string {
	if len(texts) == 0 {
		return []string{l.Say("changes.nothing")}
	}
	return texts
}
