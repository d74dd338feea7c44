package publishing

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// ReadCustomers reads all customers, also those whose contracts have ended, in the order of their names.
func ReadCustomers(ctx context.Context, db bun.IDB) ([]Customer, error) {
	var all []Customer
	if err := db.NewSelect().Model(&all).OrderExpr("fold_text(name)").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the customers: %w", err)
	}
	for i := range all {
		all[i].CreatedAt, all[i].UpdatedAt = all[i].CreatedAt.UTC(), all[i].UpdatedAt.UTC()
	}
	return all, nil
}
