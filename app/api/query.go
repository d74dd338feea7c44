package api

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/problem"
	"onward/registry"
)

// defaultLimit and maxLimit bound a page.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// query is the query string of a request, read one parameter after the other; err tells of all that are bad.
type query struct {
	values url.Values
	bad    problem.Bad
}

// queryOf reads the query string; every parameter must be one of names, and given once.
func queryOf(c *gin.Context, names ...string) *query {
	if c.Request.URL.RawQuery == "" {
		return &query{}
	}
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.refuse("", "the query string cannot be read")
	}
	for name, given := range values {
		switch {
		case !utf8.ValidString(name):
			q.refuse("", "a parameter's name is not UTF-8")
		case !slices.Contains(names, name):
			q.refuse(name, "there is no such parameter")
		case len(given) > 1:
			q.refuse(name, "is given more than once")
		case !utf8.ValidString(given[0]) || strings.ContainsRune(given[0], 0):
			q.refuse(name, "is not text in UTF-8")
		}
	}
	slices.SortFunc(q.bad, func(a, b problem.Item) int { return strings.Compare(a.Parameter, b.Parameter) })
	return q
}

// none refuses every parameter.
func none(c *gin.Context) error { return queryOf(c).err() }

// refuse tells of a bad parameter, unless it is known to be bad.
func (q *query) refuse(name, format string, args ...any) {
	known := func(i problem.Item) bool { return i.Parameter == name }
	if !slices.ContainsFunc(q.bad, known) {
		q.bad = append(q.bad, problem.Parameter(name, format, args...))
	}
}

// err is the refusal of all that are bad, or nil.
func (q *query) err() error {
	if len(q.bad) == 0 {
		return nil
	}
	return q.bad
}

// also is the refusal of all that are bad, those of err, whose fields are parameters, among them.
func (q *query) also(err error) error {
	var more problem.Bad
	if err = parameters(err, nil); err != nil && !errors.As(err, &more) {
		return err
	}
	for _, item := range more {
		q.refuse(item.Parameter, "%s", item.Detail)
	}
	return q.err()
}

func (q *query) text(name string) string { return q.values.Get(name) }

// limit is how many items a page has.
func (q *query) limit() int {
	if !q.values.Has("limit") {
		return defaultLimit
	}
	text := q.text("limit")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit || strconv.Itoa(n) != text {
		q.refuse("limit", "must be a whole number from 1 to %d", maxLimit)
	}
	return n
}

// id is a UUID, or the nil one when it is not given.
func (q *query) id(name string) uuid.UUID {
	if !q.values.Has(name) {
		return uuid.Nil
	}
	id, ok := parseID(q.text(name))
	if !ok {
		q.refuse(name, "must be a UUID")
	}
	return id
}

// some is a text that is not empty when it is given.
func (q *query) some(name string) string {
	if q.values.Has(name) && q.text(name) == "" {
		q.refuse(name, "is empty; leave it out")
	}
	return q.text(name)
}

// from is the beginning of a period: an instant, or the first of a day in zone; zero when it is not given.
func (q *query) from(name string, zone *time.Location) time.Time {
	day, t := q.moment(name)
	if day != nil {
		return day.Start(zone)
	}
	return t
}

// until is the first instant after a period that ends with a day in zone, or with an instant, which is within; zero when it is not given.
func (q *query) until(name string, zone *time.Location) time.Time {
	day, t := q.moment(name)
	switch {
	case day != nil:
		return day.End(zone)
	case t.IsZero():
		return t
	default:
		return t.Truncate(time.Microsecond).Add(time.Microsecond)
	}
}

// choice is one of several words, the first when it is not given.
func (q *query) choice(name string, words ...string) string {
	if !q.values.Has(name) {
		return words[0]
	}
	if !slices.Contains(words, q.text(name)) {
		q.refuse(name, "must be one of %s", strings.Join(words, ", "))
	}
	return q.text(name)
}

// instant is an instant, or the end of a day in zone; nil when it is not given.
func (q *query) instant(name string, zone *time.Location) *time.Time {
	if !q.values.Has(name) {
		return nil
	}
	day, t := q.moment(name)
	switch {
	case day != nil:
		t = day.End(zone).Add(-time.Microsecond)
	case t.IsZero():
		return nil
	}
	return &t
}

// moment is a day or an instant; nil and zero when it is not given or not right.
func (q *query) moment(name string) (*registry.Date, time.Time) {
	if !q.values.Has(name) {
		return nil, time.Time{}
	}
	text := q.text(name)
	if day, err := registry.ParseDate(text); err == nil {
		return &day, time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.UTC().Year() < 1900 || t.UTC().Year() > 9999 {
		q.refuse(name, "must be an instant such as 2026-11-24T12:00:00Z or a day such as 2026-11-24, between the years 1900 and 9999; write + as %%2B")
		return nil, time.Time{}
	}
	return nil, t
}

// parameters turns a refusal of fields that came as query parameters into one that says so; renamed maps pointers to other names.
func parameters(err error, renamed map[string]string) error {
	var refusal *registry.Refusal
	if !errors.As(err, &refusal) || refusal.Kind != registry.Invalid || len(refusal.Fields) == 0 {
		return err
	}
	bad := make(problem.Bad, 0, len(refusal.Fields))
	for _, f := range refusal.Fields {
		name := strings.TrimPrefix(f.Pointer, "/")
		if other, ok := renamed[name]; ok {
			name = other
		}
		bad = append(bad, problem.Parameter(name, "%s", f.Sentence))
	}
	return bad
}

// idOf is the id in the path; what is no UUID names nothing (NotFound).
func idOf(c *gin.Context, name string) (uuid.UUID, error) {
	id, ok := parseID(c.Param(name))
	if !ok {
		return uuid.Nil, registry.Refuse(registry.NotFound, "The path names nothing that exists.")
	}
	return id, nil
}

// parseID reads a UUID in its one written form.
func parseID(text string) (uuid.UUID, bool) {
	id, err := uuid.Parse(text)
	return id, err == nil && len(text) == 36
}
