package policy_test

import (
	"testing"
	"time"

	"onward/registry/policy"
)

// to sends the share to a country, to a location of the engagement there with that mechanism.
func to(country, place, mechanism string) func(*policy.Share, *policy.Facts) {
	return func(s *policy.Share, f *policy.Facts) {
		unlimited(f)
		s.Countries = []string{country}
		f.Engagement.Locations = []policy.Location{{Place: place, Mechanism: mechanism}}
	}
}

func from(origin string, change func(*policy.Share, *policy.Facts)) func(*policy.Share, *policy.Facts) {
	return func(s *policy.Share, f *policy.Facts) {
		s.Origin = origin
		change(s, f)
	}
}

func on(y int, m time.Month, d int, change func(*policy.Share, *policy.Facts)) func(*policy.Share, *policy.Facts) {
	return func(s *policy.Share, f *policy.Facts) {
		s.OccurredAt = time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
		change(s, f)
	}
}

// certified makes the vendor certified under frameworks.
func certified(change func(*policy.Share, *policy.Facts), frameworks ...string) func(*policy.Share, *policy.Facts) {
	return func(s *policy.Share, f *policy.Facts) {
		change(s, f)
		f.Vendor.Frameworks = frameworks
	}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	try(t, []example{
		{"P-09: a country without a location is not covered", to("FR", "DE", ""), []string{"country_not_covered:FR"}},
		{"P-09: the area covers its members", to("NO", "EEA", ""), nil},
		{"P-09: the union does not cover Norway", to("NO", "EU", ""), []string{"country_not_covered:NO"}},
		{"P-09: the union covers its members", to("IE", "EU", ""), nil},
		{"P-09: the area does not cover Switzerland", to("CH", "EEA", "adequacy"), []string{"country_not_covered:CH"}},
		{"P-09: GLOBAL covers any country", to("IN", "GLOBAL", "scc_2021_914"), nil},
		{"P-09: UNSPECIFIED covers nothing", to("DE", "UNSPECIFIED", "scc_2021_914"), []string{"country_not_covered:DE"}},
		{"P-09: nothing covers UNSPECIFIED", to("UNSPECIFIED", "GLOBAL", "scc_2021_914"), []string{"country_not_covered:UNSPECIFIED"}},
		{"P-09: one country does not cover the area", to("EEA", "DE", ""), []string{"country_not_covered:EEA"}},
		{"P-09: a contract for the union permits its members only", func(s *policy.Share, f *policy.Facts) {
			to("NO", "NO", "")(s, f)
			f.Contracts[0].Countries = []string{"EU"}
		}, []string{"country_not_in_contract:NO"}},
		{"P-09: locations of an engagement that has ended cover nothing", func(s *policy.Share, f *policy.Facts) {
			to("DE", "DE", "")(s, f)
			f.Engagement.InForce = false
		}, []string{"engagement_not_in_force:e", "country_not_covered:DE"}},
	})
}

