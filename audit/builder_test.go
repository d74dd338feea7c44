package audit_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/audit"
)

func TestBuilder(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("01234567-89ab-8def-8123-456789abcdef")
	at := time.Date(2026, 11, 24, 12, 0, 0, 999_999_999, time.FixedZone("x", 3600))
	t.Run("it writes what Canonical writes of the same object", func(t *testing.T) {
		t.Parallel()
		b := audit.NewBuilder(8)
		b.Objects("a", 3, func(i int) {
			b.Int("n", int64(i))
			b.Objects("o", i, func(int) {})
			b.Bool("p", i == 1)
		})
		b.Instant("b", at)
		b.Some("c", "")
		b.Some("d", "\"\\\b\t\n\f\r\x01ü\u2028😀")
		b.Strings("e", []string{"z", "", "a"})
		b.Strings("f", nil)
		b.UUID("g", id)
		b.UUIDs("h", []uuid.UUID{id, {}})
		b.Objects("i", 0, nil)
		b.String("j", "")
		got, err := b.Text()
		if err != nil {
			t.Fatal(err)
		}
		want, err := audit.Canonical(audit.Object{
			"a": []audit.Object{
				{"n": "0", "o": []audit.Object{}, "p": false},
				{"n": "1", "o": []audit.Object{{}}, "p": true},
				{"n": "2", "o": []audit.Object{{}, {}}, "p": false},
			},
			"b": "2026-11-24T11:00:00.999999Z", "d": "\"\\\b\t\n\f\r\x01ü\u2028😀", "e": []string{"z", "", "a"}, "f": []string{},
			"g": id.String(), "h": []string{id.String(), uuid.Nil.String()}, "i": []audit.Object{}, "j": "",
		})
		if err != nil || string(got) != string(want) {
			t.Errorf("%s\nwant %s (%v)", got, want, err)
		}
	})
	for name, write := range map[string]func(*audit.Builder){
		"names out of order":         func(b *audit.Builder) { b.String("b", ""); b.String("a", "") },
		"a name twice":               func(b *audit.Builder) { b.String("a", ""); b.Bool("a", true) },
		"no name":                    func(b *audit.Builder) { b.String("", "") },
		"a name that is not ASCII":   func(b *audit.Builder) { b.String("ä", "") },
		"invalid UTF-8":              func(b *audit.Builder) { b.String("a", "\xff") },
		"U+0000 in a list":           func(b *audit.Builder) { b.Strings("a", []string{"x", "\x00"}) },
		"out of order, after a list": func(b *audit.Builder) { b.Objects("b", 1, func(int) { b.String("x", "") }); b.String("a", "") },
		"out of order, in a list":    func(b *audit.Builder) { b.Objects("a", 1, func(int) { b.String("x", ""); b.String("c", "") }) },
	} {
		t.Run("it refuses "+name, func(t *testing.T) {
			t.Parallel()
			b := audit.NewBuilder(8)
			write(b)
			if text, err := b.Text(); err == nil {
				t.Errorf("got %s", text)
			}
		})
	}
	t.Run("it builds on what is there", func(t *testing.T) {
		t.Parallel()
		b := audit.BuildOn([]byte("before"))
		b.String("a", "b")
		if text, err := b.Text(); err != nil || string(text) != `before{"a":"b"}` {
			t.Errorf("got %s (%v)", text, err)
		}
	})
}

// FuzzBuilder: a string is written as Canonical writes it, plain or not, and refused as it refuses it.
func FuzzBuilder(f *testing.F) {
	for _, s := range []string{"", "CONTACT", "a\"b", `\`, "\x1f", "\x7f", "~ ", "é", "\xff", "a\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := audit.NewBuilder(8)
		b.String("a", s)
		b.Strings("b", []string{s, s})
		got, err := b.Text()
		want, wantErr := audit.Canonical(audit.Object{"a": s, "b": []string{s, s}})
		if (err == nil) != (wantErr == nil) || (err == nil && string(got) != string(want)) {
			t.Errorf("%s (%v)\nwant %s (%v)", got, err, want, wantErr)
		}
	})
}
