package audit

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// HoldReasons are the codes of why a log is held.
func HoldReasons() []string {
	return []string{"LITIGATION", "INVESTIGATION", "REGULATOR", "AUDIT", "CONTRACT"}
}

// ErrHold means that a hold is not one: its reason is no code, or its days are not in order.
var ErrHold = errors.New("that is no legal hold")

// Hold is a legal hold: while one is not lifted, nothing is pruned. It does not end by itself.
type Hold struct {
	ID       uuid.UUID
	Reason   string    // one of HoldReasons
	From     time.Time // the day since which there is a duty to keep
	ReviewOn time.Time // the day on which somebody is to look whether it is still needed
	PlacedAt time.Time
	LiftedAt time.Time // zero while it is active
}

// PlaceHold places a hold, whose id must be a new one, and appends hold.placed. Once it returns, nothing is pruned. ErrHold where h is none.
func (l *Log) PlaceHold(ctx context.Context, by Actor, at time.Time, h Hold) (Hold, error) {
	if !slices.Contains(HoldReasons(), h.Reason) || h.From.IsZero() || h.ReviewOn.Before(h.From) {
		return Hold{}, ErrHold
	}
	h.PlacedAt, h.LiftedAt = at.UTC().Truncate(time.Microsecond), time.Time{}
	e := Entry{
		ID: idOf("hold.placed", l.origin, h.ID[:]), Type: "hold.placed", Actor: by, OccurredAt: at,
		Body: Object{
			"hold_id": h.ID.String(), "reason": h.Reason, "from": h.From.Format(time.DateOnly), "review_on": h.ReviewOn.Format(time.DateOnly),
		},
	}
	_, err := l.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]Entry, error) {
		return []Entry{e}, insertHold(ctx, tx, by, h)
	})
	if err != nil {
		return Hold{}, err
	}
	return h, nil
}

// LiftHold ends a hold, and appends hold.lifted. Lifting it again changes nothing. ErrNotFound where there is none.
func (l *Log) LiftHold(ctx context.Context, by Actor, at time.Time, id uuid.UUID) (Hold, error) {
	e := Entry{
		ID: idOf("hold.lifted", l.origin, id[:]), Type: "hold.lifted", Actor: by, OccurredAt: at, Body: Object{"hold_id": id.String()},
	}
	_, err := l.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]Entry, error) {
		lifted, err := updateLifted(ctx, tx, by, at, id)
		if err != nil || !lifted {
			return nil, err
		}
		return []Entry{e}, nil
	})
	if err != nil {
		return Hold{}, err
	}
	return readHold(ctx, l.db, id)
}

// Holds reads at most limit holds, the newest first, those after one of them where after is not nil.
func (l *Log) Holds(ctx context.Context, after *Hold, limit int) ([]Hold, error) {
	return readHolds(ctx, l.db, after, limit)
}
