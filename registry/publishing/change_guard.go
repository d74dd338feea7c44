package publishing

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// Held means that an edit would change the public list: a line that is on it, or will be, or by a new line that customers must be told of
// first. Nothing was changed. It can be planned as a change instead.
type Held struct {
	// Edits is true when a line that stands changes; else lines are only added.
	Edits bool
}

func (h *Held) Error() string {
	if h.Edits {
		return "it would change a line of the public list"
	}
	return "it would put a line on the public list that customers must be told of first"
}

// Guard holds edits that would change the public list by the way, now or on a day to come: what is asked about is compared with the list
// without it. See [registry.Guard].
func (d *Desk) Guard(ctx context.Context, tx bun.Tx, a registry.Asked) error {
	return d.hold(ctx, tx, a)
}

// GuardImport is Guard for whoever fills a registry from a file: as long as there are no customers, nobody has to be told, and nothing is held;
// from then on it refuses (Conflict) what Guard holds.
func (d *Desk) GuardImport(ctx context.Context, tx bun.Tx, a registry.Asked) error {
	customers, err := ReadCustomers(ctx, tx)
	if err != nil || len(customers) == 0 {
		return err
	}
	err = d.hold(ctx, tx, a)
	var held *Held
	if errors.As(err, &held) {
		return registry.Refuse(registry.Conflict, "It would change the public list, and there are customers who must be told first: propose it as a change.")
	}
	return err
}

func (d *Desk) hold(ctx context.Context, tx bun.Tx, a registry.Asked) error {
	now, err := registry.ReadDossier(ctx, tx, a.VendorID)
	if err != nil {
		return err
	}
	old := without(now, a)
	was, will := map[string]bool{}, map[string]Entry{}
	for _, t := range instants(a.At, old, now) {
		before, after := entries(old, t, terms{}), entries(now, t, terms{})
		for _, e := range before {
			was[e.ID] = true
		}
		for _, e := range after {
			will[e.ID] = e
		}
		differences, err := Differences(before, after)
		if err != nil {
			return err
		}
		for _, difference := range differences {
			if difference.What != LineAdded || was[difference.EngagementID] {
				return &Held{Edits: true}
			}
		}
	}
	return d.holdNew(ctx, tx, a.At, was, will)
}

// holdNew holds lines that are new and concern a customer.
func (d *Desk) holdNew(ctx context.Context, tx bun.Tx, at time.Time, was map[string]bool, will map[string]Entry) error {
	customers, err := ReadCustomers(ctx, tx)
	if err != nil || len(customers) == 0 {
		return err
	}
	today := registry.DateOf(at.UTC())
	for id, e := range will {
		if was[id] {
			continue // it stood there before, and nothing of it changes
		}
		var c Change
		if err := c.touch(nil, []Entry{e}); err != nil {
			return err
		}
		c.EffectiveOn = &today
		if slices.ContainsFunc(customers, c.Concerns) {
			return &Held{}
		}
	}
	return nil
}

// without is a dossier without the newest version of a record.
func without(d registry.Dossier, a registry.Asked) registry.Dossier {
	old := d
	switch a.Kind {
	case "vendor":
		old.Vendor = d.Vendor[:len(d.Vendor)-1]
	case "engagement":
		old.Engagements = shorter(d.Engagements, a.RecordID)
	case "location":
		old.Locations = shorter(d.Locations, a.RecordID)
	}
	return old
}

func shorter[T any](all map[uuid.UUID][]registry.Recorded[T], id uuid.UUID) map[uuid.UUID][]registry.Recorded[T] {
	less := make(map[uuid.UUID][]registry.Recorded[T], len(all))
	for k, vs := range all {
		less[k] = vs
	}
	if vs := all[id]; len(vs) > 1 {
		less[id] = vs[:len(vs)-1]
	} else {
		delete(less, id)
	}
	return less
}

// instants are at, and all instants after it at which one of the dossiers changes the list by itself.
func instants(at time.Time, dossiers ...registry.Dossier) []time.Time {
	all := []time.Time{at}
	for _, d := range dossiers {
		_, future := turns(d, at)
		all = append(all, future...)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}
