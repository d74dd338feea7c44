package site

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"onward/registry/publishing"
)

// section is the vendors under one heading.
type section struct {
	ID, Title, Note string
	Vendors         []vendor
	kind            string // that the heading names
}

// vendor is one organisation and what it does, as the page shows it.
type vendor struct {
	Anchor         string // stays whatever the vendor is called; empty where it stands further up already
	Name           string
	Legal          string
	Others         string
	Based          string
	Address        string
	Website        string
	Links          []Link
	Certifications string
	Contacts       []string
	Also           []string // its other kinds
	Leaving        bool
	Services       []service
}

// service is an engagement as the page shows it.
type service struct {
	Name      string
	Products  string
	Purposes  []string
	Condition string
	Since     string
	Until     string
	Duration  string
	Data      []publishing.Data
	Subjects  string
	Places    []place
}

// place is one or several countries of which the same is said.
type place struct{ Names, Notes string }

// sections divides entries, which are in the order of their vendors' names: among the kinds, where a vendor of several kinds stands in the
// first; or among the purposes, where it stands in each.
func sections(l *Language, entries []publishing.Entry, byPurpose bool) []section {
	d := divider{language: l, at: map[string]int{}, placed: map[string]bool{}}
	if byPurpose {
		d.byPurpose(entries)
	} else {
		d.byKind(entries)
	}
	d.all = slices.DeleteFunc(d.all, func(s section) bool { return len(s.Vendors) == 0 })
	for i := range d.all {
		d.anchor(&d.all[i])
	}
	return d.all
}

// newVendor is without the kind that the heading names; under a heading that names none its kinds are not told.
func newVendor(l *Language, e publishing.Entry, heading string) vendor {
	v := vendor{
		Anchor: anchor(e), Name: e.Vendor, Legal: e.LegalName, Others: strings.Join(e.OtherNames, ", "), Address: e.Address,
		Website: e.Website, Leaving: e.Leaving, Certifications: strings.Join(e.Certifications, ", "), Contacts: l.contacts(e.Contacts),
	}
	if e.Country != "" {
		v.Based = l.place(e.Country)
	}
	if e.PrivacyNotice != "" {
		v.Links = append(v.Links, Link{l.Say("privacy_notice"), e.PrivacyNotice})
	}
	if e.SubprocessorList != "" {
		v.Links = append(v.Links, Link{l.Say("own_list"), e.SubprocessorList})
	}
	for _, k := range kinds {
		if words := l.Kinds[k]; heading != "" && k != heading && slices.Contains(e.Kinds, k) {
			v.Also = append(v.Also, words.Also)
		}
	}
	return v
}

// anchor is a vendor's address within the page.
func anchor(e publishing.Entry) string { return "v-" + e.VendorID }

func newService(l *Language, e publishing.Entry) service {
	s := service{
		Name: e.Service, Products: strings.Join(e.Products, ", "), Purposes: l.each(e.Purposes, l.purpose),
		Condition: e.Condition, Duration: e.Duration, Subjects: strings.Join(e.DataSubjects, ", "),
	}
	if e.From != "" {
		s.Since = l.dayOf(e.From)
	}
	if e.Until != "" {
		s.Until = l.dayOf(e.Until)
	}
	if len(e.Categories) > 0 {
		s.Data = append(s.Data, publishing.Data{Items: l.each(e.Categories, l.category)})
	}
	s.Data = append(s.Data, e.Data...)
	for _, at := range e.Locations {
		notes := strings.Join(l.notes(at), " · ")
		if i := slices.IndexFunc(s.Places, func(p place) bool { return p.Notes == notes }); i >= 0 {
			s.Places[i].Names += ", " + l.place(at.Place)
			continue
		}
		s.Places = append(s.Places, place{l.place(at.Place), notes})
	}
	return s
}

// facts are the numbers above the list.
func facts(l *Language, list publishing.List) []fact {
	vendors, countries := map[string]bool{}, map[string]bool{}
	for _, e := range list.Entries {
		vendors[e.VendorID+e.Vendor] = true
		for _, at := range e.Locations {
			if country(at.Place) {
				countries[at.Place] = true
			}
		}
	}
	all := []fact{
		{Name: l.Count("fact.organisations", len(vendors)), Value: strconv.Itoa(len(vendors))},
		{Name: l.Count("fact.countries", len(countries)), Value: strconv.Itoa(len(countries))},
	}
	if !list.Updated.IsZero() {
		all = append(all, fact{Name: l.Say("fact.changed"), Value: l.day(list.Updated), Machine: list.Updated.UTC().Format("2006-01-02")})
	}
	return all
}

// country tells countries from EEA, EU, GLOBAL and UNSPECIFIED.
func country(place string) bool { return len(place) == 2 && place != "EU" }

// sorted are the values of m in the order of a text that they have.
func sorted[T any](m map[string]T, text func(T) string) []T {
	return slices.SortedFunc(maps.Values(m), func(x, y T) int {
		return strings.Compare(strings.ToLower(text(x)), strings.ToLower(text(y)))
	})
}
