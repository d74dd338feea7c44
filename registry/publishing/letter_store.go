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

// told is a customer that was sent a notice.
type told struct{ Notice, Customer uuid.UUID }

// sentBefore are which customers were sent which notices, by deliveries other than one.
func sentBefore(ctx context.Context, db bun.IDB, notices, customers []uuid.UUID, but uuid.UUID) (all []told, err error) {
	err = db.NewRaw(`SELECT DISTINCT notice_id AS notice, customer_id AS customer FROM deliveries
		WHERE state = 'sent' AND notice_id IN (?) AND customer_id IN (?) AND id <> ?`, bun.List(notices), bun.List(customers), but).Scan(ctx, &all)
	return all, wrap("read who was sent a notice", err)
}
