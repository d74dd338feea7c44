package publishing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// linesOf are the lines of some vendors on the list at t, as tx sees their records.
func linesOf(ctx context.Context, tx bun.Tx, vendors []uuid.UUID, t time.Time) ([]Entry, error) {
	versions, err := registry.ReadPolicies(ctx, tx, nil)
	if err != nil {
		return nil, err
	}
	b := builder{at: t, terms: termsAt(versions, t)}
	for _, id := range vendors {
		d, err := registry.ReadDossier(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		b.list.Entries = append(b.list.Entries, entries(d, t, b.terms)...)
	}
	return b.done().Entries, nil
}

// vendorsOf are the vendors that steps are about.
func vendorsOf(ctx context.Context, tx bun.Tx, steps []registry.Step) ([]uuid.UUID, error) {
	var all []uuid.UUID
	created := map[uuid.UUID]uuid.UUID{} // engagements that steps before create, and their vendors
	for _, s := range steps {
		vendor, known := uuid.Nil, false
		if s.ParentID != nil {
			vendor, known = created[*s.ParentID]
		}
		if !known {
			var err error
			if vendor, err = s.VendorOf(ctx, tx); err != nil {
				return nil, err
			}
		}
		if s.Action == registry.StepCreate {
			created[s.RecordID] = vendor
		}
		if !slices.Contains(all, vendor) {
			all = append(all, vendor)
		}
	}
	return all, nil
}

// newest are the steps on whatever is newest: what is not public may be edited after they were planned, and what is public may not.
func newest(steps []registry.Step) []registry.Step {
	steps = slices.Clone(steps)
	for i := range steps {
		steps[i].Version = 0
	}
	return steps
}

// take takes the steps of a change, as if by by, at at, valid since since.
func (d *Desk) take(ctx context.Context, tx bun.Tx, by audit.Actor, at, since time.Time, steps []registry.Step) ([]audit.Entry, error) {
	var all []audit.Entry
	for i, s := range steps {
		made, err := d.records.Take(ctx, tx, by, at, since, s)
		if err != nil {
			return nil, inStep(err, i)
		}
		all = append(all, made...)
	}
	return all, nil
}

// inStep names the fields of a step where a refusal names those of its record.
func inStep(err error, i int) error {
	var refusal *registry.Refusal
	if !errors.As(err, &refusal) || len(refusal.Fields) == 0 {
		return err
	}
	fields := slices.Clone(refusal.Fields)
	for k := range fields {
		fields[k].Pointer = fmt.Sprintf("/steps/%d/fields%s", i, fields[k].Pointer)
	}
	return registry.InvalidFields(fields)
}

// rehearse works out what the change does to the list on its day, without doing it: its kind, differences, products and regions. It refuses what the
// steps refuse, and (Conflict) a change that does nothing to the list.
func (d *Desk) rehearse(ctx context.Context, tx bun.Tx, by audit.Actor, at time.Time, c *Change) error {
	before, after, err := d.foresee(ctx, tx, by, at, c)
	if err != nil {
		return err
	}
	if err := c.touch(before, after); err != nil {
		return err
	}
	if len(c.Differences) == 0 {
		return registry.Refuse(registry.Conflict, "On that day the change does nothing to the public list: it needs no plan.")
	}
	return nil
}

// foresee works out the lines of the change's vendors on its day, without the change and with it, and its vendor. It refuses what the steps refuse.
func (d *Desk) foresee(ctx context.Context, tx bun.Tx, by audit.Actor, at time.Time, c *Change) (before, after []Entry, err error) {
	steps := c.Steps
	if !at.Equal(c.CreatedAt) {
		steps = newest(steps)
	}
	vendors, err := vendorsOf(ctx, tx, c.Steps)
	if err != nil {
		return nil, nil, err
	}
	c.VendorID = vendors[0]
	starts, err := c.Starts()
	if err != nil {
		return nil, nil, err
	}
	if starts.Before(at) {
		starts = at
	}
	// A record that was changed after that instant is changed a moment later than it: within the hour, all steps hold.
	then := starts.Add(time.Hour)
	if before, err = linesOf(ctx, tx, vendors, then); err != nil {
		return nil, nil, err
	}
	err = trial(ctx, tx, func() error {
		if _, err := d.take(ctx, tx, by, starts, time.Time{}, steps); err != nil {
			return err
		}
		after, err = linesOf(ctx, tx, vendors, then)
		return err
	})
	return before, after, err
}
