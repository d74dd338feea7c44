package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/tlog"
)

// patience is how long the log's own part of a transaction may take before it counts as lost.
const patience = 30 * time.Second

// Change is the one place where a change begins: it runs do in a transaction, appends the entries that do returns, and commits both
// or neither. When it returns without error, the change and its entries are durable. at is the change's instant; the entries'
// recorded_at is at or, where the log is already later, the log's. Every Change moves the epoch. do returns no entries when
// there was nothing to change: then nothing is written, and what do wrote is undone.
//
// An error of do is returned as it is. When an entry's id is in the log already, the whole change is undone: ErrReused if it was
// another request, else the receipts of the entries that are there, with Replayed set. ErrFrozen means that the log takes
// nothing, and ErrUnavailable that nothing was written as far as can be known; to try again with the same ids is safe. When ctx ends while do runs, the change is undone; after
// that, ctx is no longer asked.
func (l *Log) Change(ctx context.Context, at time.Time, do func(ctx context.Context, tx bun.Tx) ([]Entry, error)) ([]Receipt, error) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	follow := context.AfterFunc(ctx, cancel)
	defer follow()

	t, err := l.begin(own)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("change: %w", context.Cause(ctx))
	}
	if err != nil {
		return nil, refine(err)
	}
	defer t.rollback()
	entries, err := do(ctx, t.tx)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	drafts, err := l.drafts(entries)
	if err != nil {
		return nil, err
	}
	if !follow() {
		return nil, fmt.Errorf("change: %w", context.Cause(ctx))
	}
	defer time.AfterFunc(patience, cancel).Stop()
	return l.append(own, t, at, drafts)
}

func (l *Log) drafts(entries []Entry) ([]*draft, error) {
	drafts := make([]*draft, 0, len(entries))
	seen := make(map[uuid.UUID]bool, len(entries))
	for _, e := range entries {
		d, err := newDraft(l.origin, e)
		if err != nil {
			return nil, err
		}
		if seen[e.ID] {
			return nil, fmt.Errorf("entry %s is twice in one change", e.ID)
		}
		seen[e.ID] = true
		drafts = append(drafts, d)
	}
	return drafts, nil
}

// append appends drafts as t's last statements, moves the epoch, and commits.
func (l *Log) append(ctx context.Context, t *transaction, at time.Time, drafts []*draft) ([]Receipt, error) {
	var receipts []Receipt
	replayed := errors.New("replayed")
	err := t.pgx(func(conn *pgx.Conn) error {
		g, err := lock(ctx, conn, l.origin, at, drafts)
		if err != nil {
			return err
		}
		if len(g.known) > 0 {
			receipts, err = replays(ctx, conn, l.origin, g.known, drafts)
			return errors.Join(replayed, err)
		}
		if g.head.frozen != "" {
			return ErrFrozen
		}
		for _, d := range drafts {
			a, err := g.place(d)
			if err != nil {
				return err
			}
			receipts = append(receipts, g.add(a))
		}
		return g.write(ctx, conn, g.head.epoch+1)
	})
	switch {
	case errors.Is(err, ErrReused):
		return nil, ErrReused
	case errors.Is(err, replayed) && len(receipts) > 0:
		return receipts, nil
	case err != nil:
		return nil, refine(err)
	}
	if err := t.commit(); err != nil {
		return l.settle(ctx, err, drafts, receipts)
	}
	l.tell()
	return receipts, nil
}

// settle answers after a commit that returned an error. A change is written whole or not at all; what is found of one that was not
// is another's that asked the same.
func (l *Log) settle(ctx context.Context, commit error, drafts []*draft, sent []Receipt) ([]Receipt, error) {
	hashes := make(map[uuid.UUID]tlog.Hash, len(sent))
	for _, r := range sent {
		hashes[r.EntryID] = tlog.Hash(r.LeafHash)
	}
	answers, err := l.outcome(ctx, commit, drafts, hashes)
	if err != nil {
		return nil, err
	}
	var receipts []Receipt
	for _, a := range answers {
		if errors.Is(a.err, ErrReused) {
			return nil, ErrReused
		}
		if a.err == nil {
			receipts = append(receipts, a.receipt)
		}
	}
	if len(receipts) == 0 {
		return nil, answers[0].err
	}
	return receipts, nil
}

// missing is the error of an entry that has a key and no line: nobody can say any more what it was.
func missing(ctx context.Context, conn *pgx.Conn, index int64, id uuid.UUID) error {
	var kept int64
	if err := conn.QueryRow(ctx, selectKept).Scan(&kept); err != nil {
		return fmt.Errorf("read what was pruned: %w", err)
	}
	if index < kept {
		return fmt.Errorf("%w: its entry was pruned", ErrReused)
	}
	return fmt.Errorf("the log is damaged: entry %s has a key and no line", id)
}

// replays are the receipts of those drafts that are in the log already; ErrReused where one was
// another request, or was pruned.
func replays(ctx context.Context, conn *pgx.Conn, origin string, known map[uuid.UUID]known, drafts []*draft) ([]Receipt, error) {
	ids := make([]uuid.UUID, 0, len(known))
	for _, d := range drafts {
		k, ok := known[d.ID]
		if ok && k.requestHash != d.RequestHash {
			return nil, ErrReused
		}
		if ok {
			ids = append(ids, d.ID)
		}
	}
	found, err := readReceipts(ctx, conn, origin, ids)
	if err != nil {
		return nil, err
	}
	receipts := make([]Receipt, 0, len(ids))
	for _, id := range ids {
		r, ok := found[id]
		if !ok {
			return nil, missing(ctx, conn, known[id].index, id)
		}
		r.Replayed = true
		receipts = append(receipts, r)
	}
	return receipts, nil
}
