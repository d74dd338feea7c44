package publishing

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Propose plans a change of the list. Where no day is named, it is the first on which nobody's notice period is hurt. Of created records without an
// id it chooses one. It refuses bad fields (Invalid), what its steps refuse when they are tried, and (Conflict) a change that does nothing to
// the list on its day, and a day that has passed. The list stays as it is.
func (d *Desk) Propose(ctx context.Context, by audit.Actor, at time.Time, f ChangeFields) (Change, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Change{}, err
	}
	at = registry.Instant(at)
	c := Change{ID: id, Version: 1, CreatedAt: at, UpdatedAt: at, State: ChangeProposed, ProposedBy: by.ID, ChangeFields: f}
	_, err = d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := d.plan(ctx, tx, at, &c); err != nil {
			return nil, err
		}
		if err := insertChange(ctx, tx, c); err != nil {
			return nil, err
		}
		return c.keep(ctx, tx, by, "proposed", nil, at)
	})
	if err != nil {
		return Change{}, err
	}
	return c, nil
}

// EditChange applies an RFC 7396 merge patch to the version of a proposed change that the caller saw. Approvals that it had are void. It refuses
// another version (Stale), a change that is not proposed any more (Conflict), and what Propose refuses.
func (d *Desk) EditChange(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, patch []byte) (Change, error) {
	return d.moveChange(ctx, by, at, id, version, "changed", func(ctx context.Context, tx bun.Tx, at time.Time, c *Change) error {
		if err := c.open(); err != nil {
			return err
		}
		before := c.ChangeFields
		c.ChangeFields = ChangeFields{}
		if err := registry.Merge(before, patch, &c.ChangeFields); err != nil {
			return err
		}
		if registry.Same(before, c.ChangeFields) {
			return nil
		}
		c.ProposedBy, c.ApprovedBy, c.ApprovedAt = by.ID, nil, nil
		return d.plan(ctx, tx, at, c)
	})
}

// plan checks a change, fills in what it leaves open, and works out what it does. Who may approve a vendor is asked when the change is approved.
func (d *Desk) plan(ctx context.Context, tx bun.Tx, at time.Time, c *Change) error {
	registry.Tidy(&c.ChangeFields)
	if err := registry.Validate(c.ChangeFields); err != nil {
		return err
	}
	rules, err := readRules(ctx, tx)
	if err != nil {
		return err
	}
	if c.Zone == "" {
		c.Zone = rules.Settings.Zone
	}
	zone, err := registry.ZoneOf(c.Zone)
	if err != nil {
		return err
	}
	for i := range c.Steps {
		if s := &c.Steps[i]; s.Action == registry.StepCreate && s.RecordID == uuid.Nil {
			if s.RecordID, err = uuid.NewV7(); err != nil {
				return err
			}
		}
	}
	today := registry.DateOf(at.In(zone))
	open := c.EffectiveOn == nil
	if open {
		c.EffectiveOn = &today
	} else if c.EffectiveOn.Before(today) {
		return registry.InvalidField("/effective_on", "must not be a day that has passed")
	}
	if err := d.rehearse(ctx, tx, audit.Program, at, c); err != nil {
		return err
	}
	if !open || c.Emergency {
		return nil
	}
	all, err := rules.Concerned(c, at.Add(NoticeWindow))
	if err != nil {
		return err
	}
	if day := earliest(c, all); today.Before(day) {
		c.EffectiveOn = &day
		return d.rehearse(ctx, tx, audit.Program, at, c)
	}
	return nil
}

// keep keeps a version of the change and returns the entry that tells of it.
func (c *Change) keep(ctx context.Context, tx bun.Tx, by audit.Actor, verb string, before *Change, at time.Time) ([]audit.Entry, error) {
	k := registry.Kept{
		Kind: changeKind, Verb: verb, ID: c.ID, Version: c.Version, VendorID: c.VendorID, After: *c, EffectiveAt: at, RecordedAt: at, Reason: c.Withdrawn,
		More: audit.Object{"kind": c.Kind, "state": c.State, "effective_on": c.EffectiveOn.String(), "emergency": c.Emergency},
	}
	if before != nil {
		k.Before = *before
	}
	if verb == "postponed" {
		k.Reason = c.MovedBecause
	}
	return registry.Keep(ctx, tx, by, k)
}

// moveChange loads and locks the version that the caller saw, applies a move, and writes it; one that changes nothing is not written.
func (d *Desk) moveChange(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, verb string,
	move func(ctx context.Context, tx bun.Tx, at time.Time, c *Change) error,
) (Change, error) {
	return d.moveAndTell(ctx, by, at, id, version, verb, move, nil)
}

// moveAndTell is moveChange, after which tell does within the same transaction what follows from the move, and returns the entries of that.
func (d *Desk) moveAndTell(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, verb string,
	move func(ctx context.Context, tx bun.Tx, at time.Time, c *Change) error, tell func(ctx context.Context, tx bun.Tx, c Change) ([]audit.Entry, error),
) (Change, error) {
	var after Change
	_, err := d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		before, err := registry.Newest[Change](ctx, tx, changeKind, id, true)
		if err != nil {
			return nil, err
		}
		before.inUTC()
		if before.Version != version {
			return nil, registry.StaleVersion(changeKind, version, before.Version)
		}
		at := registry.Later(at, before.UpdatedAt)
		after = before
		if err := move(ctx, tx, at, &after); err != nil || registry.Same(before, after) {
			return nil, err
		}
		after.Version, after.UpdatedAt = before.Version+1, at
		if err := updateChange(ctx, tx, after); err != nil {
			return nil, err
		}
		entries, err := after.keep(ctx, tx, by, verb, &before, at)
		if err != nil || tell == nil {
			return entries, err
		}
		told, err := tell(ctx, tx, after)
		return append(entries, told...), err
	})
	if err != nil {
		return Change{}, err
	}
	return after, nil
}

// Change reads a change. NotFound where there is none.
func (d *Desk) Change(ctx context.Context, id uuid.UUID) (Change, error) {
	c, err := registry.Newest[Change](ctx, d.db, changeKind, id, false)
	c.inUTC()
	return c, err
}

var (
	changeKinds  = []string{"", KindAdd, KindReplace, KindRemove, KindPlace, KindPurpose, KindCategories, KindName, KindOther}
	changeStates = []string{"", ChangeProposed, ChangeApproved, ChangeAnnounced, ChangeEffective, ChangeWithdrawn}
)

// Changes lists changes, the newest first. It refuses a state or kind that does not exist (Invalid).
func (d *Desk) Changes(ctx context.Context, q ChangeQuery) (registry.Page[Change], error) {
	var bad []registry.Field
	if !slices.Contains(changeStates, q.State) {
		bad = append(bad, registry.Field{Pointer: "/state", Sentence: "must be a state of changes"})
	}
	if !slices.Contains(changeKinds, q.Kind) {
		bad = append(bad, registry.Field{Pointer: "/kind", Sentence: "must be a kind of changes"})
	}
	if len(bad) > 0 {
		return registry.Page[Change]{}, registry.InvalidFields(bad)
	}
	w, err := registry.NewWindow(q.Limit, q.Cursor, "changes", q.State, q.Kind, q.VendorID.String())
	if err != nil {
		return registry.Page[Change]{}, err
	}
	found, err := selectChanges(ctx, d.db, q, w)
	if err != nil {
		return registry.Page[Change]{}, err
	}
	return registry.PageOf(w, found, func(c Change) (string, uuid.UUID) { return c.CreatedAt.Format(time.RFC3339Nano), c.ID }), nil
}
