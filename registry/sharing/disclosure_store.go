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

type disclosureRow struct {
	bun.BaseModel `bun:"table:disclosures"`

	ID          uuid.UUID  `bun:"id,pk,type:uuid"`
	VendorID    uuid.UUID  `bun:"vendor_id,type:uuid"`
	PreparedBy  uuid.UUID  `bun:"prepared_by,type:uuid"`
	PreparedAt  time.Time  `bun:"prepared_at"`
	ConfirmedBy *uuid.UUID `bun:"confirmed_by,type:uuid"`
	ConfirmedAt *time.Time `bun:"confirmed_at"`
}

func insertDisclosure(ctx context.Context, tx bun.Tx, row disclosureRow) error {
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return fmt.Errorf("store disclosure %s: %w", row.ID, err)
	}
	return nil
}

// readDisclosure is nil where there is none.
func readDisclosure(ctx context.Context, db bun.IDB, id uuid.UUID, lock bool) (*disclosureRow, error) {
	row := new(disclosureRow)
	q := db.NewSelect().Model(row).Where("id = ?", id)
	if lock {
		q = q.For("UPDATE")
	}
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read disclosure %s: %w", id, err)
	}
	return row, nil
}

func confirmDisclosure(ctx context.Context, tx bun.Tx, id, by uuid.UUID, now time.Time) error {
	if _, err := tx.NewRaw(`UPDATE disclosures SET confirmed_by = ?, confirmed_at = ? WHERE id = ?`, by, now, id).Exec(ctx); err != nil {
		return fmt.Errorf("confirm disclosure %s: %w", id, err)
	}
	return nil
}

// shownDisclosure is a disclosure with its text, and the seal of what was shared by it.
type shownDisclosure struct {
	disclosureRow

	Detail      []byte         `bun:"detail,scanonly"`
	SealedUntil *registry.Date `bun:"sealed_until,scanonly,type:date"`
}

// showDisclosures reads disclosures with their text. A seal is that of a share as it is on record now, its last correction counted in; what was
// denied was not disclosed.
func showDisclosures(db bun.IDB, into any) *bun.SelectQuery {
	return db.NewSelect().Model(into).ModelTableExpr("disclosures AS d").
		ColumnExpr("d.*, convert_to(t.detail::text, 'UTF8') AS detail, s.sealed_until").
		Join("LEFT JOIN entry_detail t ON t.entry_id = d.id").
		Join(`LEFT JOIN LATERAL (
			SELECT max((body->>'sealed_until')::date) AS sealed_until
			FROM log_entry e CROSS JOIN LATERAL (SELECT convert_from(e.leaf, 'UTF8')::jsonb->'body' AS body) l
			WHERE e.vendor_id = d.vendor_id AND e.type IN ('share.recorded', 'share.corrected')
				AND body->>'disclosure_id' = d.id::text AND body->>'verdict' <> 'denied'
				AND NOT EXISTS (SELECT FROM share_correction c WHERE c.share_id = e.entry_id)
				AND NOT EXISTS (SELECT FROM share_correction c JOIN share_correction later ON later.share_id = c.share_id AND later.number > c.number
					WHERE c.entry_id = e.entry_id)) s ON true`)
}

// showDisclosure is nil where there is none.
func showDisclosure(ctx context.Context, db bun.IDB, id uuid.UUID) (*shownDisclosure, error) {
	row := new(shownDisclosure)
	err := showDisclosures(db, row).Where("d.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read disclosure %s: %w", id, err)
	}
	return row, nil
}

// selectDisclosures reads one more than the window holds.
func selectDisclosures(ctx context.Context, db bun.IDB, q DisclosureQuery, today registry.Date, w registry.Window, before time.Time) (rows []shownDisclosure, err error) {
	s := showDisclosures(db, &rows).OrderExpr("d.prepared_at DESC, d.id DESC").Limit(int64(w.Limit + 1))
	if q.State != "" {
		s = s.Where("(d.confirmed_at IS NOT NULL) = ?", q.State == "confirmed")
	}
	if q.Sealed != nil {
		s = s.Where("(s.sealed_until IS NOT NULL AND s.sealed_until >= ?) = ?", today, *q.Sealed)
	}
	if q.VendorID != uuid.Nil {
		s = s.Where("d.vendor_id = ?", q.VendorID)
	}
	if !q.PreparedFrom.IsZero() {
		s = s.Where("d.prepared_at >= ?", q.PreparedFrom)
	}
	if !q.PreparedUntil.IsZero() {
		s = s.Where("d.prepared_at < ?", q.PreparedUntil)
	}
	if !before.IsZero() {
		s = s.Where("(d.prepared_at, d.id) < (?, ?)", before, w.ID)
	}
	if err := s.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list disclosures: %w", err)
	}
	return rows, nil
}
