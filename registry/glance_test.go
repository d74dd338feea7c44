package registry_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// glanced has every tag that a glance knows, as requests have them.
type glanced struct {
	ID       uuid.UUID  `json:"id" validate:"required"`
	Other    *uuid.UUID `json:"other"`
	Code     string     `json:"code" validate:"required,code"`
	Codes    []string   `json:"codes" validate:"required,min=1,max=12,unique,dive,code"`
	Texts    []string   `json:"texts" validate:"max=3,unique,dive,required,text,max=5"`
	Count    *int64     `json:"count" validate:"omitempty,min=0,max=100"`
	Number   int64      `json:"number" validate:"min=-1"`
	Places   []string   `json:"places" validate:"unique,dive,place"`
	Country  string     `json:"country" validate:"omitempty,country"`
	At       time.Time  `json:"at" validate:"required"`
	Until    *time.Time `json:"until"`
	State    string     `json:"state" validate:"required,oneof=intended occurred"`
	Language string     `json:"language" validate:"omitempty,language"`
	Kinds    []string   `json:"kinds" validate:"dive,vendor_kind"`
	Inner    *inner     `json:"inner"`
	Inners   []inner    `json:"inners" validate:"max=2,dive"`
	Day      registry.Date
	inner
}

type inner struct {
	Note string `json:"note" validate:"text,max=6"`
}

// glancedOf makes a value of texts, one after another, and of a number that decides what is there at all.
func glancedOf(text string, n int64) glanced {
	parts := strings.Split(text, ",")
	part := func(i int) string { return parts[i%len(parts)] }
	g := glanced{
		ID: uuid.Max, Code: part(0), Codes: parts, At: noon, State: "intended", Number: n, Day: registry.Date{Year: 2026, Month: 1, Day: 1},
		inner: inner{Note: part(1)},
	}
	for i, change := range []func(){
		func() { g.ID = uuid.Nil },
		func() { g.Codes = []string{"a", "b"} },
		func() { g.Codes = nil },
		func() { g.Texts = parts },
		func() { g.Count = &n },
		func() { g.Places = parts },
		func() { g.Country = part(2) },
		func() { g.At, g.Until = time.Time{}, new(time.Time) },
		func() { g.State = part(3) },
		func() { g.Language = part(0) },
		func() { g.Kinds = parts },
		func() { g.Inner = &inner{Note: part(2)} },
		func() { g.Inners = []inner{{part(0)}, {part(1)}, {part(2)}}[:1+len(parts)%3] },
		func() { g.Code = "a" },
		func() { g.Note = "" },
		func() { g.Codes = []string{} },
		func() { g.Number = 0 },
		func() { g.Other = new(uuid.UUID) },
	} {
		if n>>i&1 == 1 {
			change()
		}
	}
	return g
}

// FuzzGlance holds that a glance and the validator never differ about a struct whose tags it knows, so that nobody can tell which was asked.
func FuzzGlance(f *testing.F) {
	sure, not := 0, 0
	for _, text := range []string{
		"a,b,c", "DE,FR,EU", "DE,DE", "UK,ZZ", "", "a,,b", "a\x00", " ", "intended,occurred", "subprocessor,partner", "en,de-AT", "\xff", "日本語日本語,日本語日本",
		"a,b,c,d,e,f,g,h,i,j,k,l", "a,b,c,d,e,f,g,h,i,j,k,a", "a,b,c,d,e,f,g,h,i,j,k,l,m", "EEA,GLOBAL,UNSPECIFIED,SZ", strings.Repeat("a", 101),
	} {
		for i := range 18 {
			for _, n := range []int64{1 << i, 1<<i | 1<<16, 1<<i | 1<<16 | 1<<13 | 1<<14 | 1<<1, 1<<16 | 1<<13 | 1<<14 | 1<<1, -1, int64(i) * 9} {
				f.Add(text, n)
				if registry.Surely(glancedOf(text, n)) {
					sure++
				} else {
					not++
				}
			}
		}
	}
	if sure < 100 || not < 100 {
		f.Fatalf("of what is tried first, %d are good and %d are not", sure, not)
	}
	f.Fuzz(func(t *testing.T, text string, n int64) {
		g := glancedOf(text, n)
		if err := registry.Validator(&g); registry.Surely(&g) != (err == nil) {
			t.Fatalf("a glance says %t: %v", err != nil, err)
		}
	})
}

// FuzzCode holds the tag code to what its sentence says.
func FuzzCode(f *testing.F) {
	form := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,99}$`)
	for c := range 256 {
		f.Add(string([]byte{byte(c)}))
		f.Add("a" + string([]byte{byte(c)}))
	}
	for _, s := range []string{"", "a\n", "A9_.-", strings.Repeat("Z", 100), strings.Repeat("Z", 101), "aé", "ſ", "aK"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		type one struct {
			Code string `json:"code" validate:"code"`
		}
		if got := registry.Validate(one{s}) == nil; got != form.MatchString(s) {
			t.Fatalf("%q: %t", s, got)
		}
	})
}

// What a glance does not know is never called good by it.
func TestGlanceUnsure(t *testing.T) {
	t.Parallel()
	type (
		email struct {
			V string `json:"v" validate:"email"`
		}
		quoted struct {
			V string `json:"v" validate:"oneof='a b' c"`
		}
		either struct {
			V string `json:"v" validate:"code|email"`
		}
		day struct {
			V registry.Date `json:"v" validate:"required"`
		}
		anything struct {
			V any `json:"v"`
		}
		within struct {
			V []email `json:"v" validate:"dive"`
		}
		required struct {
			V *string `json:"v" validate:"required"`
		}
	)
	empty := ""
	for i, v := range []any{email{"a@example.com"}, quoted{"c"}, either{"a"}, day{registry.DateOf(noon)}, anything{email{}}, within{[]email{{}}}, required{&empty}} {
		if registry.Surely(v) {
			t.Errorf("%d: %T is called good", i, v)
		}
	}
	if slices.ContainsFunc([]any{within{}, struct{}{}}, func(v any) bool { return !registry.Surely(v) }) {
		t.Error("what has nothing in it is not called good")
	}
}
