package api

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// openExceptions reads open exceptions, newest first, those after a place when it is not nil.
func openExceptions(ctx context.Context, db bun.IDB, after *place, limit int) (found []exception, err error) {
	q := db.NewSelect().TableExpr("exceptions").
		Column("id", "kind", "entry_id", "vendor_id", "reasons", "opened_at").
		Where("closed_at IS NULL").
		OrderExpr("opened_at DESC, id DESC").Limit(int64(limit))
	if after != nil {
		q = q.Where("(opened_at, id) < (?, ?)", after.at, after.id)
	}
	if err := q.Scan(ctx, &found); err != nil {
		return nil, fmt.Errorf("list exceptions: %w", err)
	}
	return found, nil
}
