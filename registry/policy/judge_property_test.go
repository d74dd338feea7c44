package policy_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"onward/registry/policy"
)

// TestRemovingAFactNeverPermits: what the rules do not know counts against the share.
func TestRemovingAFactNeverPermits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, f := drawCase(t)
		before := policy.Judge(&s, &f)
		less := remove(t, f)
		if len(before) > 0 && len(policy.Judge(&s, &less)) == 0 {
			t.Fatalf("%+v was refused by %+v, but is permitted by less:\n%+v\nthan:\n%+v", s, before, less, f)
		}
	})
}

// TestAddingToAShareNeverPermits: who asks for more is not given what he was refused.
func TestAddingToAShareNeverPermits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, f := drawCase(t)
		more := s
		more.Categories = append(slices.Clone(s.Categories), rapid.SampledFrom(categories).Draw(t, "more category"))
		more.Countries = append(slices.Clone(s.Countries), rapid.SampledFrom(countries).Draw(t, "more country"))
		if len(policy.Judge(&s, &f)) > 0 && len(policy.Judge(&more, &f)) == 0 {
			t.Fatalf("%+v was refused, but %+v is permitted", s, more)
		}
	})
}

// TestWeighedFactsAnswerTheSame: what is worked out once is what each question works out anew; for another share it is not used.
func TestWeighedFactsAnswerTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		other, _ := drawCase(t)
		s, f := drawCase(t)
		weighed := f
		weighed.Weigh(&other)
		if got, want := answers(&s, &weighed), answers(&s, &f); !reflect.DeepEqual(got, want) {
			t.Fatalf("weighed for another share: %v, want %v", got, want)
		}
		weighed.Weigh(&s)
		if got, want := answers(&s, &weighed), answers(&s, &f); !reflect.DeepEqual(got, want) {
			t.Fatalf("weighed: %v, want %v", got, want)
		}
	})
}

func answers(s *policy.Share, f *policy.Facts) []any {
	return []any{policy.Judge(s, f), policy.Notes(s, f), policy.NeedsInstrument(s, f), policy.ApprovalsNeeded(s, f), policy.Chosen(s, f)}
}

// TestRulesChangeNothing: rules are handed the share and the facts where these stand, and leave both as they were.
func TestRulesChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, f := drawCase(t)
		before := written(t, s, f)
		answers(&s, &f)
		if after := written(t, s, f); after != before {
			t.Fatalf("%s, was %s", after, before)
		}
	})
}

func written(t *rapid.T, s policy.Share, f policy.Facts) string {
	text, err := json.Marshal([]any{s, f})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	categories = []string{"CONTACT", "INTEREST", "BROWSER_LOG", "PAYMENT", "BIOMETRIC"}
	purposes   = []string{"INFRA", "MARKETING", "ADS_INTEREST", "LAW_DISCLOSURE", "BUSINESS_TRANSFER", "TRAIN_AI"}
	countries  = []string{"DE", "FR", "US", "IN", "GB", "EEA", "GLOBAL", "UNSPECIFIED"}
	mechanisms = []string{"", "none_needed", "adequacy", "scc_2021_914", "uk_idta", "dpf", "art_49"}
	grounds    = []string{
		"service_provider", "partner", "affiliate", "advertising", "legal_process", "business_transfer", "own_servers", "unknown",
	}
)

// drawCase is a case by chance, or one that is permitted but for what chance changed in it.
func drawCase(t *rapid.T) (policy.Share, policy.Facts) {
	s, f := drawAny(t)
	if rapid.Bool().Draw(t, "any") {
		return s, f
	}
	permitted, by := hosting()
	switch rapid.IntRange(0, 5).Draw(t, "changed") {
	case 0:
		permitted.Countries, by.Engagement.Locations = s.Countries, append(by.Engagement.Locations, f.Engagement.Locations...)
		unlimited(&by)
	case 1:
		by.Contracts = append(f.Contracts, by.Contracts...)
	case 2:
		permitted.Categories, by.Engagement.Categories = s.Categories, f.Engagement.Categories
	case 3:
		by.Engagement.Purposes = f.Engagement.Purposes
	case 4:
		by.Vendor.Kinds = append(slices.DeleteFunc(f.Vendor.Kinds, func(k string) bool { return k == "subprocessor" }), "subprocessor")
	case 5:
		as("authority", "legal_process")(&permitted, &by)
		permitted.Purpose, permitted.Countries = "LAW_DISCLOSURE", s.Countries
		by.Engagement = f.Engagement
	}
	return permitted, by
}

