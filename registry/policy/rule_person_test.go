package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onward/registry/policy"
)

func TestPersonRules(t *testing.T) {
	t.Parallel()
	to := func(purpose string, p policy.People) func(*policy.Share, *policy.Facts) {
		return func(s *policy.Share, f *policy.Facts) {
			serve(s, f, purpose, "CONTACT")
			f.People = p
		}
	}
	lawful := func(p policy.People) func(*policy.Share, *policy.Facts) {
		return func(s *policy.Share, f *policy.Facts) {
			as("authority", "legal_process")(s, f)
			s.Purpose, f.Engagement, f.Contracts, f.People = "LAW_DISCLOSURE", nil, nil, p
		}
	}
	try(t, []example{
		{"P-28: an opt-out stops marketing", to("MARKETING", policy.People{OptedOut: 2}), []string{"opted_out:2"}},
		{"P-28: where the policy is silent, the law gives the opt-out", to("IMPROVE", policy.People{OptedOut: 1}), []string{"opted_out:1"}},
		{"P-29: an opt-out stops no required notice", to("REQUIRED_NOTICE", policy.People{OptedOut: 1}), nil},
		{"P-17: an opt-out, a restriction and the flag of a child stop no legal process", lawful(policy.People{OptedOut: 1, Children: 1, Restricted: 1}), nil},
		{"P-26: nothing of a child is shared", to("INFRA", policy.People{Children: 1}), []string{"child_under_13:1"}},
		{"P-30: what must rest is not shared", to("INFRA", policy.People{Restricted: 3}), []string{"processing_restricted:3"}},
		{"P-03: other people must have been told", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "ORDERS", "OTHER_PEOPLE")
		}, []string{"art14_notice_missing"}},
		{"P-03: at the latest when their data is disclosed", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "ORDERS", "OTHER_PEOPLE")
			s.InformedAt = s.OccurredAt
		}, nil},
		{"P-03: to tell them a microsecond later is too late", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "ORDERS", "OTHER_PEOPLE")
			s.InformedAt = s.OccurredAt.Add(time.Microsecond)
		}, []string{"art14_notice_missing"}},
		{"P-18: one person alone discloses nothing", func(s *policy.Share, f *policy.Facts) {
			lawful(policy.People{})(s, f)
			s.Intended = true
		}, []string{"second_person_missing"}},
		{"P-18: two people do", func(s *policy.Share, f *policy.Facts) {
			lawful(policy.People{})(s, f)
			s.Intended, f.Confirmed = true, true
		}, nil},
	})
}

func TestNotes(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]struct {
		purpose, ground, kind string
		people                policy.People
		want                  []string
	}{
		"P-29: an opt-out that does not apply is said":        {"REQUIRED_NOTICE", "service_provider", "subprocessor", policy.People{OptedOut: 2}, []string{"opt_out_not_applicable:2"}},
		"P-17: nor does it apply to legal process":            {"LAW_DISCLOSURE", "legal_process", "authority", policy.People{OptedOut: 1}, []string{"opt_out_not_applicable:1"}},
		"an opt-out that applies is a reason and no note":     {"MARKETING", "service_provider", "subprocessor", policy.People{OptedOut: 1}, nil},
		"P-11: a reseller is told who wants no marketing":     {"ORDERS", "partner", "reseller", policy.People{Unmarketed: 1}, []string{"no_marketing:1"}},
		"P-11: somebody who works on our behalf is not":       {"ORDERS", "service_provider", "subprocessor", policy.People{Unmarketed: 1}, nil},
		"where nobody chose anything there is nothing to say": {"ORDERS", "partner", "reseller", policy.People{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := hosting()
			serve(&s, &f, e.purpose, "CONTACT")
			as(e.kind, e.ground)(&s, &f)
			f.People = e.people
			var got []string
			for _, n := range policy.Notes(&s, &f) {
				got = append(got, n.Code+":"+n.On)
			}
			if d := cmp.Diff(e.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
