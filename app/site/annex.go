package site

import (
	_ "embed"
	"io"
	"slices"
	"strings"

	"onward/registry/publishing"
)

//go:embed templates/annex.html
var annexTemplate string

var annexHTML = parse(frameTemplate, annexTemplate)

// annex is Annex III of the standard contractual clauses (decision (EU) 2021/914): for each sub-processor its name, its address, a contact
// person's name, position and contact details, and a description of the processing with a clear delimitation of responsibilities where there
// are several. What the list does not say reads "not stated".
type annex struct {
	Title, Basis, Of string
	Stands           []string // which list this is
	Parts            []annexPart
}

// annexPart is the sub-processors, or those who are on the list beside them.
type annexPart struct {
	ID, Title, Note string
	Vendors         []annexVendor
}

type annexVendor struct {
	Number   int
	Anchor   string
	Name     string
	Usual    string // its usual name, where that is another
	Address  string
	Contacts []string
	Services []annexService
}

// annexService is one description of processing. Its lines delimit it: what for, for which products, with which data, where and since when.
type annexService struct{ Lines []annexLine }

type annexLine struct {
	Label, Text string
	Unstated    bool
}

func newAnnex(v view) annex {
	l := v.language
	a := annex{Title: l.Say("annex.title"), Basis: l.Say("annex.basis"), Stands: stands(v)}
	if v.list.Company != "" {
		a.Of = l.Say("annex.of", "company", v.list.Company)
	}
	a.Parts = []annexPart{
		{ID: "sub-processors", Title: l.Say("annex.sub")},
		{ID: "others", Title: l.Say("annex.rest"), Note: l.Say("annex.rest.note")},
	}
	at := map[string]int{}
	for _, e := range v.list.Entries {
		part := &a.Parts[1]
		if slices.Contains(e.Kinds, "subprocessor") {
			part = &a.Parts[0]
		}
		i, ok := at[e.VendorID+e.Vendor+part.ID]
		if !ok {
			i = len(part.Vendors)
			at[e.VendorID+e.Vendor+part.ID] = i
			part.Vendors = append(part.Vendors, newAnnexVendor(l, e))
		}
		part.Vendors[i].Services = append(part.Vendors[i].Services, newAnnexService(l, e))
	}
	number := 0
	for p := range a.Parts {
		for i := range a.Parts[p].Vendors {
			number++
			a.Parts[p].Vendors[i].Number = number
		}
	}
	a.Parts = slices.DeleteFunc(a.Parts, func(p annexPart) bool { return len(p.Vendors) == 0 })
	return a
}

// stands are sentences that say which list an annex was made of.
func stands(v view) []string {
	l, asked := v.language, v.asked
	var all []string
	switch {
	case asked.release > 0:
		all = append(all, l.Say("annex.release", "n", asked.release, "when", l.instant(v.whole.AsOf)))
	case !asked.asOf.IsZero() && len(asked.date) == len("2026-11-24"):
		all = append(all, l.Say("annex.past", "when", l.dayOf(asked.date)))
	case !asked.asOf.IsZero():
		all = append(all, l.Say("annex.past", "when", l.instant(asked.asOf)))
	case !v.list.Updated.IsZero():
		all = append(all, l.Say("annex.current", "day", l.day(v.list.Updated)))
	}
	if f := v.list.Filter; f != nil {
		var parts []string
		for _, part := range []string{f.Text, f.Product, labelled(l.Places, strings.ToUpper(f.Place)), f.Category, l.kind(f.Kind)} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		all = append(all, l.Say("annex.part", "filter", strings.Join(parts, ", ")))
	}
	return append(all, l.Say("annex.explain"))
}

func newAnnexVendor(l *Language, e publishing.Entry) annexVendor {
	v := annexVendor{Anchor: anchor(e), Name: e.Vendor, Address: e.Address, Contacts: l.contacts(e.Contacts)}
	if e.LegalName != "" {
		v.Name, v.Usual = e.LegalName, e.Vendor
	}
	if name := l.place(e.Country); e.Country != "" && !strings.HasSuffix(e.Address, name) {
		if v.Address != "" {
			name = v.Address + " (" + name + ")"
		}
		v.Address = name
	}
	return v
}

func newAnnexService(l *Language, e publishing.Entry) annexService {
	s := newService(l, e)
	var places, data []string
	for _, p := range s.Places {
		if p.Notes != "" {
			p.Names += " (" + p.Notes + ")"
		}
		places = append(places, p.Names)
	}
	for _, d := range s.Data {
		data = append(data, one(d))
	}
	var lines []annexLine
	add := func(key, text string, always bool) {
		if text != "" || always {
			lines = append(lines, annexLine{l.Say(key), text, text == ""})
		}
	}
	add("annex.service", s.Name, true)
	add("annex.products", s.Products, false)
	add("annex.condition", s.Condition, false)
	add("annex.purposes", strings.Join(s.Purposes, "; "), true)
	add("annex.data", strings.Join(data, "; "), true)
	add("annex.subjects", s.Subjects, true)
	add("annex.places", strings.Join(places, "; "), true)
	add("annex.duration", s.Duration, true)
	add("annex.from", s.Since, false)
	add("annex.until", s.Until, false)
	if e.Leaving {
		lines[0].Text += ". " + l.Say("leaving")
	}
	for i := range lines {
		if lines[i].Unstated {
			lines[i].Text = l.Say("unstated")
		}
	}
	return annexService{lines}
}

// annexData is what the template of the annex shows.
type annexData struct {
	frame
	Annex     annex
	PDF, List string
}

func (s *Site) writeAnnex(w io.Writer, v view) error {
	d := annexData{frame: s.frame(v.language.Say("annex"), annexPage, v), Annex: newAnnex(v), PDF: s.address(annexPDF, v), List: s.address(page, v)}
	d.Robots, d.Description = "noindex", d.Annex.Basis
	return annexHTML.ExecuteTemplate(w, "frame", d)
}
