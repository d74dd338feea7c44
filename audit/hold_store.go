package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

type holdRow struct {
	bun.BaseModel `bun:"table:log_hold,alias:h"`

	ID       uuid.UUID
	Reason   string
	HeldFrom time.Time
	ReviewOn time.Time
	PlacedAt time.Time
	LiftedAt sql.NullTime
}

func (r *holdRow) hold() Hold {
	h := Hold{ID: r.ID, Reason: r.Reason, From: r.HeldFrom.UTC(), ReviewOn: r.ReviewOn.UTC(), PlacedAt: r.PlacedAt.UTC()}
	if r.LiftedAt.Valid {
		h.LiftedAt = r.LiftedAt.Time.UTC()
	}
	return h
}

func insertHold(ctx context.Context, tx bun.Tx, by Actor, h Hold) error {
	_, err := tx.NewRaw(`INSERT INTO log_hold (id, reason, held_from, review_on, placed_at, placed_by) VALUES (?, ?, ?::date, ?::date, ?, ?)`,
		h.ID, h.Reason, h.From.Format(time.DateOnly), h.ReviewOn.Format(time.DateOnly), h.PlacedAt, by.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("place a hold: %w", err)
	}
	return nil
}

// updateLifted lifts a hold; false when it was lifted before.
func updateLifted(ctx context.Context, tx bun.Tx, by Actor, at time.Time, id uuid.UUID) (bool, error) {
	if _, err := readHold(ctx, tx, id); err != nil {
		return false, err
	}
	done, err := tx.NewRaw(`UPDATE log_hold SET lifted_at = ?, lifted_by = ? WHERE id = ? AND lifted_at IS NULL`, at.UTC(), by.ID, id).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("lift a hold: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

func readHold(ctx context.Context, db bun.IDB, id uuid.UUID) (Hold, error) {
	var row holdRow
	err := db.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Hold{}, ErrNotFound
	}
	if err != nil {
		return Hold{}, fmt.Errorf("read a hold: %w", err)
	}
	return row.hold(), nil
}

func readHolds(ctx context.Context, db bun.IDB, after *Hold, limit int) ([]Hold, error) {
	var rows []holdRow
	q := db.NewSelect().Model(&rows).OrderExpr("placed_at DESC, id DESC").Limit(int64(limit))
	if after != nil {
		q = q.Where("(placed_at, id) < (?, ?)", after.PlacedAt, after.ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read holds: %w", err)
	}
	holds := make([]Hold, 0, len(rows))
	for i := range rows {
		holds = append(holds, rows[i].hold())
	}
	return holds, nil
}
