package workspace

import (
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"onward/registry"
)

// words are what templates say things with.
var words = template.FuncMap{
	"instant":  func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"deadline": deadline,
	"machine":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"code":     func(code string) string { return strings.ReplaceAll(code, "_", " ") },
	"heading": func(code string) string {
		return strings.ToUpper(code[:min(1, len(code))]) + strings.ReplaceAll(code, "_", " ")[min(1, len(code)):]
	},
	"list":    func(items []string) string { return strings.Join(items, ", ") },
	"codes":   func(items []string) string { return strings.ReplaceAll(strings.Join(items, ", "), "_", " ") },
	"value":   shownValue,
	"general": func(s *sent, form string) string { return s.General(form) },
	"day":     func(d *registry.Date) string { return d.String() },
	"field":   newField,
}

// deadline is an instant by which something is due; one that ends a day in UTC is that day's end.
func deadline(t time.Time) string {
	t = t.UTC()
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return "the end of " + t.Add(-time.Nanosecond).Format("2 January 2006 (UTC)")
	}
	return t.Format("2 January 2006, 15:04 UTC")
}

// fieldData is a field of a form.
type fieldData struct {
	Form, Name, ID, Label, Value, Bad string
	Rows                              int // one line where it is 0
	Most                              int // characters
	Options                           []string
	sent                              bool
}

// newField is a field as it was sent, where d is the form that was refused, with what is wrong with it; otherwise empty.
func newField(d any, form, field, label string, rows int) fieldData {
	f := fieldData{
		Form: form, Name: field, Label: label, Rows: rows, Most: 2000,
		ID: strings.NewReplacer("/", "-").Replace(strings.TrimPrefix(form, "/app/")) + "-" + field,
	}
	if s, ok := d.(*sent); ok {
		f.Value, f.Bad, f.sent = s.Value(form, field), s.Bad(form, field), s.Is(form)
	}
	return f
}

// AtMost is the field with room for so many characters.
func (f fieldData) AtMost(most int) fieldData {
	f.Most = most
	return f
}

// Else is the field with a value where nothing was sent.
func (f fieldData) Else(value string) fieldData {
	if !f.sent {
		f.Value = value
	}
	return f
}

// OneOf is the field with something to choose.
func (f fieldData) OneOf(options []string) fieldData {
	f.Options = options
	return f
}

// shownValue is a value of a record as a text, without quotes and brackets as far as it is plain.
func shownValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "—"
	case string:
		return v
	case json.RawMessage:
		var plain any
		if len(v) == 0 || json.Unmarshal(v, &plain) != nil {
			return shownValue(nil)
		}
		return shownValue(plain)
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []any:
		if len(v) == 0 {
			return "none"
		}
		parts := make([]string, 0, len(v))
		for _, item := range v {
			parts = append(parts, shownValue(item))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+": "+shownValue(v[name]))
		}
		return strings.Join(parts, "; ")
	default:
		return fmt.Sprint(v)
	}
}
