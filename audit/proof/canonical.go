package proof

import (
	"bytes"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a leaf.
const maxDepth = 64

// scanner walks RFC 8785 canonical JSON of the sort that a leaf of version 1 has: objects with printable ASCII keys in order, strings,
// true and false, arrays of strings or of objects; no number, no null, no space, no U+0000. Whatever it accepts could not be
// written in another way.
type scanner struct {
	text []byte
	at   int
}

// object reads an object and tells each member's key and value as they are written; a nil member only checks.
func (s *scanner) object(depth int, member func(key, value []byte) bool) bool {
	if depth > maxDepth || !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	var before []byte
	for {
		key, ok := s.key()
		if !ok || before != nil && bytes.Compare(before, key) >= 0 || !s.take(':') {
			return false
		}
		before = key
		from := s.at
		if !s.value(depth + 1) {
			return false
		}
		if member != nil && !member(key, s.text[from:s.at]) {
			return false
		}
		if s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// key reads a member's name and returns what it stands for.
func (s *scanner) key() ([]byte, bool) {
	raw, ok := s.str()
	if !ok || len(raw) == 0 {
		return nil, false
	}
	escaped := false
	for _, c := range raw {
		if c < 0x20 || c > 0x7e {
			return nil, false
		}
		escaped = escaped || c == '\\'
	}
	if !escaped {
		return raw, len(raw) <= 255
	}
	plain := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' {
			if i++; raw[i] != '"' && raw[i] != '\\' {
				return nil, false // a control character
			}
		}
		plain = append(plain, raw[i])
	}
	return plain, len(plain) <= 255
}

func (s *scanner) value(depth int) bool {
	if s.at >= len(s.text) {
		return false
	}
	switch s.text[s.at] {
	case '"':
		_, ok := s.str()
		return ok
	case '{':
		return s.object(depth, nil)
	case '[':
		return s.array(depth)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	default:
		return false
	}
}

// array reads an array whose elements are all strings or all objects.
func (s *scanner) array(depth int) bool {
	s.at++
	if s.take(']') {
		return true
	}
	if s.at >= len(s.text) {
		return false
	}
	sort := s.text[s.at]
	if sort != '"' && sort != '{' {
		return false
	}
	for {
		if s.at >= len(s.text) || s.text[s.at] != sort || !s.value(depth+1) {
			return false
		}
		if s.take(']') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// str reads a string and returns what is between the quotes, with its escapes.
func (s *scanner) str() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	from := s.at
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return s.text[from : s.at-1], true
		case c == '\\':
			if !s.escape() {
				return nil, false
			}
		case c < 0x20:
			return nil, false
		case c < utf8.RuneSelf:
			s.at++
		default:
			r, size := utf8.DecodeRune(s.text[s.at:])
			if r == utf8.RuneError && size == 1 {
				return nil, false
			}
			s.at += size
		}
	}
	return nil, false
}

// escape reads one of the escapes that RFC 8785 demands; all others would be a second way to write the same.
func (s *scanner) escape() bool {
	rest := s.text[s.at+1:]
	if len(rest) == 0 {
		return false
	}
	switch rest[0] {
	case '"', '\\', 'b', 't', 'n', 'f', 'r':
		s.at += 2
		return true
	case 'u':
		if len(rest) < 5 || rest[1] != '0' || rest[2] != '0' {
			return false
		}
		high, low := rest[3], rest[4]
		if high != '0' && high != '1' || (low < '0' || low > '9') && (low < 'a' || low > 'f') {
			return false
		}
		if high == '0' && bytes.IndexByte([]byte("089acd"), low) >= 0 { // U+0000, or one that has an escape of two characters
			return false
		}
		s.at += 6
		return true
	default:
		return false
	}
}

func (s *scanner) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) word(w string) bool {
	if !bytes.HasPrefix(s.text[s.at:], []byte(w)) {
		return false
	}
	s.at += len(w)
	return true
}
