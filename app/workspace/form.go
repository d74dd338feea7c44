package workspace

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/problem"
	"onward/registry"
)

// formLimit is the size in bytes of the largest form: a reason of 5,000 characters and an outcome of 2,000, each of four bytes and written with
// percent signs, and room.
const formLimit = 96 << 10

// readForm reads the fields of a form. It refuses what is none (UnsupportedType, Malformed), and one over formLimit (TooLarge).
func readForm(c *gin.Context) (url.Values, error) {
	if c.ContentType() != "application/x-www-form-urlencoded" {
		return nil, problem.Refuse(problem.UnsupportedType, "Send Content-Type: application/x-www-form-urlencoded.")
	}
	conn := http.NewResponseController(c.Writer)
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second)) // not all connections have deadlines
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, formLimit))
	_ = conn.SetReadDeadline(time.Time{})
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, err
	}
	values, bad := url.ParseQuery(string(body))
	if err != nil || bad != nil {
		return nil, registry.Refuse(registry.Malformed, "The form cannot be read.")
	}
	return values, nil
}

// sent is a form that was refused: what was typed is kept, and what is wrong stands beside the fields.
type sent struct {
	Form    string // what it was about: the path it was sent to
	Values  url.Values
	Problem problem.Document
}

// refusedForm is the form that err refuses; ok is false where err is none that whoever sent it can mend there.
func refusedForm(c *gin.Context, values url.Values, err error) (s *sent, ok bool) {
	d, _, fault := problem.Of(err)
	switch d.Status {
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusPreconditionFailed, http.StatusForbidden, http.StatusServiceUnavailable:
		return &sent{c.Request.URL.Path, values, d}, fault == nil
	default:
		return nil, false
	}
}

// Value is what was typed into a field of the form.
func (s *sent) Value(form, field string) string {
	if s == nil || s.Form != form {
		return ""
	}
	return s.Values.Get(field)
}

// Bad is what is wrong with a field of the form.
func (s *sent) Bad(form, field string) string {
	if s == nil || s.Form != form {
		return ""
	}
	for _, e := range s.Problem.Errors {
		if e.Pointer != nil && *e.Pointer == "/"+field {
			return e.Detail
		}
	}
	return ""
}

// General is what is wrong with the form besides its fields.
func (s *sent) General(form string) string {
	if s == nil || s.Form != form {
		return ""
	}
	return s.Problem.Detail
}

// Lost is what is wrong with a form that is none of those shown: what it was about was done meanwhile, or is not for who sent it.
func (s *sent) Lost(shown []string) string {
	if s == nil || slices.Contains(shown, s.Form) {
		return ""
	}
	return s.General(s.Form)
}

// Is says whether the refused form is this one.
func (s *sent) Is(form string) bool { return s != nil && s.Form == form }

// backTo is the list that a form stood on: its path and, from the form, its query.
func backTo(path string, values url.Values) string {
	query, err := url.ParseQuery(values.Get("back"))
	if err != nil || len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// idOf is the id in the path; what is no UUID names nothing (NotFound).
func idOf(c *gin.Context) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Param("id"))
	if err != nil || len(c.Param("id")) != 36 {
		return uuid.Nil, registry.Refuse(registry.NotFound, "There is no such page.")
	}
	return id, nil
}

// versionOf is the version that whoever sent a form had seen.
func versionOf(values url.Values) (int64, error) {
	version, err := strconv.ParseInt(values.Get("version"), 10, 64)
	if err != nil {
		return 0, registry.Refuse(registry.Malformed, "The form cannot be read.")
	}
	return version, nil
}

// unixLines is a text with the line ends that the records have.
func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
