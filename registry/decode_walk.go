package registry

import (
	"bytes"
	"encoding"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// parse reads the one JSON value of data; repeated names are kept. What is not JSON is Malformed, with line and column.
func parse(data []byte) (jsontext.Value, error) {
	d := repeating(data)
	root, err := d.ReadValue()
	if err != nil {
		return nil, malformed(data, err)
	}
	root = root.Clone()
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, malformed(data, &jsontext.SyntacticError{ByteOffset: d.InputOffset(), Err: errors.New("more follows after its end")})
	}
	return root, nil
}

// repeating decodes data and lets names repeat, so that every repetition can be named.
func repeating(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))
}

func malformed(data []byte, err error) *Refusal {
	at, why := len(data), "it ends too early"
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF) {
		at, why = min(int(syntax.ByteOffset), len(data)), syntax.Err.Error()
	}
	line := 1 + bytes.Count(data[:at], []byte("\n"))
	column := at - bytes.LastIndexByte(data[:at], '\n')
	return Refuse(Malformed, "The text is not JSON at line %d, column %d: %s.", line, column, why)
}

// member is a name and its value, as they stand in an object.
type member struct {
	name  string
	value jsontext.Value
}

// members are those of an object that parse has read.
func members(object jsontext.Value) []member {
	var all []member
	d := repeating(object)
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() == '"' {
		var name jsontext.Token
		if name, err = d.ReadToken(); err != nil {
			break
		}
		m := member{name: name.String()}
		m.value, err = d.ReadValue()
		m.value = m.value.Clone()
		all = append(all, m)
	}
	return all
}

// items are those of an array that parse has read.
func items(array jsontext.Value) []jsontext.Value {
	var all []jsontext.Value
	d := repeating(array)
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() != ']' {
		var v jsontext.Value
		v, err = d.ReadValue()
		all = append(all, v.Clone())
	}
	return all
}

// walk compares a JSON value with a Go type and names everything that does not fit.
type walk struct{ fields []Field }

func (w *walk) bad(pointer, format string, args ...any) {
	w.fields = append(w.fields, Field{Pointer: pointer, Sentence: fmt.Sprintf(format, args...)})
}

func (w *walk) value(v jsontext.Value, t reflect.Type, at string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if v.Kind() == 'n' {
		return
	}
	switch p := reflect.New(t).Interface().(type) {
	case *uuid.UUID:
		text(w, v, at, parseUUID)
		return
	case *time.Time:
		text(w, v, at, parseInstant)
		return
	case stdjson.Unmarshaler:
		if err := p.UnmarshalJSON(v); err != nil {
			w.bad(at, "cannot be read")
		}
		return
	case encoding.TextUnmarshaler:
		text(w, v, at, func(s []byte) (any, error) { return nil, p.UnmarshalText(s) })
		return
	}
	switch t.Kind() { //nolint:exhaustive // no record has a field of another kind
	case reflect.Struct:
		w.object(v, t, at)
	case reflect.Slice:
		w.array(v, t, at)
	case reflect.Map:
		w.mapping(v, t, at)
	default:
		w.scalar(v, t, at)
	}
}

// text reports a string that parse does not take.
func text[T any](w *walk, v jsontext.Value, at string, parse func([]byte) (T, error)) {
	s, ok := w.str(v, at)
	if !ok {
		return
	}
	if _, err := parse([]byte(s)); err != nil {
		w.bad(at, "%s", err.Error())
	}
}

func (w *walk) str(v jsontext.Value, at string) (string, bool) {
	if v.Kind() != '"' {
		w.bad(at, "must be a string, not %s", kindName(v))
		return "", false
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		w.bad(at, "is not a string that can be read")
		return "", false
	}
	return string(b), true
}

func (w *walk) object(v jsontext.Value, t reflect.Type, at string) {
	if v.Kind() != '{' {
		w.bad(at, "must be an object, not %s", kindName(v))
		return
	}
	known := jsonFields(t)
	seen := make(map[string]bool)
	for _, m := range members(v) {
		here := at + "/" + escapePointer(m.name)
		f, ok := known[m.name]
		switch {
		case seen[m.name]:
			w.bad(here, "is given more than once")
		case !ok:
			w.bad(here, "is not a field that is known here")
		default:
			w.value(m.value, f, here)
		}
		seen[m.name] = true
	}
}

func (w *walk) array(v jsontext.Value, t reflect.Type, at string) {
	if v.Kind() != '[' {
		w.bad(at, "must be a list, not %s", kindName(v))
		return
	}
	for i, item := range items(v) {
		w.value(item, t.Elem(), at+"/"+strconv.Itoa(i))
	}
}

func (w *walk) mapping(v jsontext.Value, t reflect.Type, at string) {
	if v.Kind() != '{' {
		w.bad(at, "must be an object, not %s", kindName(v))
		return
	}
	seen := make(map[string]bool)
	for _, m := range members(v) {
		here := at + "/" + escapePointer(m.name)
		name := m.name
		if t.Key() == reflect.TypeFor[uuid.UUID]() {
			id, err := parseUUID([]byte(name))
			if err != nil {
				w.bad(here, "is under a name that %s", err)
			} else {
				name = id.String() // an id can be written in several ways
			}
		}
		if seen[name] {
			w.bad(here, "is given more than once")
		}
		seen[name] = true
		w.value(m.value, t.Elem(), here)
	}
}

func (w *walk) scalar(v jsontext.Value, t reflect.Type, at string) {
	switch t.Kind() { //nolint:exhaustive // what is left takes any value
	case reflect.String:
		w.str(v, at)
	case reflect.Bool:
		if k := v.Kind(); k != 't' && k != 'f' {
			w.bad(at, "must be true or false, not %s", kindName(v))
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		_, err := strconv.ParseInt(string(v), 10, t.Bits())
		w.number(v, at, "a whole number", err)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		_, err := strconv.ParseUint(string(v), 10, t.Bits())
		w.number(v, at, "a whole number, not negative", err)
	case reflect.Float32, reflect.Float64:
		_, err := strconv.ParseFloat(string(v), t.Bits())
		w.number(v, at, "a number", err)
	}
}

func (w *walk) number(v jsontext.Value, at, what string, err error) {
	switch {
	case v.Kind() != '0':
		w.bad(at, "must be %s, not %s", what, kindName(v))
	case errors.Is(err, strconv.ErrRange):
		w.bad(at, "is out of range: %s", shown(string(v)))
	case err != nil:
		w.bad(at, "must be %s, not %s", what, shown(string(v)))
	}
}

// jsonFields are the members that a struct takes, those of embedded structs among them.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := make(map[string]reflect.Type)
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case f.Anonymous && name == "":
			for n, inner := range jsonFields(f.Type) {
				fields[n] = inner
			}
		case !f.IsExported():
		case name == "":
			fields[f.Name] = f.Type
		default:
			fields[name] = f.Type
		}
	}
	return fields
}

func kindName(v jsontext.Value) string {
	switch v.Kind() { //nolint:exhaustive // a value has no other kind
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 'n':
		return "null"
	default:
		return "true or false"
	}
}

// escapePointer is name as a part of a JSON pointer (RFC 6901).
func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
