package publishing

import (
	"time"

	"onward/registry/policy"
)

// terms are the labels of codes, as the policy words them.
type terms struct{ purposes, categories map[string]string }

// termsAt takes the labels of the policy that is effective at t, and for codes that it does not have those of the newest version that does.
func termsAt(t time.Time) terms {
	all := terms{purposes: map[string]string{}, categories: map[string]string{}}
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
		t.purposes[p.Code] = p.Label
	}
	for _, c := range v.Categories {
		t.categories[c.Code] = c.Label
	}
}

// of pairs codes with their labels; a code without one stands for itself.
func (terms) of(labels map[string]string, codes []string) []Term {
	var all []Term
	for _, code := range codes {
		label := labels[code]
		if label == "" {
			label = code
		}
		all = append(all, Term{Code: code, Label: label})
	}
	return all
}
