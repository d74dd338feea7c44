package registry

import (
	"reflect"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"
)

// embedded stands for an embedded struct in the validator's namespaces: its fields are those of the struct around it.
const embedded = "+"

var checker = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			return embedded
		}
		return name
	})
	v.RegisterCustomTypeFunc(func(f reflect.Value) any {
		if d, ok := f.Interface().(Date); ok && d != (Date{}) {
			return d.String()
		}
		return ""
	}, Date{})
	must := func(err error) {
		if err != nil {
			panic(err) // the tag is one of ours: a program that cannot check must not run
		}
	}
	for tag, check := range texts {
		must(v.RegisterValidation(tag, onText(check)))
	}
	must(v.RegisterValidation("not_before", notBefore))
	for alias, tags := range aliases {
		v.RegisterAlias(alias, tags)
	}
	return v
})

// Validate checks a struct by its validate tags, with the purposes and categories that come with the program. It refuses (Invalid) with every
// bad field named by JSON pointer, embedded structs flattened, and a sentence for each.
func Validate(v any) error { return shippedCodes().Validate(v) }

// pointerOf turns Vendor.+.other_names[0].until into /other_names/0/until.
func pointerOf(namespace string) string {
	var p strings.Builder
	parts := strings.Split(namespace, ".")
	for _, part := range parts[1:] {
		if part == embedded {
			continue
		}
		p.WriteByte('/')
		p.WriteString(strings.ReplaceAll(strings.TrimSuffix(part, "]"), "[", "/"))
	}
	return p.String()
}

// tidy trims every string within the struct that v points to and writes line ends as \n, so that no two records differ in what nobody
// sees. Lists and what pointers lead to are copied first: they may be the caller's.
func tidy(v any) { tidyValue(reflect.ValueOf(v).Elem()) }

func tidyValue(v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // nothing else holds text
	case reflect.Pointer:
		if !v.IsNil() {
			own := reflect.New(v.Type().Elem())
			own.Elem().Set(v.Elem())
			v.Set(own)
			tidyValue(own.Elem())
		}
	case reflect.Struct:
		for _, f := range v.Fields() {
			tidyValue(f)
		}
	case reflect.Slice:
		if !v.IsNil() {
			own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(own, v)
			v.Set(own)
		}
		for i := range v.Len() {
			tidyValue(v.Index(i))
		}
	case reflect.String:
		v.SetString(strings.TrimSpace(strings.ReplaceAll(v.String(), "\r\n", "\n")))
	}
}

// absent replaces nil lists by empty ones, as their columns hold them; permitted lists keep the difference.
func absent[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
