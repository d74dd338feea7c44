package site

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
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
	release   int64     // 0: the current one
	before    int64     // of the history: only releases with a lower number; 0: all
	byPurpose bool      // group=purpose
	language  int       // of the site's languages
	query     url.Values
}

// whole tells whether it asks for nothing but the current list, whatever the language.
func (q question) whole() bool { return len(q.query) == 0 }

// past tells whether it asks for another list than the current one.
func (q question) past() bool { return !q.asOf.IsZero() || q.release > 0 }

// values are those parameters that a format knows, without the language.
func (q question) values(f format) url.Values {
	known := url.Values{}
	names := parametersOf(f)
	for name, values := range q.query {
		if slices.Contains(names, name) {
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

// The parameters that only some formats have, or that are written elsewhere too.
const (
	groupParameter    = "group"
	languageParameter = "lang"
	releaseParameter  = "release"
	beforeParameter   = "before"
)

// parametersOf are the parameters that a format knows.
func parametersOf(f format) []string {
	var names []string
	if !formats[f].history {
		names = []string{"q", "product", "place", "category", "kind", "as_of", releaseParameter}
	}
	switch f {
	case page:
		names = append(names, groupParameter)
	case changesPage, releasesPage:
		names = append(names, beforeParameter)
	case jsonText, csvText, jsonLD, fragment, annexPage, annexPDF, atomFeed, jsonFeed, formatCount:
	}
	if formats[f].worded {
		names = append(names, languageParameter)
	}
	return names
}

// read reads the query as one for a format.
func (s *Site) read(r *http.Request, f format, now time.Time) (question, error) {
	return s.readOnly(r, parametersOf(f), now)
}

// readOnly reads the query, which may have the parameters in names. Empty ones count as absent, as a form sends them. It refuses others, what is
// given twice and every value that means nothing, naming each (problem.Bad).
func (s *Site) readOnly(r *http.Request, names []string, now time.Time) (question, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return question{}, problem.Bad{{Detail: "The part of the address after the question mark cannot be read."}}
	}
	q := question{query: url.Values{}}
	var w written
	fields := w.fields(&q)
	var bad problem.Bad
	refuse := func(name, sentence string) { bad = append(bad, problem.Parameter(name, "%s", sentence)) }
	for name, given := range values {
		value := strings.TrimSpace(given[0])
		switch {
		case !slices.Contains(names, name):
			refuse(name, "There is no such parameter; there "+enumerate(names)+".")
		case len(given) > 1:
			refuse(name, "It can be given once.")
		case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
			refuse(name, "It is not text.")
		case utf8.RuneCountInString(value) > 300:
			refuse(name, "It is longer than 300 characters.")
		case value != "":
			*fields[name] = value
			q.query.Set(name, value)
		}
	}
	w.mean(&q, now, refuse)
	q.query.Del(languageParameter)
	if q.language = spoken(r.Header["Accept-Language"], s.languages); w.language != "" {
		if q.language = s.languageOf(w.language); q.language < 0 {
			refuse(languageParameter, "There is no such language; there are "+strings.Join(s.languageCodes(), ", ")+".")
		}
	}
	if len(bad) > 0 {
		slices.SortFunc(bad, func(x, y problem.Item) int { return strings.Compare(x.Parameter, y.Parameter) })
		return question{}, bad
	}
	return q, nil
}

// enumerate is "are a, b and c", "is a", or "is none".
func enumerate(names []string) string {
	switch len(names) {
	case 0:
		return "is none"
	case 1:
		return "is " + names[0]
	}
	last := len(names) - 1
	return "are " + strings.Join(names[:last], ", ") + " and " + names[last]
}

// written are those parameters whose text is not yet what it means.
type written struct{ group, language, release, before string }

// fields are where the text of each parameter goes.
func (w *written) fields(q *question) map[string]*string {
	return map[string]*string{
		"q": &q.filter.Text, "product": &q.filter.Product, "place": &q.filter.Place, "category": &q.filter.Category, "kind": &q.filter.Kind,
		"as_of": &q.date, groupParameter: &w.group, languageParameter: &w.language, releaseParameter: &w.release, beforeParameter: &w.before,
	}
}

// mean reads what the texts mean.
func (w *written) mean(q *question, now time.Time, refuse func(name, sentence string)) {
	if q.date != "" {
		var sentence string
		if q.asOf, sentence = instant(q.date, now); sentence != "" {
			refuse("as_of", sentence)
		}
	}
	if q.byPurpose = w.group == "purpose"; w.group != "" && !q.byPurpose {
		refuse(groupParameter, "It is purpose, or is left out.")
	}
	for name, number := range map[string]struct {
		text string
		to   *int64
	}{releaseParameter: {w.release, &q.release}, beforeParameter: {w.before, &q.before}} {
		if number.text == "" {
			continue
		}
		var ok bool
		if *number.to, ok = releaseNumber(number.text); !ok {
			refuse(name, "It is the number of a release, such as 7.")
		}
	}
	if q.release > 0 && q.date != "" {
		refuse(releaseParameter, "It can be given or as_of, not both.")
	}
}

// releaseNumber reads the number of a release in its one written form.
func releaseNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == text
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
