package policy_test

import (
	"testing"

	"onward/registry/policy"
)

func TestLeadRules(t *testing.T) {
	t.Parallel()
	lead := func(country string, change func(*policy.Share, *policy.Facts)) func(*policy.Share, *policy.Facts) {
		return func(s *policy.Share, f *policy.Facts) {
			as("reseller", "partner")(s, f)
			s.LeadCountry, s.LeadKind = country, "inbound"
			f.Contracts[0].Territory, f.Contracts[0].Leads = []string{"DE", "AT"}, []string{"inbound", "events"}
			change(s, f)
		}
	}
	nothing := func(*policy.Share, *policy.Facts) {}
	try(t, []example{
		{"P-10: a reseller gets the leads of its territory", lead("AT", nothing), nil},
		{"P-10: and no others", lead("CH", nothing), []string{"lead_outside_territory:CH"}},
		{"P-10: a territory can be an area", lead("IE", func(_ *policy.Share, f *policy.Facts) {
			f.Contracts[0].Territory = []string{"EEA"}
		}), nil},
		{"P-10: without a territory it gets leads from anywhere", lead("CH", func(_ *policy.Share, f *policy.Facts) {
			f.Contracts[0].Territory = nil
		}), nil},
		{"P-10: a kind of leads that was not agreed is refused", lead("DE", func(s *policy.Share, _ *policy.Facts) {
			s.LeadKind = "outbound"
		}), []string{"lead_not_in_contract:outbound"}},
		{"P-10: so is one that is not said", lead("DE", func(s *policy.Share, _ *policy.Facts) {
			s.LeadKind = ""
		}), []string{"lead_not_in_contract"}},
		{"P-10: what was promised to another alone is refused", lead("DE", func(_ *policy.Share, f *policy.Facts) {
			f.Exclusives = []policy.Exclusive{{Vendor: "w", Territory: []string{"CH"}}, {Vendor: "x", Territory: []string{"EU"}}, {Vendor: "y"}}
		}), []string{"lead_promised_elsewhere:x", "lead_promised_elsewhere:y"}},
		{"P-10: one's own promise is no obstacle", lead("DE", func(_ *policy.Share, f *policy.Facts) {
			f.Exclusives = []policy.Exclusive{{Vendor: "v", Territory: []string{"DE"}}}
		}), nil},
		{"P-10: of two contracts the one that covers the lead is taken", lead("CH", func(_ *policy.Share, f *policy.Facts) {
			one := *f.Contracts[0]
			swiss := &one
			swiss.ID, swiss.Territory = "swiss", []string{"CH"}
			f.Contracts = append(f.Contracts, swiss)
		}), nil},
		{"what is no lead has no territory", lead("", func(s *policy.Share, f *policy.Facts) {
			s.LeadKind = ""
			f.Exclusives = []policy.Exclusive{{Vendor: "y"}}
		}), nil},
	})
}
