package sharing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
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
