package sharing

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

type exceptionRow struct {
	bun.BaseModel `bun:"table:exceptions"`

	ID       uuid.UUID `bun:"id,type:uuid"`
	Kind     string    `bun:"kind"`
	EntryID  uuid.UUID `bun:"entry_id,type:uuid"`
	VendorID uuid.UUID `bun:"vendor_id,type:uuid"`
	Reasons  []string  `bun:"reasons,array"`
	OpenedAt time.Time `bun:"opened_at"`
}

func insertException(ctx context.Context, tx bun.Tx, row exceptionRow) error {
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return fmt.Errorf("open an exception for entry %s: %w", row.EntryID, err)
	}
	return nil
}
