package publishing

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// chain are the notice that announced a change and all that follow it.
const chain = `SELECT id FROM notices WHERE id = ? OR follows_id = ?`

// dropUntried drops deliveries that nobody has tried and whose notice has nothing else to tell: of what moved, that it had moved before; of what was
// withdrawn, all of it. It returns how many.
func dropUntried(ctx context.Context, tx bun.Tx, c Change, about string) (string, error) {
	done, err := tx.NewRaw(`UPDATE deliveries SET state = 'dropped', taken_until = NULL, ended_at = ?, outcome = 'overtaken before it was sent'
		WHERE state = 'queued' AND message IS NULL AND (taken_until IS NULL OR taken_until <= ?) AND notice_id IN (
			SELECT n.id FROM notices n WHERE n.follows_id = ? AND n.changes @> jsonb_build_array(jsonb_build_object('change_id', ?::text))
			UNION ALL
			SELECT n.id FROM notices n WHERE n.id = ? AND ? AND NOT EXISTS (
				SELECT FROM jsonb_array_elements(n.changes) told JOIN changes c ON c.id = (told ->> 'change_id')::uuid WHERE c.state <> 'withdrawn'))`,
		c.UpdatedAt, c.UpdatedAt, c.NoticeID, c.ID, c.NoticeID, about == NoticeWithdrawn).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("drop deliveries that were overtaken: %w", err)
	}
	n, err := done.RowsAffected()
	return strconv.FormatInt(n, 10), wrap("drop deliveries that were overtaken", err)
}

// customersTold are whom a change reaches and its notice told, or still will.
func customersTold(ctx context.Context, tx bun.Tx, notice, change uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`SELECT DISTINCT d.customer_id FROM deliveries d JOIN change_customers cc ON cc.customer_id = d.customer_id AND cc.change_id = ?
		WHERE d.notice_id = ? AND d.state IN ('queued', 'sent') ORDER BY 1`, change, notice).Scan(ctx, &ids)
	return ids, wrap("read whom a notice told", err)
}

// queuedBefore is a delivery to the same customer, to the same address if there is one, that is still queued and to which this one is the sequel.
func queuedBefore(ctx context.Context, tx bun.Tx, n Notice, d Delivery) (*uuid.UUID, error) {
	var ids []uuid.UUID
	err := tx.NewRaw(`SELECT id FROM deliveries WHERE customer_id = ? AND state = 'queued' AND notice_id IN (`+chain+`)
		ORDER BY lower(address) = lower(?) DESC, created_at DESC, id DESC LIMIT 1`, d.CustomerID, n.Follows, n.Follows, d.Address).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return nil, wrap("look for what is still to be said before", err)
	}
	return &ids[0], nil
}

// subscribersTold are which subscribers were sent which notices.
func subscribersTold(ctx context.Context, db bun.IDB, notices, subscribers []uuid.UUID) (all []toldSubscriber, err error) {
	if len(notices) == 0 || len(subscribers) == 0 {
		return nil, nil
	}
	err = db.NewRaw(`SELECT DISTINCT notice_id AS notice, subscriber_id AS subscriber FROM deliveries
		WHERE state = 'sent' AND notice_id IN (?) AND subscriber_id IN (?)`, bun.List(notices), bun.List(subscribers)).Scan(ctx, &all)
	return all, wrap("read which subscribers were sent a notice", err)
}

// toldSubscriber is a subscriber that was sent a notice.
type toldSubscriber struct{ Notice, Subscriber uuid.UUID }
