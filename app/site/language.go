package site

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	tags "golang.org/x/text/language"

	"onward/registry/publishing"
)

// Language is every text of the public pages in one language.
type Language struct {
	Code       string                       `json:"code"`      // BCP 47
	Name       string                       `json:"name"`      // in the language itself
	Direction  string                       `json:"direction"` // ltr or rtl
	Day        string                       `json:"day"`       // such as {day} {month} {year}
	Months     []string                     `json:"months"`
	Texts      map[string]string            `json:"texts"`
	Counts     map[string]map[string]string `json:"counts"`  // by CLDR plural category: zero, one, two, few, many, other
	Changes    map[string]string            `json:"changes"` // what becomes of a line
	Fields     map[string]string            `json:"fields"`  // of an entry
	Kinds      map[string]kindWords         `json:"kinds"`
	Uses       map[string]string            `json:"uses"`
	Transfers  map[string]string            `json:"transfers"`
	Roles      map[string]string            `json:"roles"`
	Purposes   map[string]purposeWords      `json:"purposes"`
	Categories map[string]string            `json:"categories"`
	Places     map[string]string            `json:"places"`

	tag tags.Tag
}

// kindWords are what a kind of vendor is called: one, several, one that is it besides something else; and what it is.
type kindWords struct {
	One  string `json:"one"`
	Many string `json:"many"`
	Also string `json:"also"`
	Note string `json:"note"`
}

// purposeWords are a purpose's label and what it means in plain words.
type purposeWords struct {
	Label string `json:"label"`
	Means string `json:"means"`
}

// Say is the text under key; pairs are names and values for what stands in braces. It panics where there is no such text: a test holds
// every key that is used against the files, and reading a file refuses one that lacks a key.
func (l *Language) Say(key string, pairs ...any) string {
	text, ok := l.Texts[key]
	if !ok {
		panic("no text " + key)
	}
	return fill(text, pairs)
}

// Count is the text under key for n things, in the plural that the language has for n.
func (l *Language) Count(key string, n int, pairs ...any) string {
	forms, ok := l.Counts[key]
	if !ok {
		panic("no count " + key)
	}
	text, ok := forms[pluralNames[plural.Cardinal.MatchPlural(l.tag, n, 0, 0, 0, 0)]]
	if !ok {
		text = forms["other"]
	}
	return fill(text, append(pairs, "n", n))
}

var pluralNames = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

func fill(text string, pairs []any) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprint("{", pairs[i], "}"), fmt.Sprint(pairs[i+1]))
	}
	return text
}

// day is a calendar day in words, such as 24 November 2026, as UTC counts days.
func (l *Language) day(t time.Time) string {
	t = t.UTC()
	return fill(l.Day, []any{"day", t.Day(), "month", l.Months[t.Month()-1], "year", strconv.Itoa(t.Year())})
}

// dayOf is a YYYY-MM-DD in words.
func (l *Language) dayOf(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return l.day(t)
}

// instant is an instant in words.
func (l *Language) instant(t time.Time) string {
	return l.Say("past.instant", "day", l.day(t), "time", t.UTC().Format(time.TimeOnly))
}

// place is the name of a country, or of EEA, EU, GLOBAL or UNSPECIFIED; anything else stands for itself.
func (l *Language) place(code string) string { return labelled(l.Places, code) }

func (l *Language) kind(code string) string {
	if k, ok := l.Kinds[code]; ok {
		return k.One
	}
	return code
}

// purpose is a purpose's label. A policy that words it otherwise than the shipped one is not translated: its own words are shown.
func (l *Language) purpose(t publishing.Term) string {
	if words, ok := l.Purposes[t.Code]; ok && english().Purposes[t.Code].Label == t.Label {
		return words.Label
	}
	return t.Label
}

// category is a category's label, under the same rule.
func (l *Language) category(t publishing.Term) string {
	if label, ok := l.Categories[t.Code]; ok && english().Categories[t.Code] == t.Label {
		return label
	}
	return t.Label
}

func (l *Language) each(terms []publishing.Term, label func(publishing.Term) string) []string {
	var all []string
	for _, t := range terms {
		all = append(all, label(t))
	}
	return all
}

// notes are the words that stand beside a location's name.
func (l *Language) notes(at publishing.Location) []string {
	var notes []string
	for _, u := range at.Uses {
		notes = append(notes, labelled(l.Uses, u))
	}
	if at.AppliesTo != "" {
		notes = append(notes, l.Say("place.for", "what", at.AppliesTo))
	}
	if at.Detail != "" {
		notes = append(notes, at.Detail)
	}
	if at.Stated != "" {
		notes = append(notes, l.Say("place.stated", "words", at.Stated))
	}
	if at.Transfer != "" {
		notes = append(notes, labelled(l.Transfers, at.Transfer))
	}
	return notes
}

// contact is a contact in one line: name, position or role, and how to reach it.
func (l *Language) contact(c publishing.Contact) string {
	position := c.Position
	if position == "" {
		position = labelled(l.Roles, c.Role)
	}
	var parts []string
	for _, part := range []string{c.Name, position, c.Email, c.Phone} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func (l *Language) contacts(all []publishing.Contact) []string {
	var lines []string
	for _, c := range all {
		lines = append(lines, l.contact(c))
	}
	return lines
}

func labelled(labels map[string]string, code string) string {
	if label, ok := labels[code]; ok {
		return label
	}
	return strings.ReplaceAll(code, "_", " ")
}
