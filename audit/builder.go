package audit

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Builder writes an object as RFC 8785 canonical JSON, member by member, where making an Object of them first would take longer than all
// the rest. Members are written in the order of their names; Text refuses any other order, and what Canonical refuses of strings.
type Builder struct {
	text []byte
	open int    // objects around the one that is written
	last string // name written last in the open object; empty at its start
	err  error
}

// NewBuilder begins an object; room is a guess of its bytes.
func NewBuilder(room int) *Builder { return BuildOn(make([]byte, 0, room)) }

// BuildOn begins an object behind what is written in text already, in the room that it has.
func BuildOn(text []byte) *Builder { return &Builder{text: append(text, '{')} }

// Text ends the object and returns it, behind what it was built on.
func (b *Builder) Text() ([]byte, error) {
	if b.err == nil && b.open > 0 {
		b.err = errors.New("canonical JSON: an object was not ended")
	}
	return append(b.text, '}'), b.err
}

// String writes a member that is a string.
func (b *Builder) String(name, value string) {
	b.name(name)
	b.string(value)
}

// Some writes a member that is a string, and nothing where it is empty.
func (b *Builder) Some(name, value string) {
	if value != "" {
		b.String(name, value)
	}
}

// Bool writes a member that is true or false.
func (b *Builder) Bool(name string, value bool) {
	b.name(name)
	b.text = strconv.AppendBool(b.text, value)
}

// UUID writes a member that is a UUID.
func (b *Builder) UUID(name string, id uuid.UUID) {
	b.name(name)
	b.text = append(appendUUID(append(b.text, '"'), id), '"')
}

// Int writes a member that is a whole number, as a string.
func (b *Builder) Int(name string, value int64) {
	b.name(name)
	b.text = append(strconv.AppendInt(append(b.text, '"'), value, 10), '"')
}

// Instant writes a member that is an instant in UTC, in whole microseconds.
func (b *Builder) Instant(name string, t time.Time) {
	b.name(name)
	b.text = append(appendInstant(append(b.text, '"'), t), '"')
}

// Strings writes a member that is a list of strings, in their order.
func (b *Builder) Strings(name string, values []string) {
	b.name(name)
	b.text = append(b.text, '[')
	for i, v := range values {
		if i > 0 {
			b.text = append(b.text, ',')
		}
		b.string(v)
	}
	b.text = append(b.text, ']')
}

// UUIDs writes a member that is a list of UUIDs, in their order.
func (b *Builder) UUIDs(name string, ids []uuid.UUID) {
	b.name(name)
	b.text = append(b.text, '[')
	for i, id := range ids {
		if i > 0 {
			b.text = append(b.text, ',')
		}
		b.text = append(appendUUID(append(b.text, '"'), id), '"')
	}
	b.text = append(b.text, ']')
}

// Objects writes a member that is a list of n objects; one writes the members of the i-th.
func (b *Builder) Objects(name string, n int, one func(i int)) {
	b.name(name)
	b.text = append(b.text, '[')
	outer := b.last
	b.open, b.last = b.open+1, ""
	for i := range n {
		if i > 0 {
			b.text = append(b.text, ',')
		}
		b.text, b.last = append(b.text, '{'), ""
		one(i)
		b.text = append(b.text, '}')
	}
	b.open, b.last = b.open-1, outer
	b.text = append(b.text, ']')
}

// name writes the name of a member. In ASCII, the order of bytes is that of RFC 8785 3.2.3.
func (b *Builder) name(name string) {
	if name <= b.last && b.err == nil {
		b.err = fmt.Errorf("canonical JSON: %q is written after %q", name, b.last)
	}
	if !asciiKey(name) && b.err == nil {
		b.err = fmt.Errorf("canonical JSON: %q is not a printable ASCII key", name)
	}
	if b.last != "" {
		b.text = append(b.text, ',')
	}
	b.last = name
	b.string(name)
	b.text = append(b.text, ':')
}

func (b *Builder) string(s string) {
	if plain(s) {
		b.text = append(append(append(b.text, '"'), s...), '"')
		return
	}
	text, err := appendString(b.text, s)
	if err != nil {
		if b.err == nil {
			b.err = fmt.Errorf("%s: %w", b.last, err)
		}
		return
	}
	b.text = text
}

// plain tells whether a string is written as it is: printable ASCII without what must be escaped, as nearly all are.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
