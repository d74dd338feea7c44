package importing

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"onward/registry"
)

// object is a record's fields as JSON writes them: what is not stated is absent.
type object map[string]json.RawMessage

// objectOf is v as an object, with text as the registry stores it: without spaces at its ends and with \n as line end.
func objectOf(v any) (object, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		return nil, err
	}
	o := object{}
	for name, v := range plain {
		if o[name], err = json.Marshal(tidied(v)); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func tidied(v any) any {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n"))
	case []any:
		for i := range v {
			v[i] = tidied(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = tidied(v[name])
		}
	}
	return v
}

// into reads o back into the zero value that v points to.
func (o object) into(v any) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// combine adds to o what a later row of the file states: members that are not there yet, and the elements of lists. Where both state
// a member differently, o's stays and the difference is returned.
func (o object) combine(later object) (kept []registry.Difference) {
	for _, name := range slices.Sorted(maps.Keys(later)) {
		before, stated := o[name]
		switch {
		case !stated:
			o[name] = later[name]
		case isList(before) && isList(later[name]):
			o[name] = union(before, later[name])
		case !bytes.Equal(before, later[name]):
			kept = append(kept, difference(name, before, later[name]))
		}
	}
	return kept
}

// patch is the RFC 7396 merge patch that makes o say what stated says, and what it changes. Members that stated does not have
// are left alone; the lists named by growing gain elements and lose none.
func (o object) patch(stated object, growing ...string) (object, []registry.Difference) {
	patch := object{}
	var changes []registry.Difference
	for _, name := range slices.Sorted(maps.Keys(stated)) {
		want := stated[name]
		if slices.Contains(growing, name) && o[name] != nil {
			want = union(o[name], want)
		}
		if !covers(o[name], want) {
			patch[name] = want
			changes = append(changes, difference(name, o[name], want))
		}
	}
	return patch, changes
}

// covers says whether have says all that want says: it is the same, or an object whose members cover want's.
func covers(have, want json.RawMessage) bool {
	if bytes.Equal(have, want) {
		return true
	}
	var a, b object
	if len(have) == 0 || json.Unmarshal(have, &a) != nil || json.Unmarshal(want, &b) != nil {
		return false
	}
	for name := range b {
		if !covers(a[name], b[name]) {
			return false
		}
	}
	return true
}

func isList(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '[' }

// union is list a and then the elements of list b that it has not.
func union(a, b json.RawMessage) json.RawMessage {
	var all, more []json.RawMessage
	if json.Unmarshal(a, &all) != nil || json.Unmarshal(b, &more) != nil {
		return a
	}
	for _, m := range more {
		if !slices.ContainsFunc(all, func(e json.RawMessage) bool { return bytes.Equal(e, m) }) {
			all = append(all, m)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		return a // the elements were just read: they can be written
	}
	return text
}

func difference(name string, before, after json.RawMessage) registry.Difference {
	d := registry.Difference{Pointer: "/" + escape(name)}
	if before != nil {
		d.Before = before
	}
	if after != nil {
		d.After = after
	}
	return d
}

// same says whether JSON writes both alike.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
