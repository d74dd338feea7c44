package site

import (
	"strings"
	"time"

	"onward/registry/publishing"
)

// kind is how a kind of vendor is called, and what its section is called.
type kind struct{ code, one, many, note string }

// kinds are in the order of the page's sections; a vendor of several kinds stands in the first.
var kinds = []kind{
	{"subprocessor", "Subprocessor", "Subprocessors", "Other companies that handle customers’ personal data so that the service can be delivered."},
	{"affiliate", "Affiliate", "Affiliates", "Companies of the same group that take part in delivering the service."},
	{"service_provider", "Service provider", "Service providers", "Companies that handle personal data on our behalf outside the product itself."},
	{"contractor", "Contractor", "Contractors", ""},
	{"agent", "Agent", "Authorised agents", ""},
	{"partner", "Partner", "Partners", ""},
	{"reseller", "Reseller", "Resellers", ""},
	{"distributor", "Distributor", "Distributors", ""},
	{"advertiser", "Advertiser", "Advertisers", ""},
	{"authority", "Authority", "Authorities", ""},
	{"acquirer", "Acquirer", "Acquirers", ""},
}

func kindLabel(code string) string {
	for _, k := range kinds {
		if k.code == code {
			return k.one
		}
	}
	return code
}

var useLabels = map[string]string{"storage": "storage", "processing": "processing", "support_access": "access for support"}

var transferLabels = map[string]string{
	"none_needed":  "no transfer mechanism needed",
	"adequacy":     "adequacy decision",
	"scc_2021_914": "EU standard contractual clauses",
	"uk_idta":      "UK International Data Transfer Agreement",
	"uk_addendum":  "UK Addendum to the EU clauses",
	"bcr":          "binding corporate rules",
	"dpf":          "EU–US Data Privacy Framework",
	"art_49":       "derogation under Art. 49 GDPR",
}

// locationNotes are the words that stand beside a location's name.
func locationNotes(l publishing.Location) []string {
	var notes []string
	for _, u := range l.Uses {
		notes = append(notes, labelled(useLabels, u))
	}
	if l.AppliesTo != "" {
		notes = append(notes, "for "+l.AppliesTo)
	}
	if l.Detail != "" {
		notes = append(notes, l.Detail)
	}
	if l.Stated != "" {
		notes = append(notes, "stated as “"+l.Stated+"”")
	}
	if l.Transfer != "" {
		notes = append(notes, labelled(transferLabels, l.Transfer))
	}
	return notes
}

func labelled(labels map[string]string, code string) string {
	if label, ok := labels[code]; ok {
		return label
	}
	return strings.ReplaceAll(code, "_", " ")
}

// day is a calendar day in words: 24 November 2026.
func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// dayOf is a YYYY-MM-DD in words.
func dayOf(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day(t)
}
