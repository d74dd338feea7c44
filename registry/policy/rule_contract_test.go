package policy_test

import (
	"testing"

	"onward/registry/policy"
)

func TestContractRules(t *testing.T) {
	t.Parallel()
	try(t, []example{
		{"P-13: a subprocessor without a contract receives nothing", func(_ *policy.Share, f *policy.Facts) {
			f.Contracts = nil
		}, []string{"no_contract:subprocessor"}},
		{"P-13: a contract signed but starting tomorrow is not in force", func(_ *policy.Share, f *policy.Facts) {
			f.Signed, f.Contracts = f.Contracts, nil
		}, []string{"contract_not_in_force:c"}},
		{"P-13: a contract without a located confidentiality clause does not bind", func(_ *policy.Share, f *policy.Facts) {
			f.Contracts[0].Clauses = []string{"art28_3_b"}
		}, []string{"confidentiality_missing:c"}},
		{"P-13: a contract whose text is not stored shows nothing", func(_ *policy.Share, f *policy.Facts) {
			f.Contracts[0].HasDocument = false
		}, []string{"document_missing:c"}},
		{"P-12: a purpose beyond the contract is refused", func(_ *policy.Share, f *policy.Facts) {
			f.Contracts[0].Purposes = []string{"SECURITY"}
		}, []string{"purpose_not_in_contract:INFRA"}},
		{"P-12: a contract that permits an empty list permits nothing", func(_ *policy.Share, f *policy.Facts) {
			f.Contracts[0].Categories = []string{}
		}, []string{"category_not_in_contract:CONTACT", "category_not_in_contract:PRODUCT_USE"}},
		{"P-12: a contract without lists does not limit", func(_ *policy.Share, f *policy.Facts) {
			unlimited(f)
		}, nil},
		{"P-09: a country beyond the contract is refused", func(_ *policy.Share, f *policy.Facts) {
			f.Contracts[0].Countries = []string{"FR"}
		}, []string{"country_not_in_contract:DE"}},
		{"one contract must permit all: two halves permit nothing, and the nearer one says why", func(_ *policy.Share, f *policy.Facts) {
			one := *f.Contracts[0]
			other := &one
			other.ID, other.Purposes, other.Clauses = "other", []string{"SECURITY"}, nil
			f.Contracts[0].HasDocument = false
			f.Contracts = append([]*policy.Contract{other}, f.Contracts...)
		}, []string{"document_missing:c"}},
		{"a second contract that permits all is enough", func(_ *policy.Share, f *policy.Facts) {
			one := *f.Contracts[0]
			other := &one
			other.ID, other.HasDocument = "other", false
			f.Contracts = append([]*policy.Contract{other}, f.Contracts...)
		}, nil},
		{"P-10: a reseller without a contract gets no lead", func(s *policy.Share, f *policy.Facts) {
			as("reseller", "partner")(s, f)
			f.Contracts = nil
		}, []string{"no_contract:reseller"}},
		{"P-10: a reseller under any contract in force gets a lead", func(s *policy.Share, f *policy.Facts) {
			as("reseller", "partner")(s, f)
			f.Contracts[0].Kind, f.Contracts[0].Clauses, f.Contracts[0].HasDocument = "reseller_agreement", nil, false
		}, nil},
		{"P-13: a contractor who works on our behalf needs confidentiality and the text", func(s *policy.Share, f *policy.Facts) {
			as("contractor", "service_provider")(s, f)
			f.Contracts[0].Clauses, f.Contracts[0].HasDocument = nil, false
		}, []string{"confidentiality_missing:c", "document_missing:c"}},
		{"P-08: an affiliate needs an agreement within the group", func(s *policy.Share, f *policy.Facts) {
			as("affiliate", "affiliate")(s, f)
			f.Vendor.Affiliated = true
			f.Contracts[0].Kind = "reseller_agreement"
		}, []string{"no_contract:affiliate"}},
		{"a vendor of two kinds that the ground serves satisfies both", func(s *policy.Share, f *policy.Facts) {
			f.Vendor.Kinds = []string{"contractor", "agent"}
			s.Ground = "partner"
			f.Contracts = nil
		}, []string{"no_contract:contractor", "no_contract:agent"}},
		{"a vendor of two kinds is judged by the one that the ground serves", func(s *policy.Share, f *policy.Facts) {
			f.Vendor.Kinds = []string{"subprocessor", "reseller"}
			s.Ground = "partner"
			f.Contracts[0].Clauses = nil
		}, nil},
	})
}
