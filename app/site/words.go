package site

import (
	"encoding/json"
	"strings"

	"onward/registry/publishing"
)

// changedLine is what became of a line of the list, in words.
type changedLine struct {
	What    string // added, removed or changed
	Word    string // the same in words
	Vendor  string
	Service string
	Fields  []changedField
}

// changedField is what a line says under a heading: of a line that is new, only now; of one that is gone, only before.
type changedField struct {
	Label       string
	Before, Now []string
	Nothing     string // of a line that changed: what stands for a side that says nothing
}

// told are the fields that are told of a line that is new. The others are on the list itself.
var told = map[string]bool{"purposes": true, "categories": true, "data": true, "products": true, "locations": true, "condition": true, "from": true}

// lines are differences in words.
func (l *Language) lines(all []publishing.LineDifference) []changedLine {
	var lines []changedLine
	for _, d := range all {
		line := changedLine{What: d.What, Word: l.Changes[d.What], Vendor: d.Vendor, Service: d.Service}
		for _, f := range d.Fields {
			switch {
			case d.What == publishing.LineChanged:
				line.Fields = append(line.Fields, l.changedField(f))
			case d.What == publishing.LineAdded && told[f.Field]:
				line.Fields = append(line.Fields, changedField{Label: labelled(l.Fields, f.Field), Now: l.stated(f.Field, f.After)})
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// changedField is a field of a line that changed.
func (l *Language) changedField(f publishing.FieldDifference) changedField {
	return changedField{
		Label: labelled(l.Fields, f.Field), Before: l.stated(f.Field, f.Before), Now: l.stated(f.Field, f.After), Nothing: l.Say("changes.nothing"),
	}
}

// stated is what a field says, a text for each thing that it says; none where it says nothing.
func (l *Language) stated(field string, value json.RawMessage) []string {
	var e publishing.Entry
	text, err := json.Marshal(map[string]json.RawMessage{field: value})
	if len(value) == 0 || err != nil || json.Unmarshal(text, &e) != nil {
		return nil
	}
	switch field {
	case "kinds":
		return each(e.Kinds, func(code string) string { return plain(l.kind(code)) })
	case "country":
		return some(e.Country, l.place)
	case "contacts":
		return l.contacts(e.Contacts)
	case "purposes":
		return l.each(e.Purposes, l.purpose)
	case "categories":
		return l.each(e.Categories, l.category)
	case "data":
		return each(e.Data, one)
	case "from":
		return some(e.From, l.dayOf)
	case "until":
		return some(e.Until, l.dayOf)
	case "leaving":
		return []string{l.Say("leaving")}
	case "locations":
		return each(e.Locations, l.location)
	}
	return plainly(value)
}

// plainly is a text, or each of several.
func plainly(value json.RawMessage) []string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return some(text, strings.TrimSpace)
	}
	var texts []string
	if json.Unmarshal(value, &texts) != nil {
		return nil
	}
	return texts
}

// location is a place and what is said of it, in one line.
func (l *Language) location(at publishing.Location) string {
	if notes := l.notes(at); len(notes) > 0 {
		return l.place(at.Place) + " (" + strings.Join(notes, ", ") + ")"
	}
	return l.place(at.Place)
}

func some(text string, word func(string) string) []string {
	if text == "" {
		return nil
	}
	return []string{word(text)}
}

func each[T any](all []T, word func(T) string) []string {
	var words []string
	for _, one := range all {
		words = append(words, word(one))
	}
	return words
}

// How many lines a headline names.
const headlineLines = 3

// headline is lines in one sentence.
func (l *Language) headline(lines []changedLine) string {
	var parts []string
	for _, line := range lines[:min(len(lines), headlineLines)] {
		parts = append(parts, l.Say("changes.line", "what", line.Word, "vendor", line.Vendor, "service", line.Service))
	}
	if more := len(lines) - len(parts); more > 0 {
		parts = append(parts, l.Count("changes.more", more))
	}
	return strings.Join(parts, "; ")
}
