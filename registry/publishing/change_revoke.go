package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Withdrawal is why a change is given up.
type Withdrawal struct {
	Reason string `json:"reason" validate:"required,text,max=2000"`
}

// WithdrawChange gives up the version of a change that the caller saw, for a reason. Whoever was told of it is told that it does not come: the notice of
// that is frozen and its deliveries are queued in the same transaction. It refuses another version (Stale), no reason (Invalid), and a
// change that is effective or withdrawn (Conflict).
func (d *Desk) WithdrawChange(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, f Withdrawal) (Change, error) {
	registry.Tidy(&f)
	if err := registry.Validate(f); err != nil {
		return Change{}, err
	}
	return d.moveAndTell(ctx, by, at, id, version, "withdrawn", func(_ context.Context, _ bun.Tx, at time.Time, c *Change) error {
		return c.withdraw(at, f.Reason)
	}, d.tellWithdrawn)
}

func (d *Desk) tellWithdrawn(ctx context.Context, tx bun.Tx, c Change) ([]audit.Entry, error) {
	return d.follow(ctx, tx, c, NoticeWithdrawn)
}

// Postponement is a later day for an announced change, and why.
type Postponement struct {
	EffectiveOn *registry.Date `json:"effective_on" validate:"required"`
	Reason      string         `json:"reason" validate:"required,text,max=2000"`
}

// PostponeChange moves the day of the version of an announced change that the caller saw, for a reason, which stays internal. Periods that run stay as
// they are. Whoever was told of the change is told of its new day, as WithdrawChange tells. It refuses another version (Stale), a day that is not
// later than the one that was announced, or has passed (Invalid), and a change that is not announced (Conflict).
func (d *Desk) PostponeChange(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, f Postponement) (Change, error) {
	registry.Tidy(&f)
	if err := registry.Validate(f); err != nil {
		return Change{}, err
	}
	return d.moveAndTell(ctx, by, at, id, version, "postponed", func(ctx context.Context, tx bun.Tx, at time.Time, c *Change) error {
		if err := c.postpone(at, *f.EffectiveOn, f.Reason); err != nil {
			return err
		}
		return startLater(ctx, tx, c.ID, *f.EffectiveOn)
	}, d.tellMoved)
}

func (d *Desk) tellMoved(ctx context.Context, tx bun.Tx, c Change) ([]audit.Entry, error) {
	return d.follow(ctx, tx, c, NoticeMoved)
}
