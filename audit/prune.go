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

const (
	// prunedType is the type of the entry that tells of a month which is to be pruned.
	prunedType = "retention.pruned"
	// sequenceType is the type of the entry that tells, in a vendor's own sequence, up to which number it is to be pruned: so that what is left
	// of it still shows by itself that nothing else is missing.
	sequenceType = "sequence.pruned"
)

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
// Of each month it first appends retention.pruned, and sequence.pruned about each vendor that has entries in it, then waits until a checkpoint covers that entry, which takes a publisher at work, and then
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
	if err := l.waitCovered(ctx, r.Index); err != nil { // which is the last of them
		return err
	}
	return l.dropMonth(ctx, p.Month)
}

// announce appends the entries that tell of it; once, however often.
func (l *Log) announce(ctx context.Context, by Actor, at, before time.Time, p *oldest) (Receipt, error) {
	month := p.Month.Format("2006-01")
	e := Entry{
		ID: idOf(prunedType, l.origin, []byte(month)), Type: prunedType, Actor: by, OccurredAt: at,
		Body: Object{
			"month": month, "first_index": strconv.FormatInt(p.First, 10), "next_index": strconv.FormatInt(p.Next, 10),
			"checkpoint_size": strconv.FormatInt(p.published, 10), "policy": "months before " + monthOf(before).Format("2006-01"),
		},
	}
	entries, err := l.sequences(ctx, by, at, p)
	if err != nil {
		return Receipt{}, err
	}
	entries = append(entries, e)
	receipts, err := l.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]Entry, error) {
		if held, err := isHeld(ctx, tx); err != nil || held {
			return nil, errors.Join(err, ErrHeld)
		}
		return entries, nil
	})
	if err != nil {
		return Receipt{}, err
	}
	if len(receipts) != len(entries) {
		return Receipt{}, errors.New("the entry that tells of it has no receipt")
	}
	return receipts[len(receipts)-1], nil
}

// sequences are the entries that tell, about each vendor that has entries in the month, which of its numbers is the last to be pruned.
func (l *Log) sequences(ctx context.Context, by Actor, at time.Time, p *oldest) ([]Entry, error) {
	last, err := l.readLastSeqs(ctx, p.Month)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(last)+1)
	month := p.Month.Format("2006-01")
	for _, v := range last {
		entries = append(entries, Entry{
			ID: idOf(sequenceType, l.origin, append([]byte(month), v.VendorID[:]...)), Type: sequenceType, Actor: by, OccurredAt: at, VendorID: v.VendorID,
			Body: Object{"month": month, "last_seq": fmt.Sprintf("%0*d", seqWidth, v.Last), "next_index": strconv.FormatInt(p.Next, 10)},
		})
	}
	return entries, nil
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
