package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

const (
	selectOldest = `SELECT e.month, min(e.idx), max(e.idx) + 1, h.size - h.size % 256, coalesce((SELECT max(size) FROM log_checkpoint), 0)
		FROM log_head h, log_entry e WHERE e.month = (SELECT month FROM log_entry ORDER BY idx LIMIT 1) GROUP BY e.month, h.size`
	selectLast    = `SELECT vendor_id, max(vendor_seq) AS last FROM log_entry WHERE month = ?::date AND vendor_id IS NOT NULL GROUP BY vendor_id ORDER BY vendor_id`
	selectKept    = `SELECT coalesce(max(next_idx), 0) FROM log_pruned`
	selectGone    = `SELECT EXISTS (SELECT FROM log_entry_key WHERE entry_id = ? AND idx < (SELECT max(next_idx) FROM log_pruned))`
	selectHeld    = `SELECT EXISTS (SELECT FROM log_hold WHERE lifted_at IS NULL)`
	selectPruned  = `SELECT month, first_idx, next_idx, entry_id FROM log_pruned ORDER BY next_idx`
	beginPruning  = `SET LOCAL statement_timeout = '10min'`
	pruneLogMonth = `SELECT prune_log_month(?::date)`
)

// oldest is the oldest month that has entries.
type oldest struct {
	Pruned
	whole     int64 // entries in complete tiles
	published int64 // size of the newest checkpoint
}

func (l *Log) readOldest(ctx context.Context) (oldest, error) {
	var o oldest
	err := l.db.NewRaw(selectOldest).Scan(ctx, &o.Month, &o.First, &o.Next, &o.whole, &o.published)
	if errors.Is(err, sql.ErrNoRows) {
		return oldest{}, ErrNotFound
	}
	if err != nil {
		return oldest{}, fmt.Errorf("find what is to be pruned: %w", err)
	}
	o.Month = o.Month.UTC()
	return o, nil
}

// lastSeq is the last number of a vendor in a month.
type lastSeq struct {
	VendorID uuid.UUID
	Last     int64
}

func (l *Log) readLastSeqs(ctx context.Context, month time.Time) (all []lastSeq, err error) {
	if err := l.db.NewRaw(selectLast, month.Format(time.DateOnly)).Scan(ctx, &all); err != nil {
		return nil, fmt.Errorf("find the vendors that are to be pruned: %w", err)
	}
	return all, nil
}

// readKept reads the index of the first entry that was not pruned.
func (l *Log) readKept(ctx context.Context) (kept int64, err error) {
	if err := l.db.NewRaw(selectKept).Scan(ctx, &kept); err != nil {
		return 0, fmt.Errorf("read what was pruned: %w", err)
	}
	return kept, nil
}

// isGone tells whether an entry was pruned.
func (l *Log) isGone(ctx context.Context, id uuid.UUID) (gone bool, err error) {
	if err := l.db.NewRaw(selectGone, id).Scan(ctx, &gone); err != nil {
		return false, fmt.Errorf("read what was pruned: %w", err)
	}
	return gone, nil
}

func isHeld(ctx context.Context, db bun.IDB) (held bool, err error) {
	if err := db.NewRaw(selectHeld).Scan(ctx, &held); err != nil {
		return false, fmt.Errorf("look for a legal hold: %w", err)
	}
	return held, nil
}

// Pruned reads which months were pruned, the oldest first.
func (l *Log) Pruned(ctx context.Context) ([]Pruned, error) {
	rows, err := l.db.QueryContext(ctx, selectPruned)
	if err != nil {
		return nil, fmt.Errorf("read what was pruned: %w", err)
	}
	defer func() { _ = rows.Close() }() // Err tells
	var all []Pruned
	for rows.Next() {
		var p Pruned
		if err := rows.Scan(&p.Month, &p.First, &p.Next, &p.EntryID); err != nil {
			return nil, fmt.Errorf("read what was pruned: %w", err)
		}
		p.Month = p.Month.UTC()
		all = append(all, p)
	}
	return all, rows.Err()
}

// dropMonth deletes a month whose pruning is told and published, unless another did.
func (l *Log) dropMonth(ctx context.Context, month time.Time) error {
	t, err := l.begin(ctx)
	if err != nil {
		return refine(err)
	}
	defer t.rollback()
	if _, err := t.tx.ExecContext(ctx, beginPruning); err != nil {
		return refine(err)
	}
	if _, err := t.tx.NewRaw(pruneLogMonth, month.Format(time.DateOnly)).Exec(ctx); err != nil {
		var p *pgconn.PgError
		if errors.As(err, &p) && p.Code == "55000" { // object_not_in_prerequisite_state
			return ErrHeld
		}
		return refine(err)
	}
	return refine(t.commit())
}
