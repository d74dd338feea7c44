package publishing_test

import (
	"strings"
	"testing"

	"onward/registry/publishing"
)

func TestNarrow(t *testing.T) {
	t.Parallel()
	list := publishing.List{Entries: []publishing.Entry{
		{Vendor: "MongoDB España, S.L.", Kinds: []string{"affiliate"}, Service: "Technical support", Locations: []publishing.Location{{Place: "PT", Name: "Portugal"}}},
		{Vendor: "Acme", OtherNames: []string{"Ajax"}, Kinds: []string{"subprocessor"}, Service: "Cloud hosting", Products: []string{"Mail"}, Categories: []publishing.Term{{Code: "CONTACT", Label: "Contact details"}}, Locations: []publishing.Location{{Place: "US", Name: "United States"}}},
		{Vendor: "Beta", Kinds: []string{"subprocessor", "partner"}, Service: "Support desk", Data: []publishing.Data{{Class: "Device", Items: []string{"IP address"}}}},
	}}
	for _, c := range []struct {
		rule   string
		filter publishing.Filter
		want   string
	}{
		{"nothing asked keeps all", publishing.Filter{}, "MongoDB España, S.L., Acme, Beta"},
		{"text without accents", publishing.Filter{Text: "espana"}, "MongoDB España, S.L."},
		{"every word, in any order and place", publishing.Filter{Text: "support mongo"}, "MongoDB España, S.L."},
		{"an older name", publishing.Filter{Text: "AJAX"}, "Acme"},
		{"data as stated", publishing.Filter{Text: "ip address"}, "Beta"},
		{"a product", publishing.Filter{Product: "mail"}, "Acme"},
		{"a place by code", publishing.Filter{Place: "pt"}, "MongoDB España, S.L."},
		{"a place by name", publishing.Filter{Place: "united states"}, "Acme"},
		{"a category by code", publishing.Filter{Category: "CONTACT"}, "Acme"},
		{"a class of data", publishing.Filter{Category: "device"}, "Beta"},
		{"a kind", publishing.Filter{Kind: "partner"}, "Beta"},
		{"all of what is asked", publishing.Filter{Kind: "subprocessor", Text: "hosting"}, "Acme"},
		{"nothing fits", publishing.Filter{Text: "nowhere"}, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			narrowed := list.Narrow(c.filter)
			var names []string
			for _, e := range narrowed.Entries {
				names = append(names, e.Vendor)
			}
			expect(t, c.rule, strings.Join(names, ", "), c.want)
			if narrowed.Entries == nil || (narrowed.Filter == nil) != (c.filter == publishing.Filter{}) {
				t.Errorf("%+v", narrowed)
			}
		})
	}
}