func drawAny(t *rapid.T) (policy.Share, policy.Facts) {
	some := func(of []string) *rapid.Generator[[]string] {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 1, 3, rapid.ID)
	}
	s := policy.Share{
		OccurredAt: noon, Purpose: rapid.SampledFrom(purposes).Draw(t, "purpose"), Ground: rapid.SampledFrom(grounds).Draw(t, "ground"),
		Categories: some(categories).Draw(t, "categories"), Countries: some(countries).Draw(t, "countries"),
		Origin: rapid.SampledFrom([]string{"", "DE", "GB", "US"}).Draw(t, "origin"), Pseudonymised: rapid.Bool().Draw(t, "pseudonymised"),
	}
	v, _ := policy.At(policy.Shipped(), noon)
	f := policy.Facts{Policy: v, Vendor: policy.Vendor{
		ID: "v", State: "active", Kinds: some(policy.VendorKinds()).Draw(t, "kinds"), Affiliated: rapid.Bool().Draw(t, "affiliated"),
		Frameworks: rapid.SampledFrom([][]string{nil, {policy.EUFramework}, {policy.UKFramework}}).Draw(t, "frameworks"),
	}}
	if rapid.Bool().Draw(t, "collected") {
		s.CollectedAt, f.Consented = noon, rapid.Bool().Draw(t, "consented")
		f.Collected = rapid.SampledFrom([]*policy.Version{nil, v}).Draw(t, "under")
	}
	f.Engagement = &policy.Engagement{
		ID: "e", InForce: rapid.Bool().Draw(t, "in force"), Purposes: some(purposes).Draw(t, "for"), Categories: some(categories).Draw(t, "with"),
		Locations: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) policy.Location {
			return policy.Location{Place: rapid.SampledFrom(countries).Draw(t, "place"), Mechanism: rapid.SampledFrom(mechanisms).Draw(t, "mechanism")}
		}), 0, 4).Draw(t, "locations"),
	}
	f.Contracts = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *policy.Contract {
		return &policy.Contract{
			ID: "c", Kind: rapid.SampledFrom(policy.ContractKinds()).Draw(t, "kind"), HasDocument: rapid.Bool().Draw(t, "document"),
			Clauses:  rapid.SampledFrom([][]string{nil, {"confidentiality"}}).Draw(t, "clauses"),
			Purposes: maybe(t, purposes), Categories: maybe(t, categories), Countries: maybe(t, countries),
		}
	}), 0, 3).Draw(t, "contracts")
	return s, f
}

func maybe(t *rapid.T, of []string) []string {
	if rapid.Bool().Draw(t, "unlimited") {
		return nil
	}
	return rapid.SliceOfDistinct(rapid.SampledFrom(of), rapid.ID).Draw(t, "permitted")
}

// remove takes one fact away from a copy of f.
func remove(t *rapid.T, f policy.Facts) policy.Facts {
	e := *f.Engagement
	f.Engagement = &e
	f.Contracts = slices.Clone(f.Contracts)
	for i, c := range f.Contracts {
		own := *c
		f.Contracts[i] = &own
	}
	switch rapid.IntRange(0, 11).Draw(t, "what") {
	case 0:
		f.Policy = nil
	case 1:
		f.Vendor.State = ""
	case 2:
		f.Engagement = nil
	case 3:
		e.InForce = false
	case 4:
		e.Purposes = without(t, e.Purposes)
	case 5:
		e.Categories = without(t, e.Categories)
	case 6:
		e.Locations = without(t, e.Locations)
	case 7:
		for i := range e.Locations {
			e.Locations = slices.Clone(e.Locations)
			e.Locations[i].Mechanism = ""
		}
	case 8:
		f.Contracts = without(t, f.Contracts)
	case 9:
		for i := range f.Contracts {
			c := f.Contracts[i]
			c.Clauses, c.HasDocument, c.Purposes = nil, false, without(t, c.Purposes)
		}
	case 10:
		f.Collected, f.Consented = nil, false
	case 11:
		f.Vendor.Affiliated, f.Vendor.Frameworks = false, nil
	}
	return f
}

func without[T any](t *rapid.T, all []T) []T {
	if len(all) == 0 {
		return all
	}
	i := rapid.IntRange(0, len(all)-1).Draw(t, "taken away")
	return slices.Delete(slices.Clone(all), i, i+1)
}
