package workspace

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/problem"
	"onward/registry"
)

// pageSize is how many lines a list has on a page.
const pageSize = 50

// query is the query string of a list: its filter and where its page begins. What is wrong with it is told at once.
type query struct {
	values url.Values
	bad    problem.Bad
}

// queryOf reads the query string; a back of its own is that of the list that a refused form stood on.
func queryOf(c *gin.Context, s *sent) *query {
	q := &query{values: c.Request.URL.Query()}
	if s != nil {
		q.values, _ = url.ParseQuery(s.Values.Get("back"))
	}
	return q
}

func (q *query) refuse(name, sentence string) {
	q.bad = append(q.bad, problem.Parameter(name, "%s", sentence))
}

// err is the refusal of all that is bad, or nil.
func (q *query) err() error {
	if q.bad == nil {
		return nil
	}
	return q.bad
}

func (q *query) text(name string) string { return strings.TrimSpace(q.values.Get(name)) }

// choice is one of several words, or empty.
func (q *query) choice(name string, words ...string) string {
	text := q.text(name)
	if text != "" && !slices.Contains(words, text) {
		q.refuse(name, "must be one of "+strings.Join(words, ", "))
	}
	return text
}

// id is a UUID, or the nil one.
func (q *query) id(name string) uuid.UUID {
	if q.text(name) == "" {
		return uuid.Nil
	}
	id, err := uuid.Parse(q.text(name))
	if err != nil {
		q.refuse(name, "must be a UUID")
	}
	return id
}

// day is a day, or nil.
func (q *query) day(name string) *registry.Date {
	if q.text(name) == "" {
		return nil
	}
	day, err := registry.ParseDate(q.text(name))
	if err != nil {
		q.refuse(name, "must be a day such as 2026-11-24")
		return nil
	}
	return &day
}

// encode is the query itself, for a form to lead back to.
func (q *query) encode() string { return q.values.Encode() }

// next is the address of the page after; empty where there is none.
func (q *query) next(path, cursor string) string {
	if cursor == "" {
		return ""
	}
	values := url.Values{}
	for name, v := range q.values {
		values[name] = v
	}
	values.Set("cursor", cursor)
	return path + "?" + values.Encode()
}

// option is something to choose in a filter.
type option struct {
	Value, Text string
	Chosen      bool
}

func options(chosen string, values ...string) []option {
	all := make([]option, 0, len(values))
	for _, v := range values {
		all = append(all, option{v, strings.ReplaceAll(v, "_", " "), v == chosen})
	}
	return all
}

// endOf is the last instant of a day in UTC, as the JSON interface reads a day that is asked for.
func endOf(d registry.Date) time.Time { return d.End(time.UTC).Add(-time.Microsecond) }
