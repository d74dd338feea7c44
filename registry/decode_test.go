package registry_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/registry"
)

// sample has a field of every sort that requests have.
type sample struct {
	ID       uuid.UUID  `json:"id"`
	ParentID *uuid.UUID `json:"parent_id,omitempty"`
	At       time.Time  `json:"at"`
	Count    *int64     `json:"count,omitempty"`
	Small    int8       `json:"small,omitempty"`
	Done     bool       `json:"done"`
	registry.LocationFields
	Labels map[string]string `json:"labels,omitempty"`
	Raw    json.RawMessage   `json:"raw,omitempty"`
	hidden string
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const id = "01890a5d-ac96-774b-bcce-b302099a8057"
	for _, c := range []struct {
		rule, text string
		kind       registry.Kind // 0 when it is taken
		pointers   []string
	}{
		{"what fits is taken", `{"id":"` + id + `","at":"2026-11-24T12:00:00.5+01:00","count":5,"place":"DE","transfer":{"mechanism":"dpf","modules":[1]},"from":"2024-02-29","raw":{"a":[1]},"labels":{"x":"y"}}`, 0, nil},
		{"null is absent", `{"id":null,"at":null,"parent_id":null,"count":null,"small":null,"uses":null,"place":null,"transfer":null,"done":null}`, 0, nil},
		{"no text", ``, registry.Malformed, nil},
		{"half a text", `{"id":`, registry.Malformed, nil},
		{"two texts", `{} {}`, registry.Malformed, nil},
		{"a comma too many", `{"done":true,}`, registry.Malformed, nil},
		{"not an object", `[1]`, registry.Malformed, nil},
		{"bytes that are not UTF-8", "{\"place\":\"\xff\"}", registry.Malformed, nil},
		{"half a surrogate", `{"place":"\ud800"}`, registry.Malformed, nil},
		{"a raw control character", "{\"place\":\"\x01\"}", registry.Malformed, nil},
		{"a number with a leading zero", `{"count":01}`, registry.Malformed, nil},
		{"too deep", strings.Repeat("[", 33) + strings.Repeat("]", 33), registry.Malformed, nil},
		{"brackets in strings are not depth", `{"place":"` + strings.Repeat("[", 40) + `\"["}`, 0, nil},
		{"every unknown member", `{"idd":1,"transfer":{"x/y":1,"a~b":2},"Place":"DE","hidden":"x","LocationFields":{}}`, registry.Invalid, []string{"/idd", "/transfer/x~1y", "/transfer/a~0b", "/Place", "/hidden", "/LocationFields"}},
		{"every repeated member", `{"done":true,"done":false,"transfer":{"mechanism":"dpf","mechanism":"bcr"}}`, registry.Invalid, []string{"/done", "/transfer/mechanism"}},
		{"a repeated unknown member of anything", `{"labels":{"x":"1","x":"2"}}`, registry.Invalid, []string{"/labels/x"}},
		{"every wrong type", `{"id":1,"at":{},"count":"1","small":true,"done":"no","place":[],"uses":{},"transfer":[],"labels":1,"from":5}`, registry.Invalid, []string{"/id", "/at", "/count", "/small", "/done", "/place", "/uses", "/transfer", "/labels", "/from"}},
		{"wrong items by their place", `{"uses":["a",1,"b",null,{}],"transfer":{"modules":[1,"2",3.5]}}`, registry.Invalid, []string{"/uses/1", "/uses/4", "/transfer/modules/1", "/transfer/modules/2"}},
		{"numbers out of range", `{"count":9223372036854775808,"small":128}`, registry.Invalid, []string{"/count", "/small"}},
		{"numbers that are not whole", `{"count":1.5,"small":1e1}`, registry.Invalid, []string{"/count", "/small"}},
		{"days that do not exist", `{"from":"2026-02-29","until":"2026-13-01","transfer":{"from":"1899-12-31","until":"26-01-01"}}`, registry.Invalid, []string{"/from", "/until", "/transfer/from", "/transfer/until"}},
		{"UUIDs in another form", `{"id":"{` + id + `}","parent_id":"urn:uuid:` + id + `"}`, registry.Invalid, []string{"/id", "/parent_id"}},
		{"an instant without a zone", `{"at":"2026-11-24T12:00:00"}`, registry.Invalid, []string{"/at"}},
		{"an instant that is only a day", `{"at":"2026-11-24"}`, registry.Invalid, []string{"/at"}},
		{"an instant before 1900", `{"at":"1899-12-31T23:59:59Z"}`, registry.Invalid, []string{"/at"}},
		{"an instant in a year that UTC does not have", `{"at":"9999-12-31T23:59:59-01:00"}`, registry.Invalid, []string{"/at"}},
		{"an instant with a comma", `{"at":"2026-11-24T12:00:00,5Z"}`, registry.Invalid, []string{"/at"}},
		{"an instant with a lower-case t", `{"at":"2026-11-24t12:00:00z"}`, registry.Invalid, []string{"/at"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			var s sample
			_ = s.hidden
			err := registry.Decode([]byte(c.text), &s)
			if c.kind == 0 {
				if err != nil {
					t.Fatal(said(err))
				}
				return
			}
			refused(t, err, c.kind, c.pointers...)
			t.Log(said(err))
		})
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	current := registry.LocationFields{
		Place: "DE", Uses: []string{"storage"}, Detail: "x",
		Transfer: &registry.Transfer{Mechanism: "dpf", Fallback: "bcr", Modules: []int{1, 2}},
	}
	for _, c := range []struct {
		rule, patch string
		want        registry.LocationFields
	}{
		{"an empty patch changes nothing", `{}`, current},
		{"null takes away", `{"uses":null,"detail":null,"transfer":null,"until":null}`, registry.LocationFields{Place: "DE"}},
		{"objects are merged, lists are replaced", `{"uses":["processing"],"transfer":{"modules":[3],"fallback":null}}`, registry.LocationFields{
			Place: "DE", Uses: []string{"processing"}, Detail: "x", Transfer: &registry.Transfer{Mechanism: "dpf", Modules: []int{3}},
		}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			var got registry.LocationFields
			if err := registry.Merge(current, []byte(c.patch), &got); err != nil {
				t.Fatal(said(err))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("what is unknown, repeated or does not fit is named", func(t *testing.T) {
		t.Parallel()
		var got registry.LocationFields
		err := registry.Merge(current, []byte(`{"x":null,"transfer":{"y":1,"modules":{"0":1}},"place":1,"detail":"a","detail":"b"}`), &got)
		refused(t, err, registry.Invalid, "/x", "/transfer/y", "/transfer/modules", "/place", "/detail")
	})
	t.Run("what is no object is malformed", func(t *testing.T) {
		t.Parallel()
		for _, patch := range []string{``, `[]`, `null`, `"x"`, `{`} {
			refused(t, registry.Merge(current, []byte(patch), new(registry.LocationFields)), registry.Malformed)
		}
	})
}

// FuzzDecode holds that a text is either read or refused with what is wrong, and that what is read can be read again from what is written.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"01890a5d-ac96-774b-bcce-b302099a8057","at":"2026-11-24T12:00:00Z","uses":["a"],"transfer":{"modules":[1]},"raw":1}`))
	f.Add([]byte(`{"done":true,"done":1e5,"labels":{"a":null},"from":"2026-02-30","x":[[[]]]}`))
	f.Add([]byte(`{"small":-0,"count":-1.0E+2,"place":"\u0000\ud83d\ude00"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s sample
		err := registry.Decode(text, &s)
		if err != nil {
			r := refusal(t, err)
			if strings.Contains(r.Sentence, "as what was expected") || r.Kind == registry.Invalid && len(r.Fields) == 0 {
				t.Fatalf("refused without a reason: %s", said(err))
			}
			return
		}
		if !json.Valid(text) {
			t.Fatal("read what is not JSON")
		}
		if s.At.IsZero() {
			s.At = noon // the zero instant is written as a year that is refused
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var again sample
		if err := registry.Decode(written, &again); err != nil {
			t.Fatalf("%s: %s", written, said(err))
		}
		s.Raw, again.Raw = nil, nil
		first, _ := json.Marshal(s)
		second, _ := json.Marshal(again)
		if string(first) != string(second) {
			t.Fatalf("%s, then %s", first, second)
		}
	})
}

// FuzzMerge holds that a patch that is taken, taken again, changes nothing more, and that every patch is taken or refused with a reason.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(`{"place":"DE","transfer":{"modules":[3],"mechanism":null}}`))
	f.Add([]byte(`{"transfer":null,"uses":[],"from":"2026-01-01","detail":"\ud83d\ude00"}`))
	f.Fuzz(func(t *testing.T, patch []byte) {
		current := registry.LocationFields{Place: "DE", Transfer: &registry.Transfer{Mechanism: "dpf", Modules: []int{1}}}
		var once, twice registry.LocationFields
		if err := registry.Merge(current, patch, &once); err != nil {
			if k := refusal(t, err).Kind; k != registry.Malformed && k != registry.Invalid {
				t.Fatal(err)
			}
			return
		}
		if err := registry.Merge(once, patch, &twice); err != nil {
			t.Fatal(said(err))
		}
		a, _ := json.Marshal(once)
		b, _ := json.Marshal(twice)
		if string(a) != string(b) {
			t.Fatalf("%s, then %s", a, b)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	type request struct {
		VendorID   uuid.UUID `json:"vendor_id"`
		Purpose    string    `json:"purpose"`
		Ground     string    `json:"ground"`
		Categories []string  `json:"categories"`
		Subjects   []string  `json:"subjects,omitempty"`
		Countries  []string  `json:"countries"`
		OccurredAt time.Time `json:"occurred_at"`
		State      string    `json:"state"`
		Note       string    `json:"note,omitempty"`
	}
	text, err := json.Marshal(request{
		VendorID: uuid.New(), Purpose: "SERVICE_PROVISION", Ground: "service_provider", Categories: []string{"CONTACT", "ACCOUNT", "BROWSER_LOG"},
		Subjects: []string{"user:1234567890", "user:1234567891"}, Countries: []string{"US", "DE"}, OccurredAt: noon, State: "intended",
		Note: strings.Repeat("n", 120),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var r request
		if err := registry.Decode(text, &r); err != nil {
			b.Fatal(err)
		}
	}
}

// tagged are the types whose validate tags must have sentences.
func tagged() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[registry.VendorFields](), reflect.TypeFor[registry.EngagementFields](),
		reflect.TypeFor[registry.LocationFields](), reflect.TypeFor[registry.ContractFields](),
	}
}

// The names of an object can be ids: each is one, and none is there twice, in whatever spelling.
func TestDecodeIDs(t *testing.T) {
	t.Parallel()
	var into struct {
		Seen map[uuid.UUID]int64 `json:"seen"`
	}
	const id = "01890a5d-ac96-774b-bcce-b302099a8057"
	if err := registry.Decode([]byte(`{"seen":{"`+id+`":3}}`), &into); err != nil || into.Seen[uuid.MustParse(id)] != 3 {
		t.Errorf("got %v: %v", into.Seen, err)
	}
	upper := strings.ToUpper(id)
	refused(t, registry.Decode([]byte(`{"seen":{"`+id+`":3,"`+upper+`":4,"x":1}}`), &into), registry.Invalid, "/seen/"+upper, "/seen/x")
}
