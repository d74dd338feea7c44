package site

import (
	"io"
	"strconv"
	"strings"

	"onward/app/sheet"
	"onward/registry/publishing"
)

// columns are the CSV's columns, in order: one row for each entry, several values in one cell are parted by "; ".
var columns = []struct {
	name string
	of   func(publishing.Entry) string
}{
	{"id", func(e publishing.Entry) string { return e.ID }},
	{"vendor_id", func(e publishing.Entry) string { return e.VendorID }},
	{"vendor", func(e publishing.Entry) string { return e.Vendor }},
	{"legal_name", func(e publishing.Entry) string { return e.LegalName }},
	{"other_names", func(e publishing.Entry) string { return several(e.OtherNames) }},
	{"kinds", func(e publishing.Entry) string { return several(e.Kinds) }},
	{"country", func(e publishing.Entry) string { return e.Country }},
	{"address", func(e publishing.Entry) string { return e.Address }},
	{"website", func(e publishing.Entry) string { return e.Website }},
	{"privacy_notice", func(e publishing.Entry) string { return e.PrivacyNotice }},
	{"subprocessor_list", func(e publishing.Entry) string { return e.SubprocessorList }},
	{"certifications", func(e publishing.Entry) string { return several(e.Certifications) }},
	{"contacts", func(e publishing.Entry) string { return several(english().contacts(e.Contacts)) }},
	{"service", func(e publishing.Entry) string { return e.Service }},
	{"products", func(e publishing.Entry) string { return several(e.Products) }},
	{"purposes", func(e publishing.Entry) string { return several(labels(e.Purposes)) }},
	{"categories", func(e publishing.Entry) string { return several(labels(e.Categories)) }},
	{"data", func(e publishing.Entry) string { return several(stated(e.Data)) }},
	{"data_subjects", func(e publishing.Entry) string { return several(e.DataSubjects) }},
	{"condition", func(e publishing.Entry) string { return e.Condition }},
	{"duration", func(e publishing.Entry) string { return e.Duration }},
	{"from", func(e publishing.Entry) string { return e.From }},
	{"until", func(e publishing.Entry) string { return e.Until }},
	{"leaving", func(e publishing.Entry) string { return strconv.FormatBool(e.Leaving) }},
	{"places", func(e publishing.Entry) string { return several(places(e.Locations)) }},
	{"locations", func(e publishing.Entry) string { return several(located(e.Locations)) }},
}

// writeCSV writes the list by RFC 4180 in UTF-8, with a header row. No cell can be read as a formula by a spreadsheet.
func writeCSV(w io.Writer, list publishing.List) error {
	out := sheet.NewWriter(w)
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c.name
	}
	if err := out.Write(row); err != nil {
		return err
	}
	for _, e := range list.Entries {
		for i, c := range columns {
			row[i] = c.of(e)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	return out.Flush()
}

func several(values []string) string { return strings.Join(values, "; ") }

func labels(terms []publishing.Term) []string {
	var all []string
	for _, t := range terms {
		all = append(all, t.Label)
	}
	return all
}

func stated(data []publishing.Data) []string {
	var all []string
	for _, d := range data {
		items := strings.Join(d.Items, ", ")
		if d.Class != "" {
			items = d.Class + ": " + items
		}
		all = append(all, items)
	}
	return all
}

// places are the codes of the locations, each once.
func places(locations []publishing.Location) []string {
	var all []string
	seen := map[string]bool{}
	for _, l := range locations {
		if !seen[l.Place] {
			seen[l.Place] = true
			all = append(all, l.Place)
		}
	}
	return all
}

// located are the locations in English words.
func located(locations []publishing.Location) []string {
	var all []string
	for _, l := range locations {
		if notes := english().notes(l); len(notes) > 0 {
			all = append(all, l.Name+" ("+strings.Join(notes, ", ")+")")
		} else {
			all = append(all, l.Name)
		}
	}
	return all
}
