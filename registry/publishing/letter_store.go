package publishing

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

func readSubscribers(ctx context.Context, db bun.IDB, ids []uuid.UUID) (all []Subscriber, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := db.NewSelect().Model(&all).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read subscribers: %w", err)
	}
	for i := range all {
		all[i].inUTC()
	}
	return all, nil
}

// readReaches reads how the changes of notices reach customers.
func readReaches(ctx context.Context, db bun.IDB, notices, customers []uuid.UUID) (all []ChangeCustomer, err error) {
	err = db.NewSelect().Model(&all).Where("customer_id IN (?)", bun.List(customers)).
		Where("change_id IN (SELECT id FROM changes WHERE notice_id IN (?))", bun.List(notices)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read whom notices reach: %w", err)
	}
	return all, nil
}
