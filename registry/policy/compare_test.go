package policy_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"onward/registry/policy"
)

// next is a copy of the shipped policy, to be changed.
func next(tb testing.TB) *policy.Version {
	tb.Helper()
	text, err := json.Marshal(policy.Shipped()[0])
	if err != nil {
		tb.Fatal(err)
	}
	var v policy.Version
	if err := json.Unmarshal(text, &v); err != nil {
		tb.Fatal(err)
	}
	return &v
}

// brief is a change without its sentences.
func brief(c policy.Change) string {
	s := string(c.Effect) + " " + c.Item
	if c.NeedsConsent {
		s += " consent"
	}
	if c.Open {
		s += " open"
	}
	return s
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*policy.Version)
		want   []string
	}{
		{"nothing", func(*policy.Version) {}, nil},
		{"P-32: a new purpose needs consent", func(v *policy.Version) {
			v.Purposes = append(v.Purposes, policy.Purpose{Code: "TRAIN_AI", Label: "Train models", Clause: "P-05", OptOut: "yes"})
		}, []string{"adds purpose:TRAIN_AI consent open"}},
		{"P-32: so does a new category", func(v *policy.Version) {
			v.Categories = append(v.Categories, policy.Category{Code: "BIOMETRIC", Label: "Body", Clause: "P-02"})
		}, []string{"adds category:BIOMETRIC consent open"}},
		{"a new category that identifies nobody does not", func(v *policy.Version) {
			v.Categories = append(v.Categories, policy.Category{Code: "SUMS", Label: "Sums", Clause: "P-02", Anonymous: true})
		}, []string{"adds category:SUMS open"}},
		{"P-32: a new ground needs consent", func(v *policy.Version) {
			v.Grounds = append(v.Grounds, policy.Ground{Code: "research", Label: "Research", Clause: "P-07", Kinds: []string{"partner"}})
		}, []string{"adds ground:research consent open"}},
		{"P-32: a new kind of recipient on a ground needs consent", func(v *policy.Version) {
			v.Ground("legal_process").Kinds = append(v.Ground("legal_process").Kinds, "partner")
		}, []string{"loosens recipient:legal_process:partner consent open"}},
		{"P-32: a purpose that nobody can opt out of any more needs consent", func(v *policy.Version) {
			p := v.Purpose("NEWSLETTER")
			p.OptOut, p.Required = "no", "It pays for all."
		}, []string{"loosens opt_out:NEWSLETTER consent open"}},
		{"an opt-out that only the law gives any more must be decided", func(v *policy.Version) {
			v.Purpose("NEWSLETTER").OptOut = "by_law"
		}, []string{"loosens opt_out:NEWSLETTER open"}},
		{"a new opt-out tightens", func(v *policy.Version) {
			p := v.Purpose("SITE_VIEW")
			p.OptOut, p.Required = "yes", ""
		}, []string{"tightens opt_out:SITE_VIEW"}},
		{"P-04: a cell of the matrix that opens needs consent", func(v *policy.Version) {
			v.Category("BROWSER_LOG").Purposes = append(v.Category("BROWSER_LOG").Purposes, "MARKETING")
		}, []string{"loosens cell:BROWSER_LOG:MARKETING consent open"}},
		{"P-04: one that closes does not", func(v *policy.Version) {
			v.Category("BROWSER_LOG").Purposes = v.Category("BROWSER_LOG").Purposes[1:]
		}, []string{"tightens cell:BROWSER_LOG:SITE_ADMIN"}},
		{"P-04: a row without limits any more opens every cell", func(v *policy.Version) {
			v.Category("BROWSER_LOG").Purposes = nil
		}, []string{"loosens cell:BROWSER_LOG:* consent open"}},
		{"P-13: a requirement that is dropped must be decided", func(v *policy.Version) {
			v.Kind("subprocessor").Clauses = nil
		}, []string{"loosens clause_for:subprocessor:confidentiality open"}},
		{"P-20: a channel that is allowed again must be decided", func(v *policy.Version) {
			v.Category("PAYMENT").NotBy = nil
		}, []string{"loosens channel:PAYMENT:email_plain open"}},
		{"P-18: fewer people who approve must be decided", func(v *policy.Version) {
			v.Ground("legal_process").Approvals = 1
		}, []string{"loosens ground:legal_process:approvals open"}},
		{"P-15: another place where advertising is allowed needs consent", func(v *policy.Version) {
			v.Ground("advertising").Jurisdictions = []string{"CA", "US"}
		}, []string{"loosens jurisdiction_on:advertising:CA consent open"}},
		{"P-15: so does every place", func(v *policy.Version) {
			v.Ground("advertising").Jurisdictions = nil
		}, []string{"loosens jurisdiction_on:advertising:* consent open"}},
		{"P-15: a place for another is one more and one less", func(v *policy.Version) {
			v.Ground("advertising").Jurisdictions = []string{"GB"}
		}, []string{"loosens jurisdiction_on:advertising:GB consent open", "tightens jurisdiction_on:advertising:US"}},
		{"a purpose that is removed needs nothing", func(v *policy.Version) {
			v.Purposes = slices.DeleteFunc(v.Purposes, func(p policy.Purpose) bool { return p.Code == "INVESTOR" })
		}, []string{"removes purpose:INVESTOR"}},
		{"another wording must be decided", func(v *policy.Version) {
			v.Purpose("NEWSLETTER").Label = "Sell addresses"
		}, []string{"rewords purpose:NEWSLETTER:label open"}},
		{"other codes for the same need nothing", func(v *policy.Version) {
			v.Purpose("NEWSLETTER").DPV = []string{"dpv:Marketing"}
		}, []string{"rewords purpose:NEWSLETTER:dpv"}},
		{"an order of lists is no change", func(v *policy.Version) {
			slices.Reverse(v.Purposes)
			slices.Reverse(v.Category("INTEREST").Purposes)
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			after := next(t)
			c.change(after)
			got := []string(nil)
			for _, change := range policy.Compare(&policy.Shipped()[0], after) {
				got = append(got, brief(change))
				if change.Reason == "" || !strings.HasPrefix(change.Pointer, "/") {
					t.Errorf("%+v says neither why nor where", change)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
		})
	}
}

// mutations each change one thing in a version; the text is the item that must be found.
var mutations = []func(t *rapid.T, v *policy.Version) string{
	func(t *rapid.T, v *policy.Version) string {
		code := rapid.StringMatching(`NEW_[A-Z]{4}`).Draw(t, "purpose")
		v.Purposes = append(v.Purposes, policy.Purpose{Code: code, OptOut: "yes"})
		return "purpose:" + code
	},
	func(t *rapid.T, v *policy.Version) string {
		i := rapid.IntRange(0, 9).Draw(t, "category") // one of those that are for every purpose
		code := v.Categories[i].Code
		v.Categories = slices.Delete(v.Categories, i, i+1)
		return "category:" + code
	},
	func(t *rapid.T, v *policy.Version) string {
		g := &v.Grounds[rapid.IntRange(0, len(v.Grounds)-1).Draw(t, "ground")]
		g.Pseudonymised = !g.Pseudonymised
		return "ground:" + g.Code + ":pseudonymised"
	},
	func(t *rapid.T, v *policy.Version) string {
		k := &v.Kinds[rapid.IntRange(0, len(v.Kinds)-1).Draw(t, "kind")]
		k.Engagement = !k.Engagement
		return "kind:" + k.Code + ":engagement"
	},
	func(t *rapid.T, v *policy.Version) string {
		c := v.Category(rapid.SampledFrom([]string{"BROWSER_LOG", "INTEREST", "CHAT", "COOKIE"}).Draw(t, "category"))
		i := rapid.IntRange(0, len(c.Purposes)-1).Draw(t, "cell")
		code := c.Purposes[i]
		c.Purposes = slices.Delete(c.Purposes, i, i+1)
		return "cell:" + c.Code + ":" + code
	},
	func(t *rapid.T, v *policy.Version) string {
		c := &v.Categories[rapid.IntRange(0, len(v.Categories)-1).Draw(t, "category")]
		c.NotBy = append(c.NotBy, "pigeon")
		return "channel:" + c.Code + ":pigeon"
	},
	func(t *rapid.T, v *policy.Version) string {
		p := &v.Purposes[rapid.IntRange(0, 31).Draw(t, "purpose")] // not one that was added
		p.OptOut = map[string]string{"yes": "no", "no": "by_law", "by_law": "yes"}[p.OptOut]
		return "opt_out:" + p.Code
	},
	func(t *rapid.T, v *policy.Version) string {
		k := &v.Kinds[rapid.IntRange(0, len(v.Kinds)-1).Draw(t, "kind")]
		k.Clauses = append(k.Clauses, "audit_right")
		return "clause_for:" + k.Code + ":audit_right"
	},
}

// TestCompareFindsEveryChangeOnce: what was changed is found, nothing else is, and the way back is its opposite.
func TestCompareFindsEveryChangeOnce(t *testing.T) {
	t.Parallel()
	opposite := map[policy.Effect]policy.Effect{
		policy.Adds: policy.Removes, policy.Removes: policy.Adds, policy.Loosens: policy.Tightens, policy.Tightens: policy.Loosens,
		policy.Rewords: policy.Rewords,
	}
	base := next(t)
	rapid.Check(t, func(rt *rapid.T) {
		after := next(t)
		var want []string
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(mutations)-1), 0, len(mutations), rapid.ID).Draw(rt, "mutations") {
			want = append(want, mutations[i](rt, after))
		}
		// What is done to a category that is then removed is not told apart from the removal.
		removed := func(item string) bool {
			return slices.ContainsFunc(base.Categories, func(c policy.Category) bool {
				return after.Category(c.Code) == nil && strings.HasPrefix(item, "channel:"+c.Code+":")
			})
		}
		want = slices.DeleteFunc(want, removed)
		forth, back := policy.Compare(base, after), policy.Compare(after, base)
		effects := map[string]policy.Effect{}
		var got []string
		for _, c := range forth {
			got = append(got, c.Item)
			effects[c.Item] = c.Effect
		}
		slices.Sort(want)
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("items (-want +got):\n%s", d)
		}
		for _, c := range back {
			if opposite[c.Effect] != effects[c.Item] {
				rt.Errorf("%s: %s there, %s back", c.Item, effects[c.Item], c.Effect)
			}
		}
		if len(back) != len(forth) {
			rt.Errorf("%d changes there, %d back", len(forth), len(back))
		}
		if same := policy.Compare(after, after); len(same) != 0 {
			rt.Errorf("a version differs from itself: %v", same)
		}
	})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*policy.Version)
		want   []string
	}{
		{"the shipped version has none", func(*policy.Version) {}, nil},
		{"a purpose that a ground permits exists", func(v *policy.Version) { v.Ground("business_transfer").Purposes = []string{"NONE"} }, []string{"/grounds/6/purposes/0"}},
		{"so does a category", func(v *policy.Version) { v.Ground("advertising").Categories = []string{"INTEREST", "NONE"} }, []string{"/grounds/4/categories/1"}},
		{"and a ground that a purpose needs", func(v *policy.Version) { v.Purpose("SITE_VIEW").Grounds = []string{"none"} }, []string{"/purposes/0/grounds/0"}},
		{"and a purpose that a category may go for", func(v *policy.Version) { v.Category("CONTACT").Purposes = []string{"NONE"} }, []string{"/categories/0/purposes/0"}},
		{"a kind of recipient that a ground speaks of has its requirements", func(v *policy.Version) {
			v.Kinds = slices.DeleteFunc(v.Kinds, func(k policy.Kind) bool { return k.Code == "acquirer" })
		}, []string{"/grounds/6/kinds/0"}},
		{"a code stands once", func(v *policy.Version) { v.Purposes = append(v.Purposes, v.Purposes[7]) }, []string{"/purposes/32/code"}},
		{"P-29: who cannot opt out is told why", func(v *policy.Version) { v.Purpose("SITE_VIEW").Required = "" }, []string{"/purposes/0/required"}},
		{"and nobody is told why who can", func(v *policy.Version) { v.Purpose("NEWSLETTER").Required = "Because." }, []string{"/purposes/7/required"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := next(t)
			c.change(v)
			var got []string
			for _, f := range v.Faults() {
				got = append(got, f.Pointer)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("faults (-want +got):\n%s", d)
			}
		})
	}
}
