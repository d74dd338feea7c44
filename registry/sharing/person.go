package sharing

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry/policy"
)

// Choices of people about a purpose.
const (
	OptedOut  = "opted_out"
	Consented = "consented"
	Withdrawn = "withdrawn" // a consent, which is as good as an opt-out
	// Implied is what use alone implies (P-01): it is kept, lifts no opt-out and is no consent.
	Implied = "implied"
	// AllPurposes stands for every purpose that can be opted out of.
	AllPurposes = "all"
)

// against tells whether a choice is against the use of the data.
func against(state string) bool { return state == OptedOut || state == Withdrawn }

// known is what is known of one share alone: its people at its instant, and which two people decided it.
type known struct {
	people   policy.People
	deciders []string // the two people who stand behind the disclosure; else none
	deal     policy.Deal
	// lineage are the dossiers of the vendor that gave the data, and of those whose part it had become by then; empty where none is named.
	lineage []*dossier
	// consented is the earliest of the instants at which the people, each the last time, consented explicitly to the purpose; nil unless all did.
	consented *time.Time
}

// find reads it, and the dossiers of a source by that way of reading one. It is one query where people are named, and one where a disclosure or a
// deal is; else none.
func (s *sheet) find(ctx context.Context, db bun.IDB, read func(uuid.UUID) (*dossier, error)) (k known, err error) {
	if err = s.findSource(&k, read); err != nil {
		return k, err
	}
	if k.deciders, err = s.deciders(ctx, db); err != nil {
		return k, err
	}
	if k.deal, err = s.deal(ctx, db); err != nil || len(s.lookups) == 0 {
		return k, err
	}
	r := s.request
	found, err := readPersons(ctx, db, s.lookups, []string{r.Purpose, policy.PartnerMarketing, AllPurposes}, r.OccurredAt)
	k.people = count(found, r.Purpose)
	people := int64(len(s.lookups))
	if r.SubjectCount != nil { // of a share that is corrected, some may have been erased: what they said is not known any more
		people = max(people, *r.SubjectCount)
	}
	k.consented = everybody(found, r.Purpose, people)
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
	for one := range persons(words) {
		n.Children += ones(slices.ContainsFunc(one, func(w personWord) bool { return w.Kind == "child" }))
		n.Restricted += ones(slices.ContainsFunc(one, func(w personWord) bool { return w.Kind == "restricted" }))
		n.OptedOut += ones(refuses(one, purpose))
		n.Consented += ones(consents(one, purpose) != nil)
		n.Unmarketed += ones(refuses(one, policy.PartnerMarketing))
	}
	return n
}

// everybody is the earliest of the instants at which so many people consented explicitly; nil unless all of them did.
func everybody(words []personWord, purpose string, people int64) *time.Time {
	var earliest *personWord
	n := int64(0)
	for one := range persons(words) {
		w := consents(one, purpose)
		if w == nil {
			return nil
		}
		if earliest == nil || w.At < earliest.At {
			earliest = w
		}
		n++
	}
	if earliest == nil || n < people {
		return nil
	}
	at := time.UnixMicro(earliest.At).UTC()
	return &at
}

// consents is a person's explicit consent to that very purpose, nil unless it is there and still stands. A consent to all purposes is explicit to
// none (P-01).
func consents(words []personWord, purpose string) *personWord {
	i := slices.IndexFunc(words, func(w personWord) bool { return w.Kind == "choice" && w.Purpose == purpose && w.State == Consented })
	if i < 0 || refuses(words, purpose) {
		return nil
	}
	return &words[i]
}

// persons are the words of each person.
func persons(words []personWord) iter.Seq[[]personWord] {
	return func(yield func([]personWord) bool) {
		for len(words) > 0 {
			end := 1
			for end < len(words) && string(words[end].Lookup) == string(words[0].Lookup) {
				end++
			}
			if !yield(words[:end]) {
				return
			}
			words = words[end:]
		}
	}
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
