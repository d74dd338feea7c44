package policy_test

import (
	"testing"
	"time"

	"onward/registry/policy"
)

// TestShippedPolicyIsWhole: every code that the data names is one that the data, or the program, has.
func TestShippedPolicyIsWhole(t *testing.T) {
	t.Parallel()
	for _, v := range policy.Shipped() {
		for _, f := range v.Faults() {
			t.Errorf("policy %s: %s %s", v.Name, f.Pointer, f.Sentence)
		}
		for _, code := range policy.VendorKinds() {
			if v.Kind(code) == nil {
				t.Errorf("policy %s says nothing of the kind %s", v.Name, code)
			}
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
		if r := policy.Judge(&s, &f); r != nil {
			b.Fatal(r)
		}
	}
}
