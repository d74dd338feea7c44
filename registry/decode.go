package registry

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// maxDepth is how deep the text that Decode reads may nest.
const maxDepth = 32

// strict is how every text is read: names exactly as written, each once, none unknown, UTF-8 only, UUIDs and instants in one form.
var strict = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *uuid.UUID) error { return readText(d, v, parseUUID) }),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *time.Time) error { return readText(d, v, parseInstant) }),
	)),
)

// Decode reads one JSON value strictly into the zero value that into points to. Text that is not JSON, not UTF-8, too deep, or followed
// by more is Malformed, with the place. Unknown and repeated members, wrong types, and days, instants (RFC 3339, years 1900 to 9999)
// and UUIDs that do not exist are Invalid, every one named by its pointer. A null is an absent member.
func Decode(data []byte, into any) error {
	if err := readable(data); err != nil {
		return err
	}
	fault := json.Unmarshal(data, into, strict)
	if fault == nil {
		return nil
	}
	root, err := parse(data)
	if err != nil {
		return err
	}
	var w walk
	w.value(root, reflect.TypeOf(into).Elem(), "")
	if len(w.fields) == 0 {
		return Refuse(Malformed, "The text cannot be read as what was expected here.")
	}
	if w.fields[0].Pointer == "" {
		return Refuse(Malformed, "The text %s.", w.fields[0].Sentence)
	}
	return invalid(w.fields)
}

// readable refuses what is not to be parsed at all: bytes that are not UTF-8, and nesting over maxDepth.
func readable(data []byte) *Refusal {
	if !utf8.Valid(data) {
		return Refuse(Malformed, "The text is not valid UTF-8 at byte %d.", firstInvalid(data))
	}
	if bytes.Count(data, []byte("{"))+bytes.Count(data, []byte("[")) <= maxDepth {
		return nil // it cannot be deeper
	}
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{', c == '[':
			if depth++; depth > maxDepth {
				return Refuse(Malformed, "The text nests deeper than %d levels at byte %d.", maxDepth, i)
			}
		case c == '}', c == ']':
			depth--
		}
	}
	return nil
}

func firstInvalid(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		at += size
	}
	return at
}

// readText reads a string by parse; null leaves the zero value.
func readText[T any](d *jsontext.Decoder, v *T, parse func([]byte) (T, error)) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	switch raw.Kind() { //nolint:exhaustive // every other kind is refused alike
	case 'n':
		var zero T
		*v = zero
		return nil
	case '"':
		text := []byte(raw[1 : len(raw)-1])
		if bytes.IndexByte(text, '\\') >= 0 {
			if text, err = jsontext.AppendUnquote(nil, raw); err != nil {
				return err
			}
		}
		*v, err = parse(text)
		return err
	default:
		return errors.New("must be a string")
	}
}

// parseUUID reads a UUID in its one written form.
func parseUUID(s []byte) (uuid.UUID, error) {
	id, err := uuid.ParseBytes(s)
	if err != nil || len(s) != 36 {
		return uuid.UUID{}, fmt.Errorf("must be a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057, not %s", shown(string(s)))
	}
	return id, nil
}

// parseInstant reads an RFC 3339 instant between the years 1900 and 9999.
func parseInstant(s []byte) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, string(s))
	// time.Parse takes a comma for the point, and a one-digit hour; RFC 3339 has neither.
	if err != nil || bytes.IndexByte(s, ',') >= 0 || len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' {
		return time.Time{}, fmt.Errorf("must be an RFC 3339 instant such as 2026-11-24T09:30:00Z, not %s", shown(string(s)))
	}
	if y := t.UTC().Year(); y < 1900 || y > 9999 {
		return time.Time{}, fmt.Errorf("must be an instant between the years 1900 and 9999, not %s", shown(string(s)))
	}
	return t, nil
}

// shown is what was given, short enough for a sentence.
func shown(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// invalid is the refusal of fields.
func invalid(fields []Field) *Refusal {
	sentence := "One field is not right."
	if len(fields) > 1 {
		sentence = fmt.Sprintf("%d fields are not right.", len(fields))
	}
	return &Refusal{Kind: Invalid, Sentence: sentence, Fields: fields}
}

// InvalidField refuses one field.
func InvalidField(pointer, format string, args ...any) *Refusal {
	return invalid([]Field{{Pointer: pointer, Sentence: fmt.Sprintf(format, args...)}})
}
