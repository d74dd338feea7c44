package demo

import (
	"maps"
	"slices"
)

// invented are terms that the demo makes up for the engagement of one row.
type invented struct {
	engagement string // the row's id
	purposes   []string
	categories []string
	// transfers give a mechanism to the locations in a place that have none.
	transfers map[string]string
	// kind of contract; empty for none.
	kind  string
	title string
	// fromDays and untilDays are counted from the day on which the demo is loaded; 0 leaves the end open.
	fromDays, untilDays int
	countries           []string
}

const (
	agreement    = "data_processing_agreement"
	agreementOf  = "Demo data processing agreement"
	groupsKind   = "intra_group_agreement"
	groupsTitle  = "Demo intra-group agreement"
	productUse   = "PRODUCT_USE"
	contactData  = "CONTACT"
	deviceData   = "DEVICE_NET"
	billingData  = "BILLING"
	infraPurpose = "INFRA"
)

// terms are all terms that the demo makes up. Vendors that are not here have no contract, and get nothing.
var terms = []invented{
	{
		engagement: "S34", kind: agreement, title: agreementOf, fromDays: -400, countries: []string{"DE", "FI"},
		purposes: []string{infraPurpose, "SERVICE", "SECURITY"}, categories: []string{contactData, "CORRESPONDENCE", "TRANSACTION", deviceData, productUse},
	},
	{
		engagement: "S33", kind: agreement, title: agreementOf, fromDays: -300, untilDays: 430, countries: []string{"US"},
		purposes: []string{infraPurpose, "SERVICE"}, categories: []string{contactData, "CORRESPONDENCE", "TRANSACTION"},
	},
	{
		engagement: "S10", kind: agreement, title: agreementOf, fromDays: -700, untilDays: 30, countries: []string{"US", "DE"},
		purposes: []string{infraPurpose}, categories: []string{contactData, deviceData, productUse},
		transfers: map[string]string{"US": "dpf"},
	},
	{
		engagement: "S26", kind: agreement, title: agreementOf, fromDays: -120, countries: []string{"GB"},
		purposes: []string{"RESPOND", "SERVICE"}, categories: []string{contactData, "SUPPORT"},
		transfers: map[string]string{"GB": "adequacy"},
	},
	{
		engagement: "S17", kind: agreement, title: agreementOf, fromDays: -800, untilDays: -60, countries: []string{"US"},
		purposes: []string{"ORDERS"}, categories: []string{contactData, billingData, "PAYMENT", "TRANSACTION"},
		transfers: map[string]string{"US": "dpf"},
	},
	{
		engagement: "S24", kind: groupsKind, title: groupsTitle, fromDays: -900,
		purposes: []string{"GROUP_STORAGE", "SERVICE"}, categories: []string{contactData, "SUPPORT", productUse},
		transfers: map[string]string{"GB": "adequacy"},
	},
	{
		engagement: "S15", purposes: []string{"IMPROVE"}, categories: []string{productUse, deviceData},
		transfers: map[string]string{"US": "scc_2021_914"},
	},
}

// clauses of a demo contract and where they stand in its document.
var clauses = []struct{ code, where string }{
	{"confidentiality", "section 2"},
	{"art28_3_a", "section 3 (a)"},
	{"art28_3_b", "section 3 (b)"},
	{"art28_3_c", "section 3 (c)"},
	{"art28_3_d", "section 3 (d)"},
	{"art28_3_e", "section 3 (e)"},
	{"art28_3_f", "section 3 (f)"},
	{"art28_3_g", "section 3 (g)"},
	{"art28_3_h", "section 3 (h)"},
	{"breach_notice", "section 4"},
	{"return_or_delete", "section 5"},
	{"audit_right", "section 6"},
}

// certified tells whether a row's transfers stand on the EU-US Data Privacy Framework: then its vendor is made to be certified.
func certified(row string) bool {
	return slices.ContainsFunc(terms, func(t invented) bool {
		return t.engagement == row && slices.Contains(slices.Collect(maps.Values(t.transfers)), "dpf")
	})
}
