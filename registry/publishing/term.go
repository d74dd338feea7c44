package publishing

import (
	"time"

	"onward/registry/policy"
)

// terms are the labels of codes, as the policy words them.
type terms struct{ purposes, categories map[string]string }

// termsAt takes the labels of the version that is effective at t, and for codes that it does not have those of the newest that does.
func termsAt(versions []policy.Version, t time.Time) terms {
	all := terms{purposes: map[string]string{}, categories: map[string]string{}}
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

// relabel moves the instants at which the list changed last, and will change next, to where a version of the policy becomes effective that
// words a term on it otherwise.
func (b *builder) relabel(versions []policy.Version) {
	for i := range versions {
		begins := versions[i].Effective()
		if !b.words(versions, begins) {
			continue
		}
		switch {
		case begins.After(b.at):
			if b.list.Next.IsZero() || begins.Before(b.list.Next) {
				b.list.Next = begins
			}
		case begins.After(b.list.Updated):
			b.list.Updated = begins
		}
	}
}

// words tells whether a term on the list is worded otherwise from t on than just before.
func (b *builder) words(versions []policy.Version, t time.Time) bool {
	before, after := termsAt(versions, t.Add(-1)), termsAt(versions, t)
	for _, e := range b.list.Entries {
		for _, p := range e.Purposes {
			if before.purposes[p.Code] != after.purposes[p.Code] {
				return true
			}
		}
		for _, c := range e.Categories {
			if before.categories[c.Code] != after.categories[c.Code] {
				return true
			}
		}
	}
	return false
}
