package policy_test

import (
	"slices"
	"testing"

	"onward/registry/policy"
)

func TestRequiredClauses(t *testing.T) {
	t.Parallel()
	v := policy.Shipped()[0]
	v.Kinds = slices.Clone(v.Kinds)
	for i := range v.Kinds {
		if v.Kinds[i].Code == "agent" {
			v.Kinds[i].Clauses = []string{"art28_3_h"}
		}
	}
	for _, c := range []struct {
		rule  string
		kinds []string
		want  []string
	}{
		{"a reseller needs none", []string{"reseller"}, nil},
		{"a subprocessor needs confidentiality", []string{"subprocessor"}, []string{"confidentiality"}},
		{"a contractor needs it on the ground of those who work on our behalf", []string{"contractor"}, []string{"confidentiality"}},
		{"a kind of which the policy says nothing needs it", []string{"friend"}, []string{"confidentiality"}},
		{"what a version requires besides counts", []string{"agent"}, []string{"art28_3_h", "confidentiality"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			codes, by := v.RequiredClauses(c.kinds)
			if !slices.Equal(codes, c.want) {
				t.Errorf("got %v", codes)
			}
			for _, code := range codes {
				if !slices.Equal(by[code], c.kinds) {
					t.Errorf("%s by %v", code, by[code])
				}
			}
		})
	}
	known := policy.ClauseCodes()
	for _, d := range slices.Concat(policy.Art28(), policy.CCPA()) {
		if !slices.Contains(known, d.Code) || d.Demand == "" {
			t.Errorf("%s is no clause that a contract can name", d.Code)
		}
	}
}
