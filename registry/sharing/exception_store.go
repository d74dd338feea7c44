package sharing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

type exceptionRow struct {
	bun.BaseModel `bun:"table:exceptions"`

	ID       uuid.UUID `bun:"id,pk,type:uuid"`
	Kind     string    `bun:"kind"`
	EntryID  uuid.UUID `bun:"entry_id,type:uuid"`
	VendorID uuid.UUID `bun:"vendor_id,type:uuid,nullzero"`
	// EngagementID is that of a mechanism that fell.
	EngagementID uuid.UUID  `bun:"engagement_id,type:uuid,nullzero"`
	About        string     `bun:"about"`
	Reasons      []string   `bun:"reasons,array"`
	OpenedAt     time.Time  `bun:"opened_at"`
	ClosedAt     *time.Time `bun:"closed_at"`
	ClosedBy     *uuid.UUID `bun:"closed_by,type:uuid"`
	Reason       string     `bun:"closed_because"`
}

func (r *exceptionRow) exception() Exception {
	e := Exception{
		ID: r.ID, Kind: r.Kind, EntryID: r.EntryID, VendorID: r.VendorID, EngagementID: r.EngagementID, About: r.About, Reasons: r.Reasons, OpenedAt: r.OpenedAt.UTC(), ClosedBy: r.ClosedBy,
		Reason: r.Reason,
	}
	if r.ClosedAt != nil {
		at := r.ClosedAt.UTC()
		e.ClosedAt = &at
	}
	return e
}

// insertException opens nothing where one is open for the same vendor that is not about a single share.
func insertException(ctx context.Context, tx bun.Tx, row exceptionRow) error {
	_, err := openException(ctx, tx, row)
	return err
}

// openException is insertException, and tells whether it opened anything.
func openException(ctx context.Context, tx bun.Tx, row exceptionRow) (bool, error) {
	r, err := tx.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("open an exception for entry %s: %w", row.EntryID, err)
	}
	n, err := r.RowsAffected()
	return n > 0, err //nolint:wrapcheck // never fails with this driver
}

func readExceptions(ctx context.Context, db bun.IDB, q ExceptionQuery, after *place) (rows []exceptionRow, err error) {
	s := db.NewSelect().Model(&rows).OrderExpr("opened_at DESC, id DESC").Limit(int64(q.Limit) + 1)
	if q.State == "closed" {
		s = s.Where("closed_at IS NOT NULL")
	} else {
		s = s.Where("closed_at IS NULL")
	}
	if q.Kind != "" {
		s = s.Where("kind = ?", q.Kind)
	}
	if q.VendorID != uuid.Nil {
		s = s.Where("vendor_id = ?", q.VendorID)
	}
	if after != nil {
		s = s.Where("(opened_at, id) < (?, ?)", after.at, after.id)
	}
	if err := s.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list exceptions: %w", err)
	}
	return rows, nil
}

// lockException refuses (NotFound) one that is not. It is for a Change that holds the log's lock.
func lockException(ctx context.Context, tx bun.Tx, id uuid.UUID) (*exceptionRow, error) {
	row := new(exceptionRow)
	err := tx.NewSelect().Model(row).Where("id = ?", id).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, registry.Refuse(registry.NotFound, "There is no such exception.")
	}
	if err != nil {
		return nil, fmt.Errorf("read exception %s: %w", id, err)
	}
	return row, nil
}

func updateException(ctx context.Context, tx bun.Tx, row *exceptionRow) error {
	if _, err := tx.NewUpdate().Model(row).Column("closed_at", "closed_by", "closed_because").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("close exception %s: %w", row.ID, err)
	}
	return nil
}

// clearViolations closes the open violations of a share and of its corrections: another correction stands in their place.
func clearViolations(ctx context.Context, tx bun.Tx, share, by uuid.UUID, now time.Time, reason string) error {
	_, err := tx.NewRaw(`UPDATE exceptions SET closed_at = ?, closed_by = ?, closed_because = ? WHERE kind = 'violation' AND closed_at IS NULL
		AND entry_id IN (SELECT ?::uuid UNION ALL SELECT entry_id FROM share_correction WHERE share_id = ?)`, now, by, reason, share, share).Exec(ctx)
	if err != nil {
		return fmt.Errorf("close the violations of share %s: %w", share, err)
	}
	return nil
}
