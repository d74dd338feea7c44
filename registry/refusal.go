package registry

import "fmt"

// Kind says what sort of refusal it is; app turns each into one HTTP status.
type Kind int

// The kinds of refusal.
const (
	NotFound       Kind = iota + 1 // there is no such thing
	Malformed                      // the text is not JSON, or not of the shape that can be read at all
	Invalid                        // fields are wrong; Fields names every one
	Conflict                       // it contradicts something that exists
	Stale                          // the record was changed since it was read
	Forbidden                      // this actor may not
	Denied                         // the policy forbids it
	Busy                           // not now; trying again later can succeed
	Unacknowledged                 // this actor may, after acknowledging confidentiality
)

// Refusal is an answer for the person who asked: a sentence, and where fields are to blame, which and why. Every other error is
// a fault, whose text nobody outside sees.
type Refusal struct {
	Kind     Kind
	Sentence string
	Fields   []Field
}

// Field names a bad field by JSON pointer (RFC 6901) and says in a sentence what is wrong with it.
type Field struct {
	Pointer  string `json:"pointer"`
	Sentence string `json:"detail"`
}

func (r *Refusal) Error() string { return r.Sentence }

// Refuse makes a refusal.
func Refuse(kind Kind, format string, args ...any) *Refusal {
	return &Refusal{Kind: kind, Sentence: fmt.Sprintf(format, args...)}
}
