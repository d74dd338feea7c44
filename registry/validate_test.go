package registry_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onward/registry"
)

func TestValidate(t *testing.T) {
	t.Parallel()

	t.Run("every bad field is named by its pointer, embedded structs flattened", func(t *testing.T) {
		t.Parallel()
		from, until := day(t, "2026-01-02"), day(t, "2026-01-01")
		v := registry.Vendor{ID: uuid.New(), VendorFields: registry.VendorFields{
			Name: "", Kinds: []string{"subprocessor", "friend"}, Country: "UK", Website: "ftp://x", LEI: "529900T8BM49AURSDO56",
			OtherNames:          []registry.OtherName{{Name: "x", Kind: "brand"}, {Name: " ", Kind: "alias", From: from, Until: until}},
			Contacts:            []registry.Contact{{Role: "privacy", Email: "nobody"}},
			DeletionCertificate: &registry.DeletionCertificate{},
			Certifications:      []string{"a", "a"},
		}}
		err := registry.Validate(v)
		refused(t, err, registry.Invalid, "/name", "/kinds/1", "/country", "/website", "/lei", "/other_names/1/name", "/other_names/1/kind",
			"/other_names/1/until", "/contacts/0/email", "/deletion_certificate/certified_on", "/deletion_certificate/reference", "/certifications")
		for _, f := range refusal(t, err).Fields {
			t.Log(f.Pointer, f.Sentence)
			if f.Pointer == "/country" && !strings.Contains(f.Sentence, "GB") {
				t.Errorf("no hint: %s", f.Sentence)
			}
			if f.Pointer == "/other_names/1/until" && !strings.Contains(f.Sentence, "before from") {
				t.Errorf("%s", f.Sentence)
			}
		}
	})

	type one struct {
		Text    string `json:"text" validate:"text"`
		LEI     string `json:"lei" validate:"omitempty,lei"`
		Zone    string `json:"zone" validate:"omitempty,zone"`
		URL     string `json:"url" validate:"omitempty,web_url"`
		Percent string `json:"percent" validate:"omitempty,percent"`
		Code    string `json:"code" validate:"omitempty,code"`
		Country string `json:"country" validate:"omitempty,country"`
		Place   string `json:"place" validate:"omitempty,place"`
	}
	for _, c := range []struct {
		rule string
		make func(s string) one
		good []string
		bad  []string
	}{
		{
			"text is readable", func(s string) one { return one{Text: s} },
			[]string{"", "a", "a\n\tb", "日本語", "e\u0301", "👩‍👧", "עברית"},
			[]string{" ", "\n", "a\x00b", "a\x1bb", "a\u0085b", "\xff", "\xed\xa0\x80", "a\u202eb"},
		},
		{
			"an LEI has right check digits", func(s string) one { return one{LEI: s} },
			[]string{"529900T8BM49AURSDO55", "5493006MHB84DD0ZWV18"},
			[]string{"529900T8BM49AURSDO54", "529900t8bm49aursdo55", "529900T8BM49AURSDO5", "529900T8BM49AURSDO555", "529900T8BM49AURSDOA5"},
		},
		{
			"a zone is in the IANA database", func(s string) one { return one{Zone: s} },
			[]string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"},
			[]string{"Local", "Mars/Base", "../etc/passwd", "europe/berlin", "Europe/../Europe/Berlin", "+01:00", " UTC"},
		},
		{
			"an address is absolute, http or https, with a host and without a user", func(s string) one { return one{URL: s} },
			[]string{"https://example.com", "http://example.com:8080/a?b#c", "https://bücher.example/"},
			[]string{"example.com", "//example.com", "ftp://example.com", "javascript:alert(1)", "https://", "https://:80", "https://u:p@example.com", "https://u@example.com", "https://a b.com", "https://exa\nmple.com", " https://example.com", "https://example.com/" + strings.Repeat("a", 2000)},
		},
		{
			"a percentage is decimal text from 0 to 100", func(s string) one { return one{Percent: s} },
			[]string{"0", "12.50", "100", "100.000000", "0.000001"},
			[]string{"-1", "100.1", "101", "1e1", "1,5", ".5", "5.", "NaN", "0.0000001", "١"},
		},
		{
			"a code is a letter and at most 99 more letters, digits, _, . and -", func(s string) one { return one{Code: s} },
			[]string{"a", "A1_.-", strings.Repeat("a", 100)},
			[]string{"1a", "_a", "a b", "ä", strings.Repeat("a", 101), "a\n"},
		},
		{
			"a country is one of ISO 3166-1", func(s string) one { return one{Country: s} },
			[]string{"DE", "GB", "US", "SZ"},
			[]string{"UK", "EU", "de", "XX", "DEU", "GLOBAL"},
		},
		{
			"a place is a country or one of four words", func(s string) one { return one{Place: s} },
			[]string{"DE", "EEA", "EU", "GLOBAL", "UNSPECIFIED"},
			[]string{"UK", "eea", "EARTH", "DE "},
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			for _, s := range c.good {
				if err := registry.Validate(c.make(s)); err != nil {
					t.Errorf("%q: %s", s, said(err))
				}
			}
			for _, s := range c.bad {
				if err := registry.Validate(c.make(s)); err == nil {
					t.Errorf("%q is taken", s)
				}
			}
		})
	}

	t.Run("every tag that is used has a sentence", func(t *testing.T) {
		t.Parallel()
		known := registry.SentenceTags()
		for _, typ := range tagged() {
			for _, tag := range tagsOf(typ) {
				if !slices.Contains(known, tag) {
					t.Errorf("%s: no sentence for %q", typ, tag)
				}
			}
		}
	})
}

// tagsOf are the validate tags of a struct and of all that it holds.
func tagsOf(t reflect.Type) []string {
	var all []string
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for f := range t.Fields() {
		for tag := range strings.SplitSeq(f.Tag.Get("validate"), ",") {
			if name, _, _ := strings.Cut(tag, "="); name != "" && name != "dive" && name != "omitempty" {
				all = append(all, name)
			}
		}
		all = append(all, tagsOf(f.Type)...)
	}
	return all
}
