package sharing

import (
	"errors"
	"strings"
	"unicode/utf8"
)

var errNotCanonical = errors.New("the leaf is not canonical JSON without numbers and null")

// deepest bounds the nesting of a leaf; audit writes none deeper.
const deepest = 40

// scanner reads canonical JSON as leaves are written: no blanks, members in ascending order, ASCII keys, strings, booleans, objects and
// arrays only, and every character escaped exactly when it must be. It refuses everything else. It is some six times faster than
// encoding/json, and the strings that it gives share the leaf's memory.
type scanner struct {
	s     string
	at    int
	depth int
}

// newScanner is nil when the leaf is not UTF-8.
func newScanner(leaf []byte) *scanner {
	if !utf8.Valid(leaf) {
		return nil
	}
	return &scanner{s: string(leaf)}
}

// take moves past c if it is next.
func (s *scanner) take(c byte) bool {
	if s.at < len(s.s) && s.s[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) end() error {
	if s.at != len(s.s) {
		return errNotCanonical
	}
	return nil
}

// object calls member for each key; it must read the value.
func (s *scanner) object(member func(key string) error) error {
	if s.depth++; s.depth > deepest || !s.take('{') {
		return errNotCanonical
	}
	for before := ""; !s.take('}'); {
		if before != "" && !s.take(',') {
			return errNotCanonical
		}
		key, err := s.string()
		if err != nil || key <= before || !s.take(':') || !plainKey(key) {
			return errNotCanonical
		}
		if err := member(key); err != nil {
			return err
		}
		before = key
	}
	s.depth--
	return nil
}

func plainKey(key string) bool {
	for i := range len(key) {
		if key[i] < ' ' || key[i] > '~' {
			return false
		}
	}
	return true
}

// array calls element for each element; it must read it.
func (s *scanner) array(element func() error) error {
	if s.depth++; s.depth > deepest || !s.take('[') {
		return errNotCanonical
	}
	for first := true; !s.take(']'); first = false {
		if !first && !s.take(',') {
			return errNotCanonical
		}
		if err := element(); err != nil {
			return err
		}
	}
	s.depth--
	return nil
}

// text reads a string into the place; where there is none, it skips a value.
func (s *scanner) text(_ string, into *string) (err error) {
	if into == nil {
		return s.skip()
	}
	*into, err = s.string()
	return err
}

func (s *scanner) texts(into *[]string) error {
	return s.array(func() error {
		text, err := s.string()
		*into = append(*into, text)
		return err
	})
}

func (s *scanner) boolean(into *bool) error {
	switch rest := s.s[s.at:]; {
	case strings.HasPrefix(rest, "true"):
		*into = true
		s.at += len("true")
	case strings.HasPrefix(rest, "false"):
		*into = false
		s.at += len("false")
	default:
		return errNotCanonical
	}
	return nil
}

// skip reads a value of any kind.
func (s *scanner) skip() error {
	if s.at == len(s.s) {
		return errNotCanonical
	}
	switch s.s[s.at] {
	case '"':
		_, err := s.string()
		return err
	case '{':
		return s.object(func(string) error { return s.skip() })
	case '[':
		return s.array(s.skip)
	default:
		var b bool
		return s.boolean(&b)
	}
}

// string reads a string; without escapes it is a part of the leaf.
func (s *scanner) string() (string, error) {
	if !s.take('"') {
		return "", errNotCanonical
	}
	for i := s.at; i < len(s.s); i++ {
		switch c := s.s[i]; {
		case c == '"':
			text := s.s[s.at:i]
			s.at = i + 1
			return text, nil
		case c == '\\':
			return s.escaped(i)
		case c < ' ':
			return "", errNotCanonical
		}
	}
	return "", errNotCanonical
}

// escaped reads the rest of a string whose first escape is at i.
func (s *scanner) escaped(i int) (string, error) {
	var b strings.Builder
	b.WriteString(s.s[s.at:i])
	for ; i < len(s.s); i++ {
		switch c := s.s[i]; {
		case c == '"':
			s.at = i + 1
			return b.String(), nil
		case c < ' ':
			return "", errNotCanonical
		case c != '\\':
			b.WriteByte(c)
		default:
			decoded, width := unescape(s.s[i:])
			if width == 0 {
				return "", errNotCanonical
			}
			b.WriteByte(decoded)
			i += width - 1
		}
	}
	return "", errNotCanonical
}

// unescape reads an escape in the one form that RFC 8785 allows for a character; width is 0 for every other. U+0000 is in no leaf.
func unescape(s string) (c byte, width int) {
	if len(s) < 2 {
		return 0, 0
	}
	const short, means = `"\btnfr`, "\"\\\b\t\n\f\r"
	if i := strings.IndexByte(short, s[1]); i >= 0 {
		return means[i], 2
	}
	const hex = "0123456789abcdef"
	if len(s) < 6 || s[1:4] != "u00" {
		return 0, 0
	}
	high, low := strings.IndexByte(hex, s[4]), strings.IndexByte(hex, s[5])
	if high < 0 || high > 1 || low < 0 {
		return 0, 0
	}
	c = byte(high<<4 | low) //nolint:gosec // two hexadecimal digits
	if c == 0 || strings.IndexByte(means, c) >= 0 {
		return 0, 0
	}
	return c, 6
}
