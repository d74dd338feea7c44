package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onward/registry/policy"
)

// noon is an instant at which the shipped policy is in effect.
var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// hosting is a share with a subprocessor that every rule permits: an infrastructure vendor in the same country.
func hosting() (policy.Share, policy.Facts) {
	s := policy.Share{
		OccurredAt: noon, Purpose: "INFRA", Ground: "service_provider", Categories: []string{"CONTACT", "PRODUCT_USE"},
		Countries: []string{"DE"}, Origin: "DE",
	}
	v, _ := policy.At(policy.Shipped(), noon)
	f := policy.Facts{
		Policy: v,
		Vendor: policy.Vendor{ID: "v", State: "active", Kinds: []string{"subprocessor"}},
		Engagement: &policy.Engagement{
			ID: "e", InForce: true, Purposes: []string{"INFRA", "SECURITY"}, Categories: []string{"CONTACT", "PRODUCT_USE"},
			Locations: []policy.Location{{Place: "DE"}},
		},
		Contracts: []*policy.Contract{{
			ID: "c", Kind: "data_processing_agreement", Clauses: []string{"confidentiality"}, HasDocument: true,
			Purposes: []string{"INFRA", "SECURITY"}, Categories: []string{"CONTACT", "PRODUCT_USE"}, Countries: []string{"EEA"},
		}},
	}
	return s, f
}

// as makes the vendor one of that kind, on that ground.
func as(kind, ground string) func(*policy.Share, *policy.Facts) {
	return func(s *policy.Share, f *policy.Facts) {
		f.Vendor.Kinds = []string{kind}
		s.Ground = ground
	}
}

func unlimited(f *policy.Facts) {
	f.Contracts[0].Purposes, f.Contracts[0].Categories, f.Contracts[0].Countries = nil, nil, nil
}

// serve makes the engagement one for that purpose with those categories, under an unlimited contract.
func serve(s *policy.Share, f *policy.Facts, purpose string, categories ...string) {
	s.Purpose, s.Categories = purpose, categories
	f.Engagement.Purposes, f.Engagement.Categories = []string{purpose}, categories
	unlimited(f)
}

type example struct {
	name   string
	change func(*policy.Share, *policy.Facts)
	want   []string // code, or code:on; empty when allowed
}

func try(t *testing.T, examples []example) {
	t.Helper()
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			s, f := hosting()
			e.change(&s, &f)
			got := []string{}
			for _, r := range policy.Judge(&s, &f) {
				got = append(got, strings.TrimSuffix(r.Code+":"+r.On, ":"))
			}
			if e.want == nil {
				e.want = []string{}
			}
			if d := cmp.Diff(e.want, got); d != "" {
				t.Errorf("reasons (-want +got):\n%s", d)
			}
		})
	}
}

func TestPolicyRules(t *testing.T) {
	t.Parallel()
	try(t, []example{
		{"a hosting share that everything permits is allowed", func(*policy.Share, *policy.Facts) {}, nil},
		{"P-32: before the first policy is in effect nothing is permitted", func(s *policy.Share, f *policy.Facts) {
			s.OccurredAt = time.Date(2018, time.October, 25, 23, 59, 59, 0, time.UTC)
			f.Policy, _ = policy.At(policy.Shipped(), s.OccurredAt)
		}, []string{"policy_not_in_force"}},
		{"P-32: from its effective day on the policy permits", func(s *policy.Share, f *policy.Facts) {
			s.OccurredAt = time.Date(2018, time.October, 26, 0, 0, 0, 0, time.UTC)
			f.Policy, _ = policy.At(policy.Shipped(), s.OccurredAt)
		}, nil},
		{"P-05: TRAIN_AI is no purpose of the policy", func(s *policy.Share, _ *policy.Facts) {
			s.Purpose = "TRAIN_AI"
		}, []string{"purpose_not_in_policy:TRAIN_AI"}},
		{"P-02: BIOMETRIC is no category of the policy", func(s *policy.Share, _ *policy.Facts) {
			s.Categories = []string{"BIOMETRIC", "CONTACT"}
		}, []string{"category_not_in_policy:BIOMETRIC"}},
		{"P-04: a browser log does not go for marketing", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "MARKETING", "BROWSER_LOG")
		}, []string{"category_purpose_mismatch:BROWSER_LOG"}},
		{"P-04: a browser log goes for site administration", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "SITE_ADMIN", "BROWSER_LOG")
		}, nil},
		{"P-24: a chat goes for the chat only", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "MARKETING", "CHAT")
		}, []string{"category_purpose_mismatch:CHAT"}},
		{"P-20: payment data does not go by plain mail", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "ORDERS", "PAYMENT", "CONTACT")
			s.Channel = "email_plain"
		}, []string{"channel_not_allowed:PAYMENT"}},
	})
}

