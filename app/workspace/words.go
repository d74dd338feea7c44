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
	"field": func(d any, form, field, label string, rows int) fieldData {
		f := fieldData{Form: form, Name: field, Label: label, Rows: rows, ID: strings.NewReplacer("/", "-").Replace(strings.TrimPrefix(form, "/app/")) + "-" + field}
		if s, ok := d.(*sent); ok {
			f.Value, f.Bad = s.Value(form, field), s.Bad(form, field)
		}
		return f
	},
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
	Rows                              int
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
