package publishing

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// ApplyDue takes the steps of every announced change whose day has come at at, valid from the first instant of that day: the records, their
// versions, the change's state and the entries that tell of all of it commit together, change by change. Any number of instances may
// call it at once, and one that ends in between loses nothing: each change takes effect once. A change whose steps are refused, because a
// record is not any more what it was, stays announced with the reason in Problem. It returns how many took effect.
func (d *Desk) ApplyDue(ctx context.Context, at time.Time) (int, error) {
	due, err := readDue(ctx, d.db, at)
	if err != nil {
		return 0, err
	}
	done := 0
	var failed error
	for _, id := range due {
		applied, err := d.applyChange(ctx, at, id)
		if err != nil {
			failed = errors.Join(failed, err)
		}
		if applied {
			done++
		}
	}
	return done, failed
}

// applyChange takes the steps of a change, unless it is not due any more.
func (d *Desk) applyChange(ctx context.Context, at time.Time, id uuid.UUID) (applied bool, err error) {
	err = d.takeEffect(ctx, at, id, &applied)
	var refusal *registry.Refusal
	if errors.As(err, &refusal) {
		return false, d.noteProblem(ctx, at, id, refusal.Sentence)
	}
	return applied, err
}

func (d *Desk) takeEffect(ctx context.Context, at time.Time, id uuid.UUID, applied *bool) error {
	_, err := d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		before, err := registry.Newest[Change](ctx, tx, changeKind, id, true)
		if err != nil {
			return nil, err
		}
		before.inUTC()
		at := registry.Later(at, before.UpdatedAt)
		since, err := before.Starts()
		if err != nil || before.State != ChangeAnnounced || since.After(at) {
			return nil, err
		}
		if before.AnnouncedAt != nil && since.Before(*before.AnnouncedAt) {
			since = at // it was announced on the day itself
		}
		after := before
		steps := newest(before.Steps)
		vendors, err := vendorsOf(ctx, tx, steps)
		if err != nil {
			return nil, err
		}
		then := at.Add(time.Hour) // see rehearse
		old, err := linesOf(ctx, tx, vendors, then)
		if err != nil {
			return nil, err
		}
		made, err := d.take(ctx, tx, audit.Program, at, since, steps)
		if err != nil {
			return nil, err
		}
		now, err := linesOf(ctx, tx, vendors, then)
		if err != nil {
			return nil, err
		}
		if after.Differences, err = Differences(old, now); err != nil {
			return nil, err
		}
		after.State, after.EffectiveAt, after.Problem = ChangeEffective, &at, ""
		after.Version, after.UpdatedAt = before.Version+1, at
		if err := updateChange(ctx, tx, after); err != nil {
			return nil, err
		}
		told, err := after.keep(ctx, tx, audit.Program, "effective", &before, at)
		if err != nil {
			return nil, err
		}
		_, released, err := releaseIn(ctx, tx, at)
		if err != nil && !errors.Is(err, ErrHeld) {
			return nil, err
		}
		*applied = true
		return slices.Concat(made, told, released), nil
	})
	if err != nil {
		*applied = false
	}
	return err
}

// noteProblem writes down, once, why a change could not take effect.
func (d *Desk) noteProblem(ctx context.Context, at time.Time, id uuid.UUID, sentence string) error {
	c, err := d.Change(ctx, id)
	if err != nil || c.State != ChangeAnnounced && c.State != ChangeApproved || c.Problem == sentence {
		return err
	}
	_, err = d.moveChange(ctx, audit.Program, at, id, c.Version, "failed", func(_ context.Context, _ bun.Tx, _ time.Time, c *Change) error {
		c.Problem = sentence
		return nil
	})
	return err
}