func TestVendorAndGroundRules(t *testing.T) {
	t.Parallel()
	try(t, []example{
		{"P-07: an approved vendor that is not active receives nothing", func(_ *policy.Share, f *policy.Facts) {
			f.Vendor.State = "approved"
		}, []string{"vendor_not_active:approved"}},
		{"P-07: a vendor that is winding down receives nothing more", func(_ *policy.Share, f *policy.Facts) {
			f.Vendor.State = "winding_down"
		}, []string{"vendor_not_active:winding_down"}},
		{"P-07: a ground that the policy has not permits nothing", func(s *policy.Share, _ *policy.Facts) {
			s.Ground = "because"
		}, []string{"ground_not_in_policy:because"}},
		{"P-07: a reseller gets nothing on the ground of service providers", func(s *policy.Share, f *policy.Facts) {
			as("reseller", "service_provider")(s, f)
		}, []string{"ground_not_for_kind:service_provider"}},
		{"P-08: an entity sold on 1 June is no affiliate on 2 June", func(s *policy.Share, f *policy.Facts) {
			as("affiliate", "affiliate")(s, f)
			f.Contracts[0].Kind = "intra_group_agreement"
		}, []string{"not_affiliate_on_date"}},
		{"P-08: an affiliate is of that kind, whoever owns it", func(s *policy.Share, f *policy.Facts) {
			as("partner", "affiliate")(s, f)
			f.Vendor.Affiliated = true
		}, []string{"not_affiliate_on_date"}},
		{"P-08: an affiliate under an intra-group agreement receives data", func(s *policy.Share, f *policy.Facts) {
			as("affiliate", "affiliate")(s, f)
			f.Vendor.Affiliated = true
			f.Contracts[0].Kind = "intra_group_agreement"
		}, nil},
		{"P-11: partner marketing goes to partners only", func(s *policy.Share, f *policy.Facts) {
			serve(s, f, "PARTNER_MARKETING", "CONTACT")
		}, []string{"purpose_not_for_ground:PARTNER_MARKETING"}},
		{"P-15: an e-mail address for advertising is refused, and so is one that is raw", func(s *policy.Share, f *policy.Facts) {
			as("advertiser", "advertising")(s, f)
			serve(s, f, "ADS_INTEREST", "CONTACT")
			s.Jurisdiction = "US"
		}, []string{"category_not_for_ground:CONTACT", "must_be_pseudonymised"}},
		{"P-15: raw interests for advertising must be pseudonymised", func(s *policy.Share, f *policy.Facts) {
			as("advertiser", "advertising")(s, f)
			serve(s, f, "ADS_INTEREST", "INTEREST")
			s.Jurisdiction = "US"
		}, []string{"must_be_pseudonymised"}},
		{"P-15: pseudonymised interests go to an advertiser under contract", func(s *policy.Share, f *policy.Facts) {
			as("advertiser", "advertising")(s, f)
			serve(s, f, "ADS_INTEREST", "INTEREST")
			s.Pseudonymised, s.Jurisdiction = true, "US"
		}, nil},
		{"P-15: where it is not known to be allowable, they do not", func(s *policy.Share, f *policy.Facts) {
			as("advertiser", "advertising")(s, f)
			serve(s, f, "ADS_INTEREST", "INTEREST")
			s.Pseudonymised, s.Jurisdiction = true, "DE"
		}, []string{"jurisdiction_not_allowed:DE"}},
		{"P-15: of people who are nobody knows where, they do not", func(s *policy.Share, f *policy.Facts) {
			as("advertiser", "advertising")(s, f)
			serve(s, f, "ADS_INTEREST", "INTEREST")
			s.Pseudonymised = true
		}, []string{"jurisdiction_not_allowed:UNSPECIFIED"}},
		{"P-15: a version may name an area, which counts as it was on that day", func(s *policy.Share, f *policy.Facts) {
			as("advertiser", "advertising")(s, f)
			serve(s, f, "ADS_INTEREST", "INTEREST")
			f.Policy = next(t)
			f.Policy.Ground("advertising").Jurisdictions = []string{"EEA"}
			s.Pseudonymised, s.Jurisdiction = true, "GB"
			s.OccurredAt = time.Date(2021, time.June, 27, 23, 59, 59, 0, time.UTC)
		}, nil},
		{"P-15: and as it is today", func(s *policy.Share, f *policy.Facts) {
			as("advertiser", "advertising")(s, f)
			serve(s, f, "ADS_INTEREST", "INTEREST")
			f.Policy = next(t)
			f.Policy.Ground("advertising").Jurisdictions = []string{"EEA"}
			s.Pseudonymised, s.Jurisdiction = true, "GB"
		}, []string{"jurisdiction_not_allowed:GB"}},
		{"P-15: everywhere is not where nobody knows", func(s *policy.Share, f *policy.Facts) {
			as("advertiser", "advertising")(s, f)
			serve(s, f, "ADS_INTEREST", "INTEREST")
			f.Policy = next(t)
			f.Policy.Ground("advertising").Jurisdictions = []string{"GLOBAL"}
			s.Pseudonymised = true
		}, []string{"jurisdiction_not_allowed:UNSPECIFIED"}},
		{"P-15: interests do not go for advertising on another ground", func(s *policy.Share, f *policy.Facts) {
			as("partner", "partner")(s, f)
			serve(s, f, "ADS_INTEREST", "INTEREST")
		}, []string{"purpose_not_for_ground:ADS_INTEREST"}},
		{"P-17: an authority needs neither contract nor engagement", func(s *policy.Share, f *policy.Facts) {
			as("authority", "legal_process")(s, f)
			s.Purpose = "LAW_DISCLOSURE"
			f.Engagement, f.Contracts = nil, nil
		}, nil},
		{"P-17: an authority abroad needs a mechanism", func(s *policy.Share, f *policy.Facts) {
			as("authority", "legal_process")(s, f)
			s.Purpose, s.Countries = "LAW_DISCLOSURE", []string{"US"}
			f.Engagement, f.Contracts = nil, nil
		}, []string{"no_transfer_mechanism:US"}},
		{"P-17: legal process is no reason for marketing", func(s *policy.Share, f *policy.Facts) {
			as("authority", "legal_process")(s, f)
			s.Purpose = "MARKETING"
		}, []string{"purpose_not_for_ground:MARKETING"}},
		{"P-19: a prospect without an agreement gets nothing", func(s *policy.Share, f *policy.Facts) {
			as("acquirer", "business_transfer")(s, f)
			serve(s, f, "BUSINESS_TRANSFER", "CONTACT")
			f.Deal.Party = true
			f.Contracts = nil
		}, []string{"protection_missing"}},
		{"P-19: a prospect under a confidentiality agreement enters the data room", func(s *policy.Share, f *policy.Facts) {
			as("acquirer", "business_transfer")(s, f)
			serve(s, f, "BUSINESS_TRANSFER", "CONTACT")
			f.Deal.Party = true
			f.Contracts[0].Kind = "confidentiality_agreement"
		}, nil},
		{"P-19: a confidentiality agreement that starts tomorrow protects nothing today", func(s *policy.Share, f *policy.Facts) {
			as("acquirer", "business_transfer")(s, f)
			serve(s, f, "BUSINESS_TRANSFER", "CONTACT")
			f.Deal.Party = true
			f.Contracts[0].Kind = "confidentiality_agreement"
			f.Signed, f.Contracts = f.Contracts, nil
		}, []string{"contract_not_in_force:c"}},
		{"P-19: who takes part in no deal is shown nothing", func(s *policy.Share, f *policy.Facts) {
			as("acquirer", "business_transfer")(s, f)
			serve(s, f, "BUSINESS_TRANSFER", "CONTACT")
			f.Contracts[0].Kind = "confidentiality_agreement"
		}, []string{"deal_missing"}},
		{"P-19: once the deal is over, who did not buy is shown nothing", func(s *policy.Share, f *policy.Facts) {
			as("acquirer", "business_transfer")(s, f)
			serve(s, f, "BUSINESS_TRANSFER", "CONTACT")
			f.Contracts[0].Kind = "confidentiality_agreement"
			f.Deal = policy.Deal{Party: true, Over: true}
		}, []string{"deal_over"}},
		{"P-19: who bought is", func(s *policy.Share, f *policy.Facts) {
			as("acquirer", "business_transfer")(s, f)
			serve(s, f, "BUSINESS_TRANSFER", "CONTACT")
			f.Contracts[0].Kind = "confidentiality_agreement"
			f.Deal = policy.Deal{Party: true, Over: true, Buyer: true}
		}, nil},
	})
}

