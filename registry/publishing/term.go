package publishing

import (
	"time"

	"onward/registry/policy"
)

// terms are what codes stand for, as the policy words them.
type terms struct{ purposes, categories map[string]Term }

// termsAt takes the labels of the policy that is effective at t, and for codes that it does not have those of the newest version that does.
func termsAt(t time.Time) terms {
	all := terms{purposes: map[string]Term{}, categories: map[string]Term{}}
	versions := policy.Shipped()
	for i := range versions {
		all.take(&versions[i])
	}
	if effective, ok := policy.At(versions, t); ok {
		all.take(effective)
	}
	return all
}

func (t terms) take(v *policy.Version) {
	for _, p := range v.Purposes {
		t.purposes[p.Code] = Term{p.Code, p.Label, p.DPV}
	}
	for _, c := range v.Categories {
		t.categories[c.Code] = Term{c.Code, c.Label, c.DPV}
	}
}

// of gives codes their terms; a code without one stands for itself.
func (terms) of(known map[string]Term, codes []string) []Term {
	var all []Term
	for _, code := range codes {
		term, ok := known[code]
		if !ok {
			term = Term{Code: code, Label: code}
		}
		all = append(all, term)
	}
	return all
}
