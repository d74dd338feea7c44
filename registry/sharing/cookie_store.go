package sharing

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

type inventoryRow struct {
	VendorID uuid.UUID         `bun:"vendor_id,type:uuid"`
	Cookies  []registry.Cookie `bun:"cookies,type:jsonb"`
	From     *registry.Date    `bun:"starts_on,type:date"`
	Until    *registry.Date    `bun:"ends_on,type:date"`
}

func readInventory(ctx context.Context, tx bun.Tx, s CookieScan) (*inventory, error) {
	i := &inventory{vendors: map[uuid.UUID]bool{}}
	err := tx.NewRaw(`SELECT vendor_id, cookies, starts_on, ends_on FROM engagements WHERE cookies <> '[]'`).Scan(ctx, &i.rows)
	if err != nil {
		return nil, fmt.Errorf("read the inventory of cookies: %w", err)
	}
	ids := s.idsOf()
	if len(ids) == 0 {
		return i, nil
	}
	var found []uuid.UUID
	if err := tx.NewRaw(`SELECT id FROM vendors WHERE id IN (?)`, bun.List(ids)).Scan(ctx, &found); err != nil {
		return nil, fmt.Errorf("read the vendors of cookies: %w", err)
	}
	for _, id := range found {
		i.vendors[id] = true
	}
	return i, nil
}

// openCookie tells whether the exception is new: of one cookie there is at most one open.
func openCookie(ctx context.Context, tx bun.Tx, row exceptionRow) (bool, error) {
	r, err := tx.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("open an exception for a cookie: %w", err)
	}
	n, err := r.RowsAffected()
	return n > 0, err //nolint:wrapcheck // never fails with this driver
}
