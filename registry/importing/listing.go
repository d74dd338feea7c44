package importing

import (
	"slices"
	"strings"

	"onward/registry"
)

// listedReason says why an engagement is on the public list when its row does not.
func listedReason(e registry.EngagementFields, kinds []string) string {
	switch {
	case e.Source != nil && e.Source.ListedBy != "":
		return "imported from a published list: " + e.Source.ListedBy
	case e.Source != nil && e.Source.Source != "":
		return "imported from a published list: " + e.Source.Source
	case len(kinds) > 0:
		return "imported as " + strings.ReplaceAll(strings.Join(kinds, ", "), "_", " ")
	default:
		return "imported as listed"
	}
}

// decideListing puts a new engagement on the public list, or not: as the row says or, where it does not, by the vendor's kinds.
func decideListing(e *registry.EngagementFields, listed *bool, kinds []string) {
	if listed != nil {
		if e.Listed = *listed; e.Listed && e.ListedReason == "" {
			e.ListedReason = listedReason(*e, nil)
		}
		return
	}
	if e.Listed = slices.Contains(kinds, "subprocessor") || slices.Contains(kinds, "affiliate"); e.Listed && e.ListedReason == "" {
		e.ListedReason = listedReason(*e, kinds)
	}
}
