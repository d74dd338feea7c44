package site

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"onward/registry/publishing"
)

// section is the vendors of one kind.
type section struct {
	ID, Title, Note string
	Vendors         []vendor
}

// vendor is one organisation and what it does, as the page shows it.
type vendor struct {
	Anchor         string
	Name           string
	Legal          string
	Others         string
	Based          string
	Address        string
	Website        string
	Links          []link
	Certifications string
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

// sections divides entries, which are in the order of their vendors' names, among the kinds.
func sections(entries []publishing.Entry) []section {
	all := make([]section, len(kinds)+1)
	for i, k := range kinds {
		all[i] = section{ID: strings.ReplaceAll(k.code, "_", "-") + "s", Title: k.many, Note: k.note}
	}
	all[len(kinds)] = section{ID: "others", Title: "Other recipients"}
	anchors := map[string]int{}
	for _, e := range entries {
		first := slices.IndexFunc(kinds, func(k kind) bool { return slices.Contains(e.Kinds, k.code) })
		if first < 0 {
			first = len(kinds)
		}
		vendors := &all[first].Vendors
		if n := len(*vendors); n == 0 || (*vendors)[n-1].Name != e.Vendor {
			*vendors = append(*vendors, newVendor(e, first, anchor(e.Vendor, anchors)))
		}
		v := &(*vendors)[len(*vendors)-1]
		v.Services = append(v.Services, newService(e))
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.Vendors) == 0 })
}

func newVendor(e publishing.Entry, first int, anchor string) vendor {
	v := vendor{
		Anchor: anchor, Name: e.Vendor, Legal: e.LegalName, Others: strings.Join(e.OtherNames, ", "), Address: e.Address,
		Website: e.Website, Leaving: e.Leaving, Certifications: strings.Join(e.Certifications, ", "),
	}
	if e.Country != "" {
		v.Based = publishing.CountryName(e.Country)
	}
	if e.PrivacyNotice != "" {
		v.Links = append(v.Links, link{"Privacy notice", e.PrivacyNotice})
	}
	if e.SubprocessorList != "" {
		v.Links = append(v.Links, link{"Its subprocessors", e.SubprocessorList})
	}
	for i, k := range kinds {
		if i != first && slices.Contains(e.Kinds, k.code) {
			v.Also = append(v.Also, "Also "+article(k.one)+strings.ToLower(k.one))
		}
	}
	return v
}

func newService(e publishing.Entry) service {
	s := service{
		Name: e.Service, Products: strings.Join(e.Products, ", "), Purposes: labels(e.Purposes),
		Condition: e.Condition, Duration: e.Duration, Subjects: strings.Join(e.DataSubjects, ", "),
	}
	if e.From != "" {
		s.Since = dayOf(e.From)
	}
	if e.Until != "" {
		s.Until = dayOf(e.Until)
	}
	if len(e.Categories) > 0 {
		s.Data = append(s.Data, publishing.Data{Items: labels(e.Categories)})
	}
	s.Data = append(s.Data, e.Data...)
	for _, l := range e.Locations {
		notes := strings.Join(locationNotes(l), " · ")
		if i := slices.IndexFunc(s.Places, func(p place) bool { return p.Notes == notes }); i >= 0 {
			s.Places[i].Names += ", " + l.Name
			continue
		}
		s.Places = append(s.Places, place{l.Name, notes})
	}
	return s
}

// facts are the numbers above the list.
func facts(list publishing.List) []fact {
	vendors, countries := map[string]bool{}, map[string]bool{}
	for _, e := range list.Entries {
		vendors[e.Vendor] = true
		for _, l := range e.Locations {
			if len(l.Place) == 2 && l.Place != "EU" {
				countries[l.Place] = true
			}
		}
	}
	all := []fact{
		{Name: plural(len(vendors), "Organisation", "Organisations"), Value: strconv.Itoa(len(vendors))},
		{Name: plural(len(countries), "Country", "Countries"), Value: strconv.Itoa(len(countries))},
	}
	if !list.Updated.IsZero() {
		all = append(all, fact{Name: "Last changed", Value: day(list.Updated), Machine: list.Updated.UTC().Format("2006-01-02")})
	}
	return all
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func article(noun string) string {
	if strings.ContainsRune("AEIOU", rune(noun[0])) {
		return "an "
	}
	return "a "
}

// anchor is a vendor's address within the page; used counts those that are taken.
func anchor(name string, used map[string]int) string {
	slug := strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "-")
	slug = "org-" + slug
	used[slug]++
	if n := used[slug]; n > 1 {
		slug += "-" + strconv.Itoa(n)
	}
	return slug
}
