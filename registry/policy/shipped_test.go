package policy_test

import (
	"slices"
	"testing"
	"time"

	"onward/registry/policy"
)

// TestShippedPolicyIsWhole: every code that the data names is one that the data, or the program, has.
func TestShippedPolicyIsWhole(t *testing.T) {
	t.Parallel()
	for _, v := range policy.Shipped() {
		purpose := func(code string) bool { return v.Purpose(code) != nil }
		category := func(code string) bool { return v.Category(code) != nil }
		ground := func(code string) bool { return v.Ground(code) != nil }
		kind := func(code string) bool { return v.Kind(code) != nil && slices.Contains(policy.VendorKinds(), code) }
		known := func(what string, codes []string, ok func(string) bool) {
			for _, code := range codes {
				if !ok(code) {
					t.Errorf("policy %s: %s names %s, which there is not", v.Name, what, code)
				}
			}
		}
		known("the program", policy.VendorKinds(), kind)
		for _, c := range v.Categories {
			known(c.Code, c.Purposes, purpose)
		}
		for _, p := range v.Purposes {
			known(p.Code, p.Grounds, ground)
			if !slices.Contains([]string{"yes", "no", "by_law"}, p.OptOut) {
				t.Errorf("policy %s: %s has opt-out %q", v.Name, p.Code, p.OptOut)
			}
		}
		for _, g := range v.Grounds {
			known(g.Code, g.Purposes, purpose)
			known(g.Code, g.Categories, category)
			known(g.Code, g.Kinds, kind)
			known(g.Code, g.Clauses, func(c string) bool { return slices.Contains(policy.ClauseCodes(), c) })
		}
		for _, k := range v.Kinds {
			known(k.Code, k.ContractKinds, func(c string) bool { return slices.Contains(policy.ContractKinds(), c) })
			known(k.Code, k.Clauses, func(c string) bool { return slices.Contains(policy.ClauseCodes(), c) })
		}
		if len(v.Categories) != 18 || len(v.Purposes) != 32 {
			t.Errorf("policy %s: %d categories and %d purposes", v.Name, len(v.Categories), len(v.Purposes))
		}
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	versions := []policy.Version{
		{Name: "1", EffectiveOn: "2018-10-26", Zone: "UTC"},
		{Name: "3", EffectiveOn: "2020-01-01", Zone: "America/Los_Angeles"},
		{Name: "2", EffectiveOn: "2019-01-01", Zone: "UTC"},
	}
	for _, c := range []struct{ name, at, want string }{
		{"before the first version there is none", "2018-10-25T23:59:59.999999Z", ""},
		{"a version begins with its day", "2018-10-26T00:00:00Z", "1"},
		{"the last that has begun holds, in whatever order they are given", "2019-05-01T00:00:00Z", "2"},
		{"a day begins in the version's own zone", "2020-01-01T07:59:59Z", "2"},
		{"and not before", "2020-01-01T08:00:00Z", "3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339Nano, c.at)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if v, ok := policy.At(versions, at); ok {
				got = v.Name
			}
			if got != c.want {
				t.Errorf("version %q, want %q", got, c.want)
			}
		})
	}
}

func BenchmarkJudge(b *testing.B) {
	s, f := hosting()
	for b.Loop() {
		if r := policy.Judge(s, f); r != nil {
			b.Fatal(r)
		}
	}
}
