package audit_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	cyberphone "github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"
	"github.com/gowebpki/jcs"

	"onward/audit"
)

// twice holds text against two other implementations of RFC 8785: canonical text is what both leave as it is.
func twice(tb testing.TB, text []byte) {
	tb.Helper()
	for name, transform := range map[string]func([]byte) ([]byte, error){"gowebpki": jcs.Transform, "cyberphone": cyberphone.Transform} {
		got, err := transform(text)
		if err != nil {
			tb.Errorf("%s: %v: %s", name, err, text)
		} else if !bytes.Equal(got, text) {
			tb.Errorf("%s:\n got %s\nwant %s", name, text, got)
		}
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	accepted := map[string]struct {
		value any
		want  string
	}{
		"keys are sorted":                   {audit.Object{"b": "1", "a": "2", "B": true}, `{"B":true,"a":"2","b":"1"}`},
		"nothing is an empty object":        {audit.Object(nil), `{}`},
		"empty lists stay lists":            {audit.Object{"a": []string(nil), "b": []audit.Object{}}, `{"a":[],"b":[]}`},
		"objects nest":                      {audit.Object{"a": audit.Object{"b": []audit.Object{{"c": false}, {}}}}, `{"a":{"b":[{"c":false},{}]}}`},
		"only what must be escaped is":      {audit.Object{"a": "\"\\/\b\f\n\r\t\x01\x1f\x7f<&>\u2028é😀"}, `{"a":"\"\\/\b\f\n\r\t\u0001\u001f` + "\x7f<&>\u2028é😀" + `"}`},
		"the replacement character is text": {audit.Object{"a": "\ufffd"}, "{\"a\":\"\ufffd\"}"},
		"a struct is an object":             {struct{ B, A string }{"1", "\ufffd"}, "{\"A\":\"\ufffd\",\"B\":\"1\"}"},
		"whole numbers may stand outside":   {map[string]any{"n": 1 << 53, "m": -7}, `{"m":-7,"n":9007199254740992}`},
		"an Object inside is an Object":     {map[string]any{"o": audit.Object{"b": "", "a": true}}, `{"o":{"a":true,"b":""}}`},
	}
	for rule, c := range accepted {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			got, err := audit.Canonical(c.value)
			if err != nil || string(got) != c.want {
				t.Fatalf("\n got %s %v\nwant %s", got, err, c.want)
			}
			twice(t, got)
		})
	}
	itself := audit.Object{}
	itself["a"] = itself
	refused := map[string]any{
		"an Object holds no number":            audit.Object{"n": 1},
		"an Object holds no null":              audit.Object{"n": nil},
		"an Object holds no map":               audit.Object{"n": map[string]any{}},
		"an Object deep inside holds no float": []any{audit.Object{"n": 1.5}},
		"an Object does not hold itself":       itself,
		"keys are ASCII":                       audit.Object{"é": "1"},
		"keys are not empty":                   audit.Object{"": "1"},
		"text is UTF-8 in an Object":           audit.Object{"a": "\xff"},
		"text is UTF-8 everywhere":             map[string]any{"a": []string{"\xff"}},
		"text is UTF-8 in raw JSON":            json.RawMessage("{\"a\":\"\xff\"}"),
		"raw JSON has no lone surrogate":       json.RawMessage(`{"a":"\ud800"}`),
		"raw JSON has no key twice":            json.RawMessage(`{"a":1,"a":2}`),
		"text has no U+0000 in an Object":      audit.Object{"a": "\x00"},
		"text has no U+0000 anywhere":          map[string]string{"a": "\x00"},
		"numbers are whole":                    map[string]any{"n": 1.5},
		"numbers are not beyond 2^53":          map[string]any{"n": int64(1<<53 + 1)},
		"numbers are not below -2^53":          map[string]any{"n": int64(math.MinInt64)},
		"zero has no sign":                     map[string]any{"n": math.Copysign(0, -1)},
		"channels are not JSON":                make(chan int),
	}
	for rule, v := range refused {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			if got, err := audit.Canonical(v); err == nil {
				t.Fatalf("%q was accepted", got)
			}
		})
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	text := []byte(`{"a":"b"}`)
	one := audit.Commit("label", [32]byte{1}, text)
	for rule, other := range map[string][]byte{
		"another salt is another commitment":  audit.Commit("label", [32]byte{2}, text),
		"another label is another commitment": audit.Commit("labe", [32]byte{1}, text),
		"another text is another commitment":  audit.Commit("label", [32]byte{1}, []byte(`{"a":"c"}`)),
	} {
		if bytes.Equal(one, other) || len(other) != 32 {
			t.Error(rule)
		}
	}
}

func FuzzLeaf(f *testing.F) {
	f.Add("name", "Acme \"GmbH\"", "contact", true)
	f.Add("a~", "\u2028\ufffd😀\x7f", "", false)
	f.Add("\\\"", "\x1f\t", "line\nline", false)
	f.Fuzz(func(t *testing.T, key, text, item string, yes bool) {
		e := newEntry()
		e.Body = audit.Object{
			key: text, "list": []string{item, text}, "yes": yes,
			"inside": audit.Object{text: item}, "many": []audit.Object{{key: item}, {}},
		}
		leaf, err := audit.Leaf("onward.test/"+strings.Repeat("x", len(item)%7), e, start, 7)
		if err != nil {
			return // refused: nothing is written
		}
		if !json.Valid(leaf) {
			t.Fatalf("%q is not JSON", leaf)
		}
		twice(t, leaf)
	})
}
