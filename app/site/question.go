package site

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"onward/app/problem"
	"onward/registry"
	"onward/registry/publishing"
)

// question is what an address asks for besides the current list.
type question struct {
	filter publishing.Filter
	asOf   time.Time // zero: now
	date   string    // as_of as it was given
	query  url.Values
}

// read reads the query. Empty parameters count as absent, as a form sends them. It refuses what it does not know, what is given twice and
// every value that means nothing, naming each (problem.Bad).
func read(rawQuery string, now time.Time) (question, error) {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return question{}, problem.Bad{{Detail: "The part of the address after the question mark cannot be read."}}
	}
	q := question{query: url.Values{}}
	fields := map[string]*string{
		"q": &q.filter.Text, "product": &q.filter.Product, "place": &q.filter.Place,
		"category": &q.filter.Category, "kind": &q.filter.Kind, "as_of": &q.date,
	}
	var bad problem.Bad
	refuse := func(name, sentence string) { bad = append(bad, problem.Parameter(name, "%s", sentence)) }
	for name, given := range values {
		value := strings.TrimSpace(given[0])
		switch field := fields[name]; {
		case field == nil:
			refuse(name, "There is no such parameter; there are q, product, place, category, kind and as_of.")
		case len(given) > 1:
			refuse(name, "It can be given once.")
		case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
			refuse(name, "It is not text.")
		case utf8.RuneCountInString(value) > 300:
			refuse(name, "It is longer than 300 characters.")
		case value != "":
			*field = value
			q.query.Set(name, value)
		}
	}
	if q.date != "" {
		var sentence string
		if q.asOf, sentence = instant(q.date, now); sentence != "" {
			refuse("as_of", sentence)
		}
	}
	if len(bad) > 0 {
		slices.SortFunc(bad, func(x, y problem.Item) int { return strings.Compare(x.Parameter, y.Parameter) })
		return question{}, bad
	}
	return q, nil
}

// instant is what as_of means: the end of a UTC day or, today, now; or the very instant. sentence says why it means nothing.
func instant(text string, now time.Time) (t time.Time, sentence string) {
	if day, err := registry.ParseDate(text); err == nil {
		today := registry.DateOf(now.UTC())
		switch {
		case today.Before(day):
			return t, "This day is in the future: the list is known up to now."
		case day == today:
			return now.UTC(), ""
		default:
			return day.End(time.UTC).Add(-1), ""
		}
	}
	t, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil || t.UTC().Year() < 1900 || t.UTC().Year() > 9999:
		return t, "It is neither a day written as 2026-11-24 nor an instant written as 2026-11-24T10:00:00Z, from 1900 to 9999."
	case t.After(now):
		return t, "This instant is in the future: the list is known up to now."
	default:
		return t.UTC(), ""
	}
}
