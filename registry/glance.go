package registry

import (
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
)

// The validator takes longer over a share than the gate over its judgement, and nearly every record that is sent is good. So the tags of
// each type are read once into a glance, which says of a good value that it is good. It knows the tags that lists and texts have, and it
// may be unsure: then the validator decides, and alone says what is wrong.

// glance tells whether a value surely keeps its tags. A nil glance has nothing to look at.
type glance func(reflect.Value) bool

func unsure(reflect.Value) bool { return false }

var glances sync.Map // of reflect.Type, with a glance

// surely tells whether a struct keeps its tags; where it is false, the struct may do so all the same.
func surely(v any) bool {
	of := reflect.ValueOf(v)
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return false
	}
	known, ok := glances.Load(of.Type())
	if !ok {
		known, _ = glances.LoadOrStore(of.Type(), glanceOf(of.Type(), nil, 0))
	}
	g := known.(glance)
	return g == nil || g(of)
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	valuerType = reflect.TypeFor[validator.Valuer]()
)

// glanceOf reads the tags of a value of type t that stands so deep in others.
func glanceOf(t reflect.Type, tags []string, depth int) glance {
	switch {
	case depth > maxDepth, t.Kind() == reflect.Interface, t.Implements(valuerType), t == reflect.TypeFor[Date]() && len(tags) > 0:
		return unsure
	case t.Kind() == reflect.Pointer:
		return throughPointer(t.Elem(), tags, depth+1)
	case t.Kind() == reflect.Struct && t != reflect.TypeFor[Date]() && !t.ConvertibleTo(timeType):
		if len(tags) > 0 {
			return unsure
		}
		return ofFields(t, depth+1)
	case len(tags) == 0:
		return nil
	}
	tag, param, _ := strings.Cut(tags[0], "=")
	if tag == "dive" {
		return ofItems(t, tags[1:], depth+1)
	}
	rest := glanceOf(t, tags[1:], depth)
	if tag == "omitempty" {
		return func(v reflect.Value) bool { return v.IsZero() || rest == nil || rest(v) }
	}
	first := ofTag(t, tag, param)
	if rest == nil {
		return first
	}
	return func(v reflect.Value) bool { return first(v) && rest(v) }
}

// ofFields looks at the fields of a struct, embedded ones among them.
func ofFields(t reflect.Type, depth int) glance {
	type field struct {
		index int
		look  glance
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("validate")
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		var tags []string
		if tag != "" {
			tags = strings.Split(tag, ",")
		}
		if look := glanceOf(f.Type, tags, depth); look != nil {
			fields = append(fields, field{i, look})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return func(v reflect.Value) bool {
		for _, f := range fields {
			if !f.look(v.Field(f.index)) {
				return false
			}
		}
		return true
	}
}

// throughPointer looks at what a pointer leads to, whose zero value is not empty.
func throughPointer(t reflect.Type, tags []string, depth int) glance {
	optional := len(tags) == 0
	if !optional && tags[0] == "omitempty" {
		optional, tags = true, tags[1:]
	}
	for _, tag := range tags {
		if tag == "required" || tag == "omitempty" {
			return unsure
		}
	}
	look := glanceOf(t, tags, depth)
	if look == nil && optional {
		return nil
	}
	return func(v reflect.Value) bool {
		if v.IsNil() {
			return optional
		}
		return look == nil || look(v.Elem())
	}
}

// ofItems looks at every item of a list.
func ofItems(t reflect.Type, tags []string, depth int) glance {
	if t.Kind() != reflect.Slice {
		return unsure
	}
	look := glanceOf(t.Elem(), tags, depth)
	if look == nil {
		return func(reflect.Value) bool { return true }
	}
	return func(v reflect.Value) bool {
		for i := range v.Len() {
			if !look(v.Index(i)) {
				return false
			}
		}
		return true
	}
}

// ofTag looks for what one tag demands.
func ofTag(t reflect.Type, tag, param string) glance {
	kind := t.Kind()
	_, alias := aliases[tag]
	switch {
	case tag == "required":
		return func(v reflect.Value) bool { return !v.IsZero() }
	case tag == "min", tag == "max":
		return ofBound(t, tag, param)
	case tag == "unique" && param == "" && t.ConvertibleTo(reflect.TypeFor[[]string]()):
		return distinctItems
	case kind != reflect.String:
		return unsure
	case tag == "oneof" && !strings.Contains(param, "'") && !strings.Contains(param, "0x"): // the validator reads both otherwise
		of := setOf(strings.Fields(param))
		return func(v reflect.Value) bool { return of[v.String()] }
	case alias:
		places := codesOf(tag)
		return func(v reflect.Value) bool { return places[v.String()] }
	}
	if check := texts[tag]; check != nil {
		return func(v reflect.Value) bool { return check(v.String()) }
	}
	return unsure
}

// ofBound looks for how much there is of a list, of a text's characters, or of a number.
func ofBound(t reflect.Type, tag, param string) glance {
	bound, err := strconv.ParseInt(param, 10, 64)
	within := func(n int64) bool { return n >= bound }
	if tag == "max" {
		within = func(n int64) bool { return n <= bound }
	}
	switch {
	case err != nil:
		return unsure
	case t.Kind() == reflect.Slice:
		return func(v reflect.Value) bool { return within(int64(v.Len())) }
	case t.Kind() == reflect.String:
		return func(v reflect.Value) bool { return within(int64(utf8.RuneCountInString(v.String()))) }
	case t == reflect.TypeFor[int64](), t == reflect.TypeFor[int]():
		return func(v reflect.Value) bool { return within(v.Int()) }
	default:
		return unsure
	}
}

// distinctItems tells whether no text is twice in a list.
func distinctItems(list reflect.Value) bool {
	const short = 8
	if list.Len() > short {
		seen := make(map[string]struct{}, list.Len())
		for i := range list.Len() {
			seen[list.Index(i).String()] = struct{}{}
		}
		return len(seen) == list.Len()
	}
	for i := range list.Len() {
		for j := range i {
			if list.Index(i).String() == list.Index(j).String() {
				return false
			}
		}
	}
	return true
}

// codesOf are the texts that an alias takes, as the validator says: of two capital letters, or one of our words.
func codesOf(alias string) map[string]bool {
	all := []string{EEA, EU, Global, Unspecified}
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			all = append(all, string([]rune{first, second}))
		}
	}
	known := make(map[string]bool)
	for _, code := range all {
		if checker().Var(code, alias) == nil {
			known[code] = true
		}
	}
	return known
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}
