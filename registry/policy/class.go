package policy

import "slices"

// What section 1798.140 of the Californian Civil Code calls data that leaves a business.
const (
	ClassDisclosed = "disclosed" // for a business purpose (e), under a contract that binds the recipient to it (ag, j), or by law
	ClassSold      = "sold"      // made available to a third party; whether for something of value (ad), codes do not tell
	ClassShared    = "shared"    // for advertising across contexts, whether or not for money (ah)
)

// DisclosureClass is the class of a share that happened, by its codes alone: what is for advertising is shared; what goes to those who work on
// our behalf, within the group, by legal process (1798.145(a)), or with the business that is sold (1798.140(ad)(2)) is disclosed; all else
// that a third party gets counts as sold, since nothing here shows that it was given for nothing.
func DisclosureClass(ground, purpose string, kinds []string) string {
	switch {
	case ground == "advertising" || purpose == "ADS_INTEREST":
		return ClassShared
	case slices.Contains([]string{"affiliate", "own_servers", "service_provider", legalProcess, "business_transfer"}, ground):
		return ClassDisclosed
	case slices.ContainsFunc(kinds, func(k string) bool {
		return slices.Contains([]string{"subprocessor", "service_provider", "contractor"}, k)
	}):
		return ClassDisclosed
	default:
		return ClassSold
	}
}
