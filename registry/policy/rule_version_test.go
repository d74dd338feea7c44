package policy_test

import (
	"testing"
	"time"

	"onward/registry/policy"
)

// trains is a version that has the purpose TRAIN_AI besides.
func trains(tb testing.TB) *policy.Version {
	tb.Helper()
	v := next(tb)
	v.Name = "next"
	v.Purposes = append(v.Purposes, policy.Purpose{Code: "TRAIN_AI", Label: "Train models", Clause: "P-05", OptOut: "yes"})
	return v
}

// collected makes the share one of data of that day for a purpose that only the version in force has.
func collected(tb testing.TB, under *policy.Version) func(*policy.Share, *policy.Facts) {
	tb.Helper()
	return func(s *policy.Share, f *policy.Facts) {
		f.Policy = trains(tb)
		serve(s, f, "TRAIN_AI", "CONTACT")
		s.CollectedAt = time.Date(2019, time.January, 1, 0, 0, 0, 0, time.UTC)
		f.Collected = under
	}
}

func TestConsentRule(t *testing.T) {
	t.Parallel()
	old := &policy.Shipped()[0]
	try(t, []example{
		{"P-01: a purpose that only a later version has needs consent, and the earlier is cited", collected(t, old), []string{"needs_consent:2018-10-26"}},
		{"P-01: what was collected under the later version does not", collected(t, trains(t)), nil},
		{"P-01: what was collected before any version agreed to none", collected(t, nil), []string{"needs_consent:none"}},
		{"P-01: an explicit consent satisfies it", func(s *policy.Share, f *policy.Facts) {
			collected(t, old)(s, f)
			f.Consented = true
		}, nil},
		{"P-01: where it is not said when data was collected, nothing is asked", func(s *policy.Share, f *policy.Facts) {
			collected(t, old)(s, f)
			s.CollectedAt = time.Time{}
		}, nil},
		{"P-05: consent makes no purpose of what is none", func(s *policy.Share, f *policy.Facts) {
			collected(t, old)(s, f)
			f.Policy, f.Consented = old, true
		}, []string{"purpose_not_in_policy:TRAIN_AI"}},
	})
}

// TestRequirementsOfTheVersion: what code does not know, the version says.
func TestRequirementsOfTheVersion(t *testing.T) {
	t.Parallel()
	with := func(change func(*policy.Version)) func(*policy.Share, *policy.Facts) {
		return func(_ *policy.Share, f *policy.Facts) {
			f.Policy = next(t)
			change(f.Policy)
		}
	}
	try(t, []example{
		{"a kind may get pseudonymised data only", with(func(v *policy.Version) { v.Kind("subprocessor").Pseudonymised = true }), []string{"must_be_pseudonymised"}},
		{"a kind may need protection", func(s *policy.Share, f *policy.Facts) {
			with(func(v *policy.Version) { v.Kind("subprocessor").Protection = true })(s, f)
			f.Contracts, f.Deal.Party = nil, true
		}, []string{"protection_missing"}},
		{"P-18: a kind may want several people to have approved", with(func(v *policy.Version) { v.Kind("subprocessor").Approvals = 2 }), []string{"approvals_missing:0 of 2"}},
		{"P-18: so may a ground, and who approved twice is one", func(s *policy.Share, f *policy.Facts) {
			with(func(v *policy.Version) { v.Ground("service_provider").Approvals = 3 })(s, f)
			f.Vendor.Approvers, f.Engagement.Approvers = []string{"a"}, []string{"a", "b", "b"}
		}, []string{"approvals_missing:2 of 3"}},
		{"P-18: as many as it wants are enough", func(s *policy.Share, f *policy.Facts) {
			with(func(v *policy.Version) { v.Kind("subprocessor").Approvals = 2 })(s, f)
			f.Vendor.Approvers, f.Engagement.Approvers = []string{"a"}, []string{"b"}
		}, nil},
		{"P-18: where one is wanted, who approved the vendor is", func(s *policy.Share, f *policy.Facts) {
			with(func(v *policy.Version) { v.Kind("subprocessor").Approvals = 1 })(s, f)
			f.Vendor.Approvers = []string{"a"}
		}, nil},
		{"P-18: under legal process two decide, and where three are wanted, a third must have approved", func(s *policy.Share, f *policy.Facts) {
			with(func(v *policy.Version) { v.Ground("legal_process").Approvals = 3 })(s, f)
			as("authority", "legal_process")(s, f)
			s.Purpose, s.Intended = "LAW_DISCLOSURE", true
			f.Engagement, f.Contracts, f.Confirmed, f.Deciders, f.Vendor.Approvers = nil, nil, true, []string{"a", "b"}, []string{"b"}
		}, []string{"approvals_missing:2 of 3"}},
		{"another ground may speak of the group", func(s *policy.Share, f *policy.Facts) {
			with(func(v *policy.Version) { v.Ground("partner").Group = true })(s, f)
			s.Ground = "partner"
		}, []string{"not_affiliate_on_date"}},
		{"the ground of a business transfer may ask for no protection", func(s *policy.Share, f *policy.Facts) {
			as("acquirer", "business_transfer")(s, f)
			serve(s, f, "BUSINESS_TRANSFER", "CONTACT")
			with(func(v *policy.Version) {
				v.Ground("business_transfer").Protection = false
				v.Kind("acquirer").Contract = false
			})(s, f)
			f.Contracts = nil
		}, nil},
	})

	t.Run("P-17, P-18: legal process needs its instrument and two people, as the version says", func(t *testing.T) {
		t.Parallel()
		s, f := hosting()
		if policy.NeedsInstrument(&s, &f) || policy.ApprovalsNeeded(&s, &f) != 0 {
			t.Error("hosting needs an instrument or an approval")
		}
		as("authority", "legal_process")(&s, &f)
		if !policy.NeedsInstrument(&s, &f) || policy.ApprovalsNeeded(&s, &f) != 2 {
			t.Error("legal process needs no instrument, or other than two approvals")
		}
		f.Policy = next(t)
		f.Policy.Ground("legal_process").Instrument, f.Policy.Kind("authority").Approvals = false, 3
		if policy.NeedsInstrument(&s, &f) || policy.ApprovalsNeeded(&s, &f) != 3 {
			t.Error("the version says otherwise")
		}
		f.Policy = nil
		if policy.NeedsInstrument(&s, &f) || policy.ApprovalsNeeded(&s, &f) != 0 {
			t.Error("without a policy nothing can be asked for")
		}
	})
}
