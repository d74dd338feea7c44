package proof_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"onward/audit"
	"onward/audit/proof"
)

func TestLeavesOfEveryReleaseAreRead(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../testdata/leaves_v1.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if line[0] != '{' {
			continue
		}
		n++
		l, err := proof.ReadLeaf([]byte(strings.TrimSuffix(line, "\n")))
		if err != nil || !l.Known || l.Log != "onward.test/log" {
			t.Errorf("%s: %+v, %v", line, l, err)
		}
	}
	if n < 3 {
		t.Errorf("%d leaves", n)
	}
}

func TestLeafRefuses(t *testing.T) {
	t.Parallel()
	var l ledger
	l.share(t, 1)
	good := string(l.leaves[0])
	for name, change := range map[string][2]string{
		"a space":                        {`,"log"`, `, "log"`},
		"members out of order":           {`"body":{"purpose":"p0","text"`, `"body":{"z":"p0","text"`},
		"a member twice":                 {`"v":"1"`, `"v":"1","v":"1"`},
		"an unknown member":              {`"v":"1"`, `"v":"1","va":"1"`},
		"a number":                       {`"p0"`, `17`},
		"null":                           {`"p0"`, `null`},
		"an escape that is not needed":   {`"p0"`, `"\u0041"`},
		"an escaped slash":               {`"p0"`, `"\/"`},
		"a long escape of a short one":   {`"p0"`, `"\u000a"`},
		"U+0000":                         {`"p0"`, `"\u0000"`},
		"a control character":            {`"p0"`, "\"\x01\""},
		"what is not UTF-8":              {`"p0"`, "\"\xff\""},
		"half a surrogate":               {`"p0"`, `"\ud800"`},
		"mixed arrays":                   {`"p0"`, `["a",{}]`},
		"an array of arrays":             {`"p0"`, `[[]]`},
		"deep nesting":                   {`"p0"`, strings.Repeat(`{"a":`, 99) + `""` + strings.Repeat("}", 99)},
		"no body":                        {`"body":{"purpose":"p0","text":"Müller \"& Söhne\"\n"},`, ``},
		"a body that is text":            {`{"purpose":"p0","text":"Müller \"& Söhne\"\n"}`, `"x"`},
		"no log":                         {`"log":"onward.test/log",`, ``},
		"a key that is not ASCII":        {`"purpose"`, `"pürpose"`},
		"an empty key":                   {`"purpose"`, `""`},
		"a kind of actor that is none":   {`"kind":"key"`, `"kind":"cat"`},
		"an actor with more":             {`"role":"service"`, `"role":"service","x":""`},
		"a short commitment":             {`ahnw+0`, `ahnw`},
		"a UUID in capitals":             {`"entry_id":"20000000-0000-4000-8000-000000000000"`, `"entry_id":"2000000A-0000-4000-8000-000000000000"`},
		"a day that does not exist":      {`"recorded_at":"2026-02-03T`, `"recorded_at":"2026-02-30T`},
		"an instant with a zone":         {`06.000000Z","type"`, `06.000000+","type"`},
		"a type of one word":             {`share.recorded`, `share`},
		"the vendor's number 0":          {`000000000001"}`, `000000000000"}`},
		"a number of eleven digits":      {`000000000001"}`, `00000000001"}`},
		"a number with a sign":           {`000000000001"}`, `+00000000001"}`},
		"a number without a vendor":      {`"vendor_id":"10000000-0000-4000-8000-000000000001",`, ``},
		"a vendor without a number":      {`,"vendor_seq":"000000000001"`, ``},
		"no version":                     {`,"v":"1"`, ``},
		"something after it":             {`"000000000001"}`, `"000000000001"} `},
		"the end missing":                {`"000000000001"}`, `"000000000001"`},
		"no JSON":                        {`{"actor"`, `["actor"`},
		"version 1 in other words":       {`"v":"1"`, `"v":"\u0031"`},
		"version 1 with a number inside": {`"v":"1"`, `"u":3,"v":"1"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s: nothing changed", name)
		}
		if l, err := proof.ReadLeaf([]byte(bad)); err == nil {
			t.Errorf("%s was read: %+v", name, l)
		}
	}
	if _, err := proof.ReadLeaf([]byte(strings.Replace(good, "p0", strings.Repeat("x", 65_535), 1))); err == nil {
		t.Error("a leaf that is too long was read")
	}
}

// What audit writes as canonical, proof reads as canonical.
func TestBodiesThatAreWrittenAreRead(t *testing.T) {
	t.Parallel()
	var l ledger
	l.share(t, 1)
	text := rapid.StringMatching(`[a-zäöü"\\\n\t\x01\x1f\x7f😀 -~]{0,8}`)
	key := rapid.StringMatching(`[ -~]{1,6}`)
	rapid.Check(t, func(r *rapid.T) {
		var object func(depth int) audit.Object
		object = func(depth int) audit.Object {
			o := audit.Object{}
			for _, k := range rapid.SliceOfN(key, 0, 4).Draw(r, "keys") {
				switch n := rapid.IntRange(0, 4).Draw(r, "sort"); {
				case n == 0:
					o[k] = rapid.Bool().Draw(r, "bool")
				case n == 1:
					o[k] = rapid.SliceOfN(text, 0, 3).Draw(r, "texts")
				case n == 2 && depth < 3:
					o[k] = object(depth + 1)
				case n == 3 && depth < 3:
					o[k] = []audit.Object{object(depth + 1), object(depth + 1)}
				default:
					o[k] = text.Draw(r, "text")
				}
			}
			return o
		}
		body, err := audit.Canonical(object(0))
		if err != nil {
			r.Fatal(err)
		}
		leaf := bytes.Replace(l.leaves[0], []byte(`{"purpose":"p0","text":"Müller \"& Söhne\"\n"}`), body, 1)
		got, err := proof.ReadLeaf(leaf)
		if err != nil || !got.Known || !bytes.Equal(got.Body, body) {
			r.Fatalf("%s: %v", leaf, err)
		}
	})
}

// What is read as canonical, another implementation writes in the same bytes.
func FuzzReadLeaf(f *testing.F) {
	var l ledger
	l.share(f, 1)
	l.share(f, 0)
	l.entry(f, "share.recorded", 1, `{"A":[],"a":["x","\u001f\b"],"b":[{},{"c":true}]}`)
	for _, leaf := range l.leaves {
		f.Add(leaf)
		f.Add(bytes.Replace(leaf, []byte(`"v":"1"`), []byte(`"v":"2","w":1.5e3`), 1))
	}
	f.Fuzz(func(t *testing.T, leaf []byte) {
		got, err := proof.ReadLeaf(leaf)
		if err != nil || !got.Known {
			return
		}
		again, err := jsoncanonicalizer.Transform(leaf)
		if err != nil || !bytes.Equal(again, leaf) {
			t.Errorf("%s\nis written as\n%s (%v)", leaf, again, err)
		}
		var members map[string]any
		if err := json.Unmarshal(leaf, &members); err != nil || members["type"] != got.Type || members["log"] != got.Log || members["entry_id"] != got.EntryID {
			t.Errorf("%s is read as %+v", leaf, got)
		}
		if _, err := uuid.Parse(got.EntryID); err != nil {
			t.Error(err)
		}
	})
}
