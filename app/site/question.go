package site

import (
	"net/http"
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
	filter    publishing.Filter
	asOf      time.Time // zero: now
	date      string    // as_of as it was given
	byPurpose bool      // group=purpose
	language  int       // of the site's languages
	query     url.Values
}

// whole tells whether it asks for nothing but the current list, whatever the language.
func (q question) whole() bool { return len(q.query) == 0 }

// values are those parameters that a format knows, without the language.
func (q question) values(f format) url.Values {
	known := url.Values{}
	for name, values := range q.query {
		if f == page || name != groupParameter {
			known[name] = values
		}
	}
	return known
}

// without is the same question but for one parameter.
func (q question) without(name string) question {
	rest := url.Values{}
	for n, values := range q.query {
		if n != name {
			rest[n] = values
		}
	}
	q.query = rest
	return q
}

// with is the same question with one parameter set.
func (q question) with(name, value string) question {
	q = q.without(name)
	q.query.Set(name, value)
	return q
}

// The parameters that only some formats have.
const (
	groupParameter    = "group"
	languageParameter = "lang"
)

// read reads the query. Empty parameters count as absent, as a form sends them. It refuses what the format does not know, what is given
// twice and every value that means nothing, naming each (problem.Bad).
func (s *Site) read(r *http.Request, f format, now time.Time) (question, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return question{}, problem.Bad{{Detail: "The part of the address after the question mark cannot be read."}}
	}
	q := question{query: url.Values{}}
	var group, language string
	fields, names := q.fields(), "q, product, place, category, kind and as_of"
	if formats[f].worded {
		fields[languageParameter], names = &language, "q, product, place, category, kind, as_of and lang"
	}
	if f == page {
		fields[groupParameter], names = &group, "q, product, place, category, kind, as_of, group and lang"
	}
	var bad problem.Bad
	refuse := func(name, sentence string) { bad = append(bad, problem.Parameter(name, "%s", sentence)) }
	for name, given := range values {
		value := strings.TrimSpace(given[0])
		switch field := fields[name]; {
		case field == nil:
			refuse(name, "There is no such parameter; there are "+names+".")
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
	if q.byPurpose = group == "purpose"; group != "" && !q.byPurpose {
		refuse(groupParameter, "It is purpose, or is left out.")
	}
	q.query.Del(languageParameter)
	if q.language = spoken(r.Header["Accept-Language"], s.languages); language != "" {
		if q.language = s.languageOf(language); q.language < 0 {
			refuse(languageParameter, "There is no such language; there are "+strings.Join(s.languageCodes(), ", ")+".")
		}
	}
	if len(bad) > 0 {
		slices.SortFunc(bad, func(x, y problem.Item) int { return strings.Compare(x.Parameter, y.Parameter) })
		return question{}, bad
	}
	return q, nil
}

// fields are the parameters that every format has.
func (q *question) fields() map[string]*string {
	return map[string]*string{
		"q": &q.filter.Text, "product": &q.filter.Product, "place": &q.filter.Place,
		"category": &q.filter.Category, "kind": &q.filter.Kind, "as_of": &q.date,
	}
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
