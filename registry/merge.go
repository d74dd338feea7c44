package registry

import (
	stdjson "encoding/json"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// Merge applies an RFC 7396 merge patch to current, as JSON writes it, and reads the result into the zero value that into points to. A
// null in the patch removes a member; lists are replaced whole. The patch is read as strictly as by Decode: every member that is
// not one of into's, or does not fit it, is named by its pointer.
func Merge(current any, patch []byte, into any) error {
	if err := readable(patch); err != nil {
		return err
	}
	parsed, err := parse(patch)
	if err != nil {
		return err
	}
	if parsed.Kind() != '{' {
		return Refuse(Malformed, "A merge patch must be an object, not %s.", kindName(parsed))
	}
	var w walk
	w.value(parsed, reflect.TypeOf(into).Elem(), "")
	if len(w.fields) > 0 {
		return invalid(w.fields)
	}
	before, err := stdjson.Marshal(current)
	if err != nil {
		return fmt.Errorf("write what is to be patched: %w", err)
	}
	after, err := stdjson.Marshal(patched(before, parsed))
	if err != nil {
		return fmt.Errorf("write the patched value: %w", err)
	}
	return Decode(after, into)
}

// patched is target under patch (RFC 7396, section 2).
func patched(target, patch jsontext.Value) stdjson.RawMessage {
	if patch.Kind() != '{' {
		return stdjson.RawMessage(patch)
	}
	result := make(map[string]stdjson.RawMessage)
	if len(target) > 0 && target.Kind() == '{' {
		for _, m := range members(target) {
			result[m.name] = stdjson.RawMessage(m.value)
		}
	}
	for _, m := range members(patch) {
		if m.value.Kind() == 'n' {
			delete(result, m.name)
			continue
		}
		result[m.name] = patched(jsontext.Value(result[m.name]), m.value)
	}
	text, err := stdjson.Marshal(result)
	if err != nil {
		return stdjson.RawMessage(patch) // both sides were parsed: they can be written
	}
	return text
}

// sameJSON says whether JSON writes both alike.
func sameJSON(a, b any) bool {
	x, errA := stdjson.Marshal(a)
	y, errB := stdjson.Marshal(b)
	return errA == nil && errB == nil && string(x) == string(y)
}
