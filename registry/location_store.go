package registry

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

func insertLocation(ctx context.Context, tx bun.Tx, l Location) error {
	if _, err := tx.NewInsert().Model(&l).Exec(ctx); err != nil {
		return fmt.Errorf("insert location %s: %w", l.ID, err)
	}
	return nil
}

func updateLocation(ctx context.Context, tx bun.Tx, _, after Location) error {
	if _, err := tx.NewUpdate().Model(&after).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("update location %s: %w", after.ID, err)
	}
	return nil
}
