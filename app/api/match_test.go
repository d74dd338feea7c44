package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// memory is what {{name}} stands for.
type memory map[string]string

var variable = regexp.MustCompile(`\{\{([^{}]+)\}\}`)

// fill replaces every {{name}} that is known.
func (m memory) fill(text string) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string {
		if known, ok := m[v[2:len(v)-2]]; ok {
			return known
		}
		return v
	})
}

// text compares and remembers what is new.
func (m memory) text(want, got string) error {
	pattern, names := "^", []string(nil)
	rest := m.fill(want)
	for _, at := range variable.FindAllStringSubmatchIndex(rest, -1) {
		names = append(names, rest[at[2]:at[3]])
	}
	parts := variable.Split(rest, -1)
	for i, part := range parts {
		pattern += regexp.QuoteMeta(part)
		if i < len(parts)-1 {
			pattern += "([^/ ]+)"
			if names[i] == "any" {
				pattern = strings.TrimSuffix(pattern, "([^/ ]+)") + "(.*)"
			}
		}
	}
	found := regexp.MustCompile(pattern + "$").FindStringSubmatch(got)
	if found == nil {
		return fmt.Errorf("got %q, want %q", got, rest)
	}
	for i, name := range names {
		if name != "any" {
			m[name] = found[i+1]
		}
	}
	return nil
}

// json compares a JSON text with what is wanted of it.
func (m memory) json(want, got string) error {
	w, err := parseJSON(want)
	if err != nil {
		return fmt.Errorf("what is wanted is not JSON: %w", err)
	}
	g, err := parseJSON(got)
	if err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	return m.value("", w, g)
}

func parseJSON(text string) (v any, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

func (m memory) value(at string, want, got any) error {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: got %s, want an object", at, show(got))
		}
		return m.object(at, w, g)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Errorf("%s: got %s, want %s", at, show(got), show(want))
		}
		for i := range w {
			if err := m.value(fmt.Sprintf("%s/%d", at, i), w[i], g[i]); err != nil {
				return err
			}
		}
		return nil
	case string:
		if w == "{{any}}" && got != nil {
			return nil
		}
		switch got.(type) {
		case string, json.Number, bool:
			if err := m.text(w, fmt.Sprint(got)); err != nil {
				return fmt.Errorf("%s: %w", at, err)
			}
			return nil
		}
		return fmt.Errorf("%s: got %s, want %q", at, show(got), w)
	default:
		if show(want) != show(got) {
			return fmt.Errorf("%s: got %s, want %s", at, show(got), show(want))
		}
		return nil
	}
}

func (m memory) object(at string, want, got map[string]any) error {
	for name, w := range want {
		g, there := got[name]
		if w == "{{absent}}" {
			if there {
				return fmt.Errorf("%s/%s: got %s, want nothing", at, name, show(g))
			}
			continue
		}
		if !there {
			return fmt.Errorf("%s/%s: is not there; got %s", at, name, show(got))
		}
		if err := m.value(at+"/"+name, w, g); err != nil {
			return err
		}
	}
	return nil
}

func show(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return strings.TrimSpace(b.String())
}
