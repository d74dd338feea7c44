package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// writeBounce writes that a sent delivery came back; false where that is known.
func writeBounce(ctx context.Context, db bun.IDB, d Delivery) (bool, error) {
	done, err := db.NewUpdate().Model(&d).Column("state", "outcome", "ended_at").Where("id = ? AND state = ?", d.ID, DeliverySent).Exec(ctx)
	if err != nil {
		return false, wrap("write that a delivery came back", err)
	}
	n, err := done.RowsAffected()
	return n == 1, wrap("write that a delivery came back", err)
}

// bounces are how many notices to a subscriber came back since the last one that did not, and when the first of them was queued.
type bounces struct {
	Bounces int
	Since   time.Time
}

func readBounces(ctx context.Context, db bun.IDB, subscriber uuid.UUID) (b bounces, err error) {
	err = db.NewRaw(`SELECT count(*) AS bounces, coalesce(min(created_at), now()) AS since FROM deliveries d
		WHERE subscriber_id = ?0 AND purpose = 'notice' AND state = 'bounced'
			AND created_at > coalesce((SELECT max(created_at) FROM deliveries WHERE subscriber_id = ?0 AND state = 'sent'), '-infinity')`,
		subscriber).Scan(ctx, &b)
	return b, wrap("count what came back from a subscriber", err)
}

func pauseSubscriber(ctx context.Context, tx bun.Tx, at time.Time, id uuid.UUID) error {
	_, err := tx.NewRaw(`UPDATE subscribers SET paused_at = ? WHERE id = ? AND paused_at IS NULL`, at, id).Exec(ctx)
	return wrap("pause a subscriber", err)
}

// customersBouncing are the customers to which something came back or could not be delivered.
func customersBouncing(ctx context.Context, db bun.IDB) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	err := db.NewRaw(`SELECT DISTINCT customer_id FROM deliveries WHERE customer_id IS NOT NULL AND state IN ('bounced', 'failed')`).Scan(ctx, &ids)
	all := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		all[id] = true
	}
	return all, wrap("look for customers that cannot be reached", err)
}

// countUnreachable counts contacts of customers to which the newest notice came back or could not be delivered, and subscribers that are paused.
func countUnreachable(ctx context.Context, db bun.IDB) (contacts, paused int, err error) {
	err = db.NewRaw(`SELECT (SELECT count(*) FROM customers c CROSS JOIN LATERAL jsonb_array_elements(c.contacts) k
			WHERE EXISTS (SELECT FROM deliveries WHERE customer_id = c.id AND state IN ('bounced', 'failed'))
				AND (SELECT d.state FROM deliveries d WHERE d.customer_id = c.id AND lower(d.address) = lower(k ->> 'email')
					ORDER BY d.created_at DESC, d.id DESC LIMIT 1) IN ('bounced', 'failed')),
		(SELECT count(*) FROM subscribers WHERE paused_at IS NOT NULL AND left_at IS NULL)`).Scan(ctx, &contacts, &paused)
	return contacts, paused, wrap("count who cannot be reached", err)
}
