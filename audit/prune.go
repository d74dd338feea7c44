package audit

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

var (
	// ErrPruned means that the entry was in the log and that its text was pruned; it is an ErrNotFound.
	ErrPruned = fmt.Errorf("%w any more: it was pruned", ErrNotFound)
	// ErrHeld means that nothing may be pruned, because of a legal hold.
	ErrHeld = errors.New("the log is under a legal hold")
	// ErrUnpublished means that no checkpoint was published in time: nothing was pruned, and the next Prune goes on from there.
	ErrUnpublished = errors.New("no checkpoint covers the entry that tells of the pruning")
)

// prunedType is the type of the entry that tells of a month which is to be pruned.
const prunedType = "retention.pruned"

// Pruned is a month that was pruned: the entries first ≤ index < next.
type Pruned struct {
	Month       time.Time
	First, Next int64
	EntryID     uuid.UUID // of the entry that tells of it
}

// Prune deletes what was recorded in the months before the one of before, the oldest first: the lines with their leaves, and what is kept
// beside them. It keeps the tiles, so that every proof can still be made, and the keys, so that no id is given again. The month of at and those
// after it are never pruned, nor is a month whose last entry is in a tile that is not complete.
//
// Of each month it first appends retention.pruned, then waits until a checkpoint covers that entry, which takes a publisher at work, and then
// deletes. When it breaks off between two of these, the next Prune goes on from there; it does what another did only once. What it returns was
// pruned for good, also beside an error: ErrHeld while a legal hold is active, ErrUnpublished when no checkpoint came.
func (l *Log) Prune(ctx context.Context, by Actor, at, before time.Time) ([]Pruned, error) {
	var done []Pruned
	for {
		p, err := l.readOldest(ctx)
		switch {
		case errors.Is(err, ErrNotFound):
			return done, nil
		case err != nil:
			return done, err
		case !p.Month.Before(monthOf(before)) || !p.Month.Before(monthOf(at)) || p.Next > p.whole:
			return done, nil
		}
		if err := l.prune(ctx, by, at, before, &p); err != nil {
			return done, fmt.Errorf("prune %s: %w", p.Month.Format("2006-01"), err)
		}
		done = append(done, p.Pruned)
	}
}

func (l *Log) prune(ctx context.Context, by Actor, at, before time.Time, p *oldest) error {
	r, err := l.announce(ctx, by, at, before, p)
	if err != nil {
		return err
	}
	p.EntryID = r.EntryID
	if err := l.waitCovered(ctx, r.Index); err != nil {
		return err
	}
	return l.dropMonth(ctx, p.Month)
}

// announce appends the entry that tells of it; once, however often.
func (l *Log) announce(ctx context.Context, by Actor, at, before time.Time, p *oldest) (Receipt, error) {
	month := p.Month.Format("2006-01")
	e := Entry{
		ID: idOf(prunedType, l.origin, []byte(month)), Type: prunedType, Actor: by, OccurredAt: at,
		Body: Object{
			"month": month, "first_index": strconv.FormatInt(p.First, 10), "next_index": strconv.FormatInt(p.Next, 10),
			"checkpoint_size": strconv.FormatInt(p.published, 10), "policy": "months before " + monthOf(before).Format("2006-01"),
		},
	}
	receipts, err := l.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]Entry, error) {
		if held, err := isHeld(ctx, tx); err != nil || held {
			return nil, errors.Join(err, ErrHeld)
		}
		return []Entry{e}, nil
	})
	if err != nil {
		return Receipt{}, err
	}
	if len(receipts) != 1 {
		return Receipt{}, errors.New("the entry that tells of it has no receipt")
	}
	return receipts[0], nil
}

// waitCovered waits, as long as for a commit, until a checkpoint covers an entry.
func (l *Log) waitCovered(ctx context.Context, index int64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l.tell()
	for {
		_, err := l.CheckpointCovering(ctx, index)
		if err == nil || !errors.Is(err, ErrNotFound) && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ErrUnpublished
		case <-time.After(publisherTick):
		}
	}
}
