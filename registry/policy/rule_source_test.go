package policy_test

import (
	"testing"

	"onward/registry/policy"
)

func TestSourceRules(t *testing.T) {
	t.Parallel()
	enriching := func(change func(*policy.Share, *policy.Facts)) func(*policy.Share, *policy.Facts) {
		return func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "ENRICH", "THIRD_PARTY_DATA")
			s.DataOrigin, f.Source = policy.OriginCombined, &policy.Source{ID: "w", State: "active"}
			change(s, f)
		}
	}
	agreed := func(agreements ...*policy.Contract) func(*policy.Share, *policy.Facts) {
		return enriching(func(_ *policy.Share, f *policy.Facts) { f.Source.Agreements = agreements })
	}
	try(t, []example{
		{"P-06: data of others goes with its origin and its source", enriching(func(*policy.Share, *policy.Facts) {}), nil},
		{"P-06: theirs alone too", enriching(func(s *policy.Share, _ *policy.Facts) { s.DataOrigin = policy.OriginThirdParty }), nil},
		{"P-06: but not without an origin", enriching(func(s *policy.Share, f *policy.Facts) {
			s.DataOrigin, f.Source = "", nil
		}), []string{"source_missing:THIRD_PARTY_DATA", "source_missing:ENRICH"}},
		{"P-06: nor as if it came from the person", enriching(func(s *policy.Share, f *policy.Facts) {
			s.DataOrigin, f.Source = policy.OriginDirect, nil
		}), []string{"source_missing:THIRD_PARTY_DATA", "source_missing:ENRICH"}},
		{"P-06: the category alone needs it", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "MARKETING", "CONTACT", "THIRD_PARTY_DATA")
		}, []string{"source_missing:THIRD_PARTY_DATA"}},
		{"P-06: and so does the purpose alone", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "ENRICH", "CONTACT")
		}, []string{"source_missing:ENRICH"}},
		{"P-06: other data need not say", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "MARKETING", "CONTACT")
		}, nil},
		{
			"P-06: a source that nobody approved is none", enriching(func(_ *policy.Share, f *policy.Facts) { f.Source.State = "proposed" }),
			[]string{"source_not_approved:proposed"},
		},
		{"P-06: one that has ended gave what it gave", enriching(func(_ *policy.Share, f *policy.Facts) { f.Source.State = "ended" }), nil},
		{"P-06: an agreement that does not limit permits", agreed(&policy.Contract{ID: "a"}), nil},
		{"P-06: one that prohibits to give on is kept", agreed(&policy.Contract{ID: "a", Onward: "prohibited"}), []string{"source_forbids_onward:a"}},
		{"P-06: consent and notice are no prohibition", agreed(&policy.Contract{ID: "a", Onward: "with_consent"}), nil},
		{
			"P-06: one that permits other purposes does not permit this", agreed(&policy.Contract{ID: "a", Purposes: []string{"MARKETING"}}),
			[]string{"source_forbids_purpose:ENRICH"},
		},
		{
			"P-06: one that permits none permits none", agreed(&policy.Contract{ID: "a", Purposes: []string{}, Onward: "prohibited"}),
			[]string{"source_forbids_purpose:ENRICH", "source_forbids_onward:a"},
		},
		{"P-06: of several agreements one that permits it is enough", agreed(
			&policy.Contract{ID: "a", Purposes: []string{}}, &policy.Contract{ID: "b", Purposes: []string{"ENRICH"}, Onward: "permitted"},
		), nil},
		{"P-06: but two that permit half each are not", agreed(
			&policy.Contract{ID: "a", Purposes: []string{}}, &policy.Contract{ID: "b", Onward: "prohibited"},
		), []string{"source_forbids_purpose:ENRICH"}},
		{"P-06: to give it back is not to give it on", enriching(func(_ *policy.Share, f *policy.Facts) {
			f.Source.ID, f.Source.Agreements = f.Vendor.ID, []*policy.Contract{{ID: "a", Onward: "prohibited"}}
		}), nil},
		{"P-06: what the law demands is not held back", func(s *policy.Share, f *policy.Facts) {
			as("authority", "legal_process")(s, f)
			s.Purpose, s.Categories, f.Confirmed = "LAW_DISCLOSURE", []string{"THIRD_PARTY_DATA"}, true
			f.Source = &policy.Source{ID: "w", State: "proposed", Agreements: []*policy.Contract{{ID: "a", Onward: "prohibited"}}}
		}, nil},
	})
}

// Only what a data sharing agreement says binds us.
func TestTermsOfSource(t *testing.T) {
	t.Parallel()
	all := []*policy.Contract{{ID: "a", Kind: "data_processing_agreement", Onward: "prohibited"}, {ID: "b", Kind: "data_sharing_agreement"}}
	if got := policy.TermsOfSource(all); len(got) != 1 || got[0].ID != "b" || all[0].ID != "a" {
		t.Errorf("got %+v of %+v", got, all)
	}
}
