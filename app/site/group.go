package site

import (
	"slices"
	"strconv"
	"strings"

	"onward/registry/publishing"
)

// divider puts vendors under headings.
type divider struct {
	language *Language
	all      []section
	at       map[string]int // place of a vendor in a section
	placed   map[string]bool
}

// kinds are in the order of the page's sections.
var kinds = []string{
	"subprocessor", "affiliate", "service_provider", "contractor", "agent", "partner", "reseller", "distributor", "advertiser", "authority", "acquirer",
}

func (d *divider) byKind(entries []publishing.Entry) {
	for _, code := range kinds {
		words := d.language.Kinds[code]
		d.all = append(d.all, section{ID: strings.ReplaceAll(code, "_", "-") + "s", Title: words.Many, Note: words.Note, kind: code})
	}
	d.all = append(d.all, section{ID: "others", Title: d.language.Say("others")})
	for _, e := range entries {
		first := slices.IndexFunc(kinds, func(code string) bool { return slices.Contains(e.Kinds, code) })
		if first < 0 {
			first = len(kinds)
		}
		d.add(first, e)
	}
}

func (d *divider) byPurpose(entries []publishing.Entry) {
	terms := map[string]publishing.Term{}
	for _, e := range entries {
		for _, t := range e.Purposes {
			terms[t.Code] = t
		}
	}
	place := map[string]int{}
	for i, t := range sorted(terms, d.language.purpose) {
		place[t.Code] = i
		d.all = append(d.all, section{ID: "for-" + strings.ToLower(t.Code), Title: d.language.purpose(t), Note: d.language.Purposes[t.Code].Means})
	}
	d.all = append(d.all, section{ID: "for-nothing-stated", Title: d.language.Say("purpose.none")})
	for _, e := range entries {
		for _, t := range e.Purposes {
			d.add(place[t.Code], e)
		}
		if len(e.Purposes) == 0 {
			d.add(len(d.all)-1, e)
		}
	}
}

func (d *divider) add(at int, e publishing.Entry) {
	vendors := &d.all[at].Vendors
	key := strconv.Itoa(at) + " " + e.VendorID + " " + e.Vendor
	i, ok := d.at[key]
	if !ok {
		i = len(*vendors)
		d.at[key] = i
		*vendors = append(*vendors, newVendor(d.language, e, d.all[at].kind))
	}
	v := &(*vendors)[i]
	v.Services = append(v.Services, newService(d.language, e))
}

// anchor leaves each vendor's address to the first place where it stands.
func (d *divider) anchor(s *section) {
	for i := range s.Vendors {
		if v := &s.Vendors[i]; d.placed[v.Anchor] {
			v.Anchor = ""
		} else {
			d.placed[v.Anchor] = true
		}
	}
}
