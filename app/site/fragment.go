package site

import (
	_ "embed"
	"io"
	"strings"

	"onward/registry/publishing"
)

//go:embed templates/fragment.html
var fragmentTemplate string

var fragmentPart = parse(fragmentTemplate)

// fragmentData is what the fragment's template shows: one table, to be put into a page of somebody else's. It has no style, and its class
// names and anchors begin with onward.
type fragmentData struct {
	L       *Language
	Caption string
	Updated string
	Machine string
	Stale   string
	Rows    []fragmentRow
}

type fragmentRow struct {
	Anchor string
	Vendor vendor
	service
}

func writeFragment(w io.Writer, v view) error {
	l := v.language
	d := fragmentData{L: l, Caption: l.Say("fragment.caption.us"), Stale: staleNote(v)}
	if v.list.Company != "" {
		d.Caption = l.Say("fragment.caption", "company", v.list.Company)
	}
	if !v.list.Updated.IsZero() {
		d.Updated, d.Machine = l.Say("updated", "day", l.day(v.list.Updated)), v.list.Updated.UTC().Format("2006-01-02")
	}
	seen := map[string]bool{}
	for _, e := range v.list.Entries {
		row := fragmentRow{Vendor: newVendor(l, e, ""), service: newService(l, e)}
		if !seen[e.VendorID] {
			row.Anchor = "onward-" + anchor(e)
		}
		seen[e.VendorID] = true
		d.Rows = append(d.Rows, row)
	}
	return fragmentPart.ExecuteTemplate(w, "fragment", d)
}

// one is personal data in one line.
func one(d publishing.Data) string {
	items := strings.Join(d.Items, ", ")
	if d.Class != "" {
		return d.Class + ": " + items
	}
	return items
}
