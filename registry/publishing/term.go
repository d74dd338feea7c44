package publishing

import (
	"slices"
	"time"

	"onward/registry/policy"
)

// terms are what codes stand for, as the policy words them.
type terms struct{ purposes, categories map[string]Term }

// termsAt takes the labels of the version that is effective at t, and for codes that it does not have those of the newest that does.
func termsAt(versions []policy.Version, t time.Time) terms {
	all := terms{purposes: map[string]Term{}, categories: map[string]Term{}}
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

func (t Term) equals(other Term) bool {
	return t.Code == other.Code && t.Label == other.Label && slices.Equal(t.DPV, other.DPV)
}

// words tells whether a term on the list is worded otherwise from t on than just before.
func (b *builder) words(versions []policy.Version, t time.Time) bool {
	before, after := termsAt(versions, t.Add(-1)), termsAt(versions, t)
	for _, e := range b.list.Entries {
		for _, p := range e.Purposes {
			if !before.purposes[p.Code].equals(after.purposes[p.Code]) {
				return true
			}
		}
		for _, c := range e.Categories {
			if !before.categories[c.Code].equals(after.categories[c.Code]) {
				return true
			}
		}
	}
	return false
}
