package publishing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// Build makes the list as it stood at t, from what was recorded and effective then: vendors that are approved, active or winding down, and
// their listed engagements on a day from..until, as UTC counts days. It is the one place that decides what is public.
func Build(ctx context.Context, db bun.IDB, t time.Time) (List, error) {
	t = t.UTC()
	versions, err := registry.ReadPolicies(ctx, db, nil)
	if err != nil {
		return List{}, fmt.Errorf("building the public list: %w", err)
	}
	b := builder{at: t, terms: termsAt(versions, t), list: List{AsOf: t, Entries: []Entry{}}}
	err = registry.ReadDossiers(ctx, db, func(_ uuid.UUID, d registry.Dossier) error {
		b.add(d)
		return nil
	})
	if err != nil {
		return List{}, fmt.Errorf("building the public list: %w", err)
	}
	b.relabel(versions)
	return b.done(), nil
}

// builder makes one list, vendor by vendor.
type builder struct {
	at    time.Time
	terms terms
	list  List
}

func (b *builder) add(d registry.Dossier) {
	shown := entries(d, b.at, b.terms)
	b.list.Entries = append(b.list.Entries, shown...)
	past, future := turns(d, b.at)
	for _, turn := range slices.Backward(past) {
		if !turn.After(b.list.Updated) {
			break
		}
		if !same(shown, entries(d, turn.Add(-1), b.terms)) {
			b.list.Updated = turn
			break
		}
	}
	for _, turn := range future {
		if !b.list.Next.IsZero() && !turn.Before(b.list.Next) {
			break
		}
		if !same(shown, entries(recordedBy(d, b.at), turn, b.terms)) {
			b.list.Next = turn
			break
		}
	}
	for _, versions := range d.Engagements {
		for _, v := range versions {
			if v.Value.Listed && (b.list.Begins.IsZero() || v.RecordedAt.Before(b.list.Begins)) {
				b.list.Begins = v.RecordedAt.UTC()
			}
		}
	}
}

func (b *builder) done() List {
	slices.SortStableFunc(b.list.Entries, func(x, y Entry) int {
		for _, c := range []int{
			strings.Compare(fold(x.Vendor), fold(y.Vendor)), strings.Compare(x.Vendor, y.Vendor),
			strings.Compare(fold(x.Service), fold(y.Service)), strings.Compare(x.ID, y.ID),
		} {
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return b.list
}

// entries are the vendor's lines on the list at t.
func entries(d registry.Dossier, t time.Time, terms terms) []Entry {
	vendor, ok := holding(d.Vendor, t)
	state := stateAt(d.Vendor, t)
	if !ok || !public(state) {
		return nil
	}
	heir := heirAt(d, vendor, t)
	var shown []Entry
	for id, versions := range d.Engagements {
		e, ok := holding(versions, t)
		if !ok || !e.Listed || !registry.Within(t, e.From, e.Until, time.UTC) {
			continue
		}
		entry := describe(heir, e, t, terms)
		if heir.ID != vendor.ID {
			entry.OtherNames = also(entry.OtherNames, heir.Name, append(otherNames(vendor, t), vendor.Name)...)
		}
		entry.ID = id.String()
		entry.Leaving = state == registry.WindingDown
		entry.Locations = locations(d, id, t)
		shown = append(shown, entry)
	}
	slices.SortFunc(shown, func(x, y Entry) int { return strings.Compare(x.ID, y.ID) })
	return shown
}

func public(s registry.VendorState) bool {
	return s == registry.Approved || s == registry.Active || s == registry.WindingDown
}

// holding is the newest version that was recorded and effective at t. Each version is made from the one before it, so the newest holds
// everything that the others say.
func holding[T any](versions []registry.Recorded[T], t time.Time) (T, bool) {
	for _, v := range slices.Backward(versions) {
		if !v.RecordedAt.After(t) && !v.EffectiveAt.After(t) {
			return v.Value, true
		}
	}
	var none T
	return none, false
}

// stateAt is the vendor's state at t. A version that was made after a move was planned carries the planned state before it is reached:
// it says nothing of the state until then.
func stateAt(versions []registry.Recorded[registry.Vendor], t time.Time) registry.VendorState {
	for _, v := range slices.Backward(versions) {
		if !v.RecordedAt.After(t) && !v.EffectiveAt.After(t) && !v.Value.StateSince.After(t) {
			return v.Value.State
		}
	}
	return registry.Proposed
}