func TestEngagementRules(t *testing.T) {
	t.Parallel()
	try(t, []example{
		{"P-12: a vendor without an engagement receives nothing", func(_ *policy.Share, f *policy.Facts) {
			f.Engagement = nil
		}, []string{"engagement_missing"}},
		{"P-12: an engagement that has ended permits nothing", func(_ *policy.Share, f *policy.Facts) {
			f.Engagement.InForce = false
		}, []string{"engagement_not_in_force:e", "country_not_covered:DE"}},
		{"P-12: a hosting engagement is not used for marketing", func(s *policy.Share, _ *policy.Facts) {
			s.Purpose = "MARKETING"
		}, []string{"purpose_not_in_engagement:MARKETING", "purpose_not_in_contract:MARKETING"}},
		{"P-12: every category that the engagement does not name is refused", func(s *policy.Share, _ *policy.Facts) {
			s.Categories = []string{"CONTACT", "PAYMENT", "BILLING"}
		}, []string{
			"category_not_in_engagement:PAYMENT", "category_not_in_engagement:BILLING", "category_not_in_contract:PAYMENT",
			"category_not_in_contract:BILLING",
		}},
		{"P-12: an engagement that names no purpose permits none", func(_ *policy.Share, f *policy.Facts) {
			f.Engagement.Purposes = nil
		}, []string{"purpose_not_in_engagement:INFRA"}},
	})
}

func TestEveryRuleHasClauseAndSentence(t *testing.T) {
	t.Parallel()
	var seen []string
	for _, r := range policy.Rules() {
		if slices.Contains(seen, r.Code) {
			t.Errorf("%s is twice in the list", r.Code)
		}
		seen = append(seen, r.Code)
		if len(r.Clause) != 4 || !strings.HasPrefix(r.Clause, "P-") {
			t.Errorf("%s cites %q", r.Code, r.Clause)
		}
		sentence := policy.Sentence(r.Code, "X9")
		if strings.HasPrefix(sentence, "The share was refused") || !strings.HasSuffix(sentence, ".") || strings.Contains(sentence, "%") {
			t.Errorf("%s says %q", r.Code, sentence)
		}
	}
	if got := policy.Sentence("from_the_future", "it"); !strings.Contains(got, "from_the_future") || !strings.Contains(got, "it") {
		t.Errorf("an unknown code says %q", got)
	}
}
