package publishing

import (
	"slices"
	"strings"

	"onward/registry"
)

// Narrow is the list with only the entries that f selects, and f as its Filter; a zero f gives the list unchanged.
func (l List) Narrow(f Filter) List {
	if f == (Filter{}) {
		return l
	}
	kept := []Entry{}
	for _, e := range l.Entries {
		if f.keeps(e) {
			kept = append(kept, e)
		}
	}
	l.Filter, l.Entries = &f, kept
	return l
}

func (f Filter) keeps(e Entry) bool {
	return (f.Product == "" || named(f.Product, e.Products...)) &&
		(f.Place == "" || slices.ContainsFunc(e.Locations, func(l Location) bool { return named(f.Place, l.Place, l.Name) })) &&
		(f.Category == "" ||
			slices.ContainsFunc(e.Categories, func(t Term) bool { return named(f.Category, t.Code, t.Label) }) ||
			slices.ContainsFunc(e.Data, func(d Data) bool { return named(f.Category, d.Class) })) &&
		(f.Kind == "" || named(f.Kind, e.Kinds...)) &&
		(f.Text == "" || mentions(e, f.Text))
}

func named(what string, names ...string) bool {
	what = fold(what)
	return slices.ContainsFunc(names, func(name string) bool { return fold(name) == what })
}

func mentions(e Entry, text string) bool {
	all := fold(strings.Join(texts(e), "\n"))
	for word := range strings.FieldsSeq(fold(text)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

// texts are what a reader can see of an entry.
func texts(e Entry) []string {
	all := slices.Concat([]string{
		e.Vendor, e.LegalName, CountryName(e.Country), e.Address, e.Service, e.Condition, e.Duration,
	}, e.OtherNames, e.Products, e.DataSubjects, e.Certifications, e.Kinds)
	for _, t := range slices.Concat(e.Purposes, e.Categories) {
		all = append(all, t.Label)
	}
	for _, d := range e.Data {
		all = append(append(all, d.Class), d.Items...)
	}
	for _, l := range e.Locations {
		all = append(all, l.Name, l.AppliesTo, l.Detail, l.Stated)
	}
	return all
}

func fold(s string) string { return registry.Fold(strings.TrimSpace(s)) }