func TestTransfers(t *testing.T) {
	t.Parallel()
	try(t, []example{
		{"P-09: data from the Union to India without a mechanism is refused", to("IN", "IN", ""), []string{"no_transfer_mechanism:IN"}},
		{"P-09: standard contractual clauses carry it", to("IN", "IN", "scc_2021_914"), nil},
		{"P-09: within one country nothing is needed", from("IN", to("IN", "IN", "")), nil},
		{"P-09: within the area nothing is needed", from("IS", to("FR", "FR", "")), nil},
		{"P-09: from an unknown origin every country is across a border", from("", to("DE", "DE", "")), []string{"no_transfer_mechanism:DE"}},
		{"P-09: that nothing is needed does not make it so", to("IN", "IN", "none_needed"), []string{"no_transfer_mechanism:IN"}},
		{"P-09: that nothing is needed holds within the area", to("FR", "FR", "none_needed"), nil},
		{"P-09: adequacy serves where it was found", to("JP", "JP", "adequacy"), nil},
		{"P-09: adequacy does not serve where it was not", to("IN", "IN", "adequacy"), []string{"no_transfer_mechanism:IN"}},
		{"P-09: adequacy serves from the day of the decision", on(2018, time.December, 1, to("JP", "JP", "adequacy")), []string{"no_transfer_mechanism:JP"}},
		{"P-09: adequacy does not serve to the United States", to("US", "US", "adequacy"), []string{"no_transfer_mechanism:US"}},
		{"P-09: the framework serves to who is certified in the United States", certified(to("US", "US", "dpf"), policy.EUFramework), nil},
		{"P-09: the framework does not serve to who is not", to("US", "US", "dpf"), []string{"no_transfer_mechanism:US"}},
		{"P-09: the framework serves nowhere else", certified(to("CA", "CA", "dpf"), policy.EUFramework), []string{"no_transfer_mechanism:CA"}},
		{"P-09: the framework did not serve before it was", on(2022, time.May, 1, certified(to("US", "US", "dpf"), policy.EUFramework)), []string{"no_transfer_mechanism:US"}},
		{"P-09: data from Britain needs the British extension", from("GB", certified(to("US", "US", "dpf"), policy.EUFramework)), []string{"no_transfer_mechanism:US"}},
		{"P-09: which serves it", from("GB", certified(to("US", "US", "dpf"), policy.UKFramework)), nil},
		{"P-09: and not data from the Union", certified(to("US", "US", "dpf"), policy.UKFramework), []string{"no_transfer_mechanism:US"}},
		{"P-09: data from Switzerland needs the Swiss framework", from("CH", certified(to("US", "US", "dpf"), policy.SwissFramework)), nil},
		{"P-09: which did not serve before September 2024", on(2024, time.September, 14, from("CH", certified(to("US", "US", "dpf"), policy.SwissFramework))), []string{"no_transfer_mechanism:US"}},
		{"P-09: no framework serves data from elsewhere", from("IN", certified(to("US", "US", "dpf"), policy.EUFramework, policy.UKFramework, policy.SwissFramework)), []string{"no_transfer_mechanism:US"}},
		{"P-09: Brazil is adequate from the decision on", on(2026, time.January, 27, to("BR", "BR", "adequacy")), nil},
		{"P-09: and was not before", on(2026, time.January, 26, to("BR", "BR", "adequacy")), []string{"no_transfer_mechanism:BR"}},
		{"P-09: the decision on Britain holds to its last day", on(2031, time.December, 27, to("GB", "GB", "adequacy")), nil},
		{"P-09: and no longer", on(2031, time.December, 28, to("GB", "GB", "adequacy")), []string{"no_transfer_mechanism:GB"}},
		{"P-09: Britain was within until its adequacy decision", on(2019, time.May, 1, to("GB", "GB", "")), nil},
		{"P-09: Britain is across a border since", to("GB", "GB", ""), []string{"no_transfer_mechanism:GB"}},
		{"P-09: and adequate", to("GB", "GB", "adequacy"), nil},
		{"P-09: from Britain its own agreement serves", from("GB", to("IN", "IN", "uk_idta")), nil},
		{"P-09: from the Union the British agreement does not serve", to("IN", "IN", "uk_idta"), []string{"no_transfer_mechanism:IN"}},
		{"P-09: from Britain the clauses of the Union alone do not serve", from("GB", to("IN", "IN", "scc_2021_914")), []string{"no_transfer_mechanism:IN"}},
		{"P-09: every country is judged for itself", func(s *policy.Share, f *policy.Facts) {
			to("IN", "GLOBAL", "adequacy")(s, f)
			s.Countries = []string{"DE", "IN", "JP", "US"}
		}, []string{"no_transfer_mechanism:IN", "no_transfer_mechanism:US"}},
		{"P-09: a second location with a mechanism is enough", func(s *policy.Share, f *policy.Facts) {
			to("US", "US", "")(s, f)
			f.Engagement.Locations = append(f.Engagement.Locations, policy.Location{Place: "US", Mechanism: "bcr"})
		}, nil},
	})
}
