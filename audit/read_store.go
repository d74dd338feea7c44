package audit

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// storedRow is a line of log_entry.
type storedRow struct {
	bun.BaseModel `bun:"table:log_entry,alias:e"`

	Index      int64 `bun:"idx"`
	EntryID    uuid.UUID
	Type       string
	RecordedAt time.Time
	OccurredAt time.Time
	ActorID    uuid.UUID
	VendorID   uuid.NullUUID
	VendorSeq  sql.NullInt64
	LeafHash   []byte
	Leaf       []byte
}

func (r *storedRow) stored(origin string) Stored {
	return Stored{
		Receipt: Receipt{
			Log: origin, Index: r.Index, EntryID: r.EntryID, LeafHash: r.LeafHash, RecordedAt: r.RecordedAt.UTC(),
		},
		Type:       r.Type,
		OccurredAt: r.OccurredAt.UTC(),
		ActorID:    r.ActorID,
		VendorID:   r.VendorID.UUID,
		VendorSeq:  r.VendorSeq.Int64,
		Leaf:       r.Leaf,
	}
}

func (l *Log) readEntry(ctx context.Context, id uuid.UUID) (Stored, error) {
	var row storedRow
	err := l.db.NewSelect().Model(&row).Join("JOIN log_entry_key k ON k.month = e.month AND k.idx = e.idx").
		Where("k.entry_id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		gone, err := l.isGone(ctx, id)
		if err == nil && gone {
			err = ErrPruned
		}
		return Stored{}, cmp.Or(err, ErrNotFound)
	}
	if err != nil {
		return Stored{}, fmt.Errorf("read an entry: %w", err)
	}
	return row.stored(l.origin), nil
}

func (l *Log) readEntries(ctx context.Context, q Query) ([]Stored, error) {
	var rows []storedRow
	sel := l.db.NewSelect().Model(&rows).Limit(int64(q.Limit))
	switch {
	case !q.Newest:
		sel.Where("e.idx > ?", q.After).Order("e.idx")
	case q.After >= 0:
		sel.Where("e.idx < ?", q.After).Order("e.idx DESC")
	default:
		sel.Order("e.idx DESC")
	}
	if q.Type != "" {
		sel.Where("e.type = ?", q.Type)
	}
	if q.VendorID != uuid.Nil {
		sel.Where("e.vendor_id = ?", q.VendorID)
	}
	if q.ActorID != uuid.Nil {
		sel.Where("e.actor_id = ?", q.ActorID)
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return l.storedOf(rows), nil
}
