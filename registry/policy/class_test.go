package policy_test

import (
	"testing"

	"onward/registry/policy"
)

func TestDisclosureClass(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ground, purpose, kind, want string
	}{
		"who works on our behalf is disclosed to":                          {"service_provider", "INFRA", "subprocessor", policy.ClassDisclosed},
		"a contractor is, on whatever ground":                              {"partner", "ORDERS", "contractor", policy.ClassDisclosed},
		"advertising is sharing, to a service provider too":                {"advertising", "ADS_INTEREST", "service_provider", policy.ClassShared},
		"and so it is where somebody collects for it directly":             {"direct_collection", "ADS_INTEREST", "advertiser", policy.ClassShared},
		"a partner is a third party":                                       {"partner", "ORDERS", "partner", policy.ClassSold},
		"and so is a reseller":                                             {"partner", "PARTNER_MARKETING", "reseller", policy.ClassSold},
		"an authority is disclosed to":                                     {"legal_process", "LAW_DISCLOSURE", "authority", policy.ClassDisclosed},
		"a business that is sold takes its data along, which is no sale":   {"business_transfer", "BUSINESS_TRANSFER", "acquirer", policy.ClassDisclosed},
		"companies of the group":                                           {"affiliate", "GROUP_STORAGE", "affiliate", policy.ClassDisclosed},
		"what a later policy calls a ground is a sale until it is known":   {"something_new", "INFRA", "partner", policy.ClassSold},
		"but to who works on our behalf it is disclosed on every ground":   {"something_new", "INFRA", "service_provider", policy.ClassDisclosed},
		"who collects directly, and works for us, is disclosed to as well": {"direct_collection", "SITE_ADMIN", "service_provider", policy.ClassDisclosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := policy.DisclosureClass(c.ground, c.purpose, []string{c.kind}); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
