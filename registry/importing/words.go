package importing

import (
	"slices"
	"strings"

	"onward/registry"
)

// values parts a cell at ";", "|" and line breaks; repeated values are taken once.
func values(s string) []string {
	var all []string
	for _, v := range strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '|' || r == '\n' || r == '\r' }) {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// kinds are the codes of the vendor kinds that s names, in whatever case and with spaces or hyphens. "reseller_partner" is both. A word
// that is no kind stays, for the registry to refuse.
func kinds(s string) []string {
	var all []string
	for _, v := range values(s) {
		code := code(v)
		switch code {
		case "reseller_partner":
			all = append(all, "reseller", "partner")
		case "sub_processor", "subprocessors", "sub_processors":
			all = append(all, "subprocessor")
		default:
			all = append(all, code)
		}
	}
	return slices.Compact(all)
}

// code is words as a code: "Service provider" is service_provider.
func code(words string) string { return strings.ReplaceAll(plain(words), " ", "_") }

// mechanisms maps a list's words for what carries a transfer to the registry's.
var mechanisms = map[string]string{
	"none_needed": "none_needed", "none_needed_eea": "none_needed",
	"adequacy": "adequacy", "adequacy_decision": "adequacy",
	"scc": "scc_2021_914", "sccs": "scc_2021_914", "scc_2021_914": "scc_2021_914", "standard_contractual_clauses": "scc_2021_914",
	"uk_idta": "uk_idta", "idta": "uk_idta", "uk_addendum": "uk_addendum",
	"bcr": "bcr", "binding_corporate_rules": "bcr",
	"dpf": "dpf", "eu_us_dpf": "dpf", "data_privacy_framework": "dpf", "eu_us_data_privacy_framework": "dpf",
	"art_49": "art_49",
}

// setTransfer puts the mechanism on each location of the row, with the source's own word as reference where it is another.
func (r *Row) setTransfer(stated, at string) {
	if stated == "" {
		return
	}
	mechanism, ok := mechanisms[code(stated)]
	switch {
	case !ok:
		r.bad(at, "%q is not a transfer mechanism that is known", stated)
	case len(r.Locations) == 0:
		r.bad(at, "a transfer mechanism needs a location")
	}
	t := registry.Transfer{Mechanism: mechanism}
	if stated != mechanism {
		t.Reference = `stated as "` + stated + `"`
	}
	for i := range r.Locations {
		own := t
		r.Locations[i].Transfer = &own
	}
}

// engagement is the row's engagement, made when it has none.
func (r *Row) engagement() *registry.EngagementFields {
	if r.Engagement == nil {
		r.Engagement = &registry.EngagementFields{}
	}
	return r.Engagement
}

// escape writes a name as part of a JSON pointer (RFC 6901).
func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }
