package sharing

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"onward/registry/policy"
)

// Choices of people about a purpose.
const (
	OptedOut  = "opted_out"
	Consented = "consented"
	Withdrawn = "withdrawn" // a consent, which is as good as an opt-out
	// AllPurposes stands for every purpose that can be opted out of.
	AllPurposes = "all"
)

// against tells whether a choice is against the use of the data.
func against(state string) bool { return state == OptedOut || state == Withdrawn }

// known is what is known of one share alone: its people at its instant, and which two people decided it.
type known struct {
	people    policy.People
	consented bool     // everybody did, explicitly, to the purpose
	deciders  []string // the two people who stand behind the disclosure; else none
	deal      policy.Deal
}

// find reads it. It is one query where people are named, and one where a disclosure or a deal is; else none.
func (s sheet) find(ctx context.Context, db bun.IDB) (k known, err error) {
	if k.deciders, err = s.deciders(ctx, db); err != nil {
		return k, err
	}
	if k.deal, err = s.deal(ctx, db); err != nil || len(s.lookups) == 0 {
		return k, err
	}
	r := s.request
	found, err := readPersons(ctx, db, s.lookups, []string{r.Purpose, policy.PartnerMarketing, AllPurposes}, r.OccurredAt)
	k.people = count(found, r.Purpose)
	k.consented = everybody(s.lookups, found, r.Purpose)
	return k, err
}

// personWord is a choice in force, or a flag, of one person.
type personWord struct {
	Lookup  []byte `bun:"lookup"`
	Kind    string `bun:"kind"` // choice, child or restricted
	Purpose string `bun:"purpose"`
	State   string `bun:"state"`
	At      int64  `bun:"at"` // microseconds
}

// count counts people; of a purpose and of all purposes, what was said last holds, of what was said at once, what is against.
func count(words []personWord, purpose string) policy.People {
	var n policy.People
	for len(words) > 0 {
		end := 1
		for end < len(words) && string(words[end].Lookup) == string(words[0].Lookup) {
			end++
		}
		one := words[:end]
		words = words[end:]
		n.Children += ones(slices.ContainsFunc(one, func(w personWord) bool { return w.Kind == "child" }))
		n.Restricted += ones(slices.ContainsFunc(one, func(w personWord) bool { return w.Kind == "restricted" }))
		n.OptedOut += ones(refuses(one, purpose))
		n.Unmarketed += ones(refuses(one, policy.PartnerMarketing))
	}
	return n
}

// everybody tells whether the last word of each of the people about the purpose is an explicit consent. A consent to all purposes is explicit
// to none (P-01).
func everybody(lookups [][32]byte, words []personWord, purpose string) bool {
	if len(lookups) == 0 {
		return false
	}
	of := make(map[[32]byte][]personWord, len(lookups))
	for _, w := range words {
		of[[32]byte(w.Lookup)] = append(of[[32]byte(w.Lookup)], w)
	}
	for _, lookup := range lookups {
		one := of[lookup]
		consented := slices.ContainsFunc(one, func(w personWord) bool { return w.Kind == "choice" && w.Purpose == purpose && w.State == Consented })
		if !consented || refuses(one, purpose) {
			return false
		}
	}
	return true
}

func ones(b bool) int {
	if b {
		return 1
	}
	return 0
}

// refuses tells whether a person's last word about a purpose is against it.
func refuses(words []personWord, purpose string) bool {
	var last *personWord
	for i := range words {
		w := &words[i]
		if w.Kind != "choice" || (w.Purpose != purpose && w.Purpose != AllPurposes) {
			continue
		}
		if last == nil || w.At > last.At || (w.At == last.At && against(w.State)) {
			last = w
		}
	}
	return last != nil && against(last.State)
}

// noMarketing tells whether the recipient must be told.
func noMarketing(notes []policy.Reason) bool {
	return slices.ContainsFunc(notes, func(n policy.Reason) bool { return n.Code == "no_marketing" })
}
