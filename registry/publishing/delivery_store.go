package publishing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// takeDeliveries takes up to n that are due, for as long as lease: no other instance takes them before that. It asks nothing of those that are taken,
// because they are not due until then.
func takeDeliveries(ctx context.Context, db bun.IDB, at time.Time, channel string, n int, lease time.Duration) ([]Delivery, error) {
	var taken []Delivery
	until := at.Add(lease)
	err := db.NewRaw(`UPDATE deliveries SET next_at = ?, taken_until = ? WHERE id IN (
			SELECT d.id FROM deliveries d WHERE d.state = 'queued' AND d.channel = ? AND d.next_at <= ?
				AND (d.after_id IS NULL OR NOT EXISTS (SELECT FROM deliveries b WHERE b.id = d.after_id AND b.state = 'queued'))
			ORDER BY d.next_at LIMIT ? FOR UPDATE OF d SKIP LOCKED
		) RETURNING *`, until, until, channel, at, n).Scan(ctx, &taken)
	if err != nil {
		return nil, fmt.Errorf("take deliveries: %w", err)
	}
	for i := range taken {
		taken[i].inUTC()
	}
	return taken, nil
}

// endAttempt writes what came of an attempt. One that was sent is written whoever holds it now, everything else only by who took it. False where
// there was nothing to write: it has ended already, or another instance has it.
func endAttempt(ctx context.Context, db bun.IDB, before, after Delivery) (bool, error) {
	q := db.NewUpdate().Model(&after).Column("message", "state", "attempts", "next_at", "taken_until", "sent_at", "ended_at", "outcome").
		Where("id = ? AND state = ?", before.ID, DeliveryQueued)
	if after.State != DeliverySent {
		q = q.Where("taken_until = ?", before.TakenUntil)
	}
	done, err := q.Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("write what came of a delivery: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, wrap("write what came of a delivery", err)
}

// releaseDeliveries gives back what was taken and not tried.
func releaseDeliveries(ctx context.Context, db bun.IDB, at time.Time, taken []Delivery) error {
	for _, d := range taken {
		_, err := db.NewUpdate().Table("deliveries").Set("next_at = ?, taken_until = NULL", at).
			Where("id = ? AND state = ? AND taken_until = ?", d.ID, DeliveryQueued, d.TakenUntil).Exec(ctx)
		if err != nil {
			return fmt.Errorf("give back a delivery: %w", err)
		}
	}
	return nil
}

// insertDeliveries writes many at a time.
func insertDeliveries(ctx context.Context, tx bun.Tx, all []Delivery) error {
	const many = 500
	for len(all) > 0 {
		some := all[:min(many, len(all))]
		if _, err := tx.NewInsert().Model(&some).Exec(ctx); err != nil {
			return fmt.Errorf("queue deliveries: %w", err)
		}
		all = all[len(some):]
	}
	return nil
}

func readDelivery(ctx context.Context, db bun.IDB, id uuid.UUID) (Delivery, error) {
	var d Delivery
	err := db.NewSelect().Model(&d).Where("id = ?", id).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return d, registry.Refuse(registry.NotFound, "There is no delivery %s.", id)
	case err != nil:
		return d, fmt.Errorf("read delivery %s: %w", id, err)
	}
	d.inUTC()
	return d, nil
}

// selectDeliveries reads one delivery more than a page holds, without their messages.
func selectDeliveries(ctx context.Context, db bun.IDB, q DeliveryQuery, w registry.Window) ([]Delivery, error) {
	var found []Delivery
	s := db.NewSelect().Model(&found).ExcludeColumn("message")
	if q.Notice != uuid.Nil {
		s.Where("notice_id = ?", q.Notice)
	}
	if q.Customer != uuid.Nil {
		s.Where("customer_id = ?", q.Customer)
	}
	if q.State != "" {
		s.Where("state = ?", q.State)
	}
	if w.Key != "" {
		s.Where("id > ?::uuid", w.ID)
	}
	if err := s.OrderExpr("id").Limit(int64(w.Limit + 1)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	for i := range found {
		found[i].inUTC()
	}
	return found, nil
}

// othersAlive tells whether another delivery of the same notice to the same customer was sent, or still may be.
func othersAlive(ctx context.Context, tx bun.Tx, d Delivery) (found bool, err error) {
	err = tx.NewRaw(`SELECT EXISTS (SELECT FROM deliveries WHERE notice_id = ? AND customer_id = ? AND id <> ? AND state IN ('queued', 'sent'))`,
		*d.NoticeID, *d.CustomerID, d.ID).Scan(ctx, &found)
	return found, wrap("look for other deliveries to a customer", err)
}

// ManyMails is the most that WaitingMail counts.
const ManyMails = 1000

// waitingMail counts what is queued to be mailed, up to ManyMails, which spares the database.
func waitingMail(ctx context.Context, db bun.IDB) (n int, err error) {
	err = db.NewRaw(`SELECT count(*) FROM (SELECT FROM deliveries WHERE state = 'queued' AND channel = 'email' LIMIT ?) q`, ManyMails).Scan(ctx, &n)
	return n, wrap("count the mail that waits", err)
}

// ContactState is how the newest notice to a contact of a customer fares.
type ContactState struct {
	CustomerContact
	DeliveryID *uuid.UUID `json:"delivery_id,omitempty"`
	State      string     `json:"state,omitempty"` // absent where nothing was ever sent to this address
	At         *time.Time `json:"at,omitempty"`    // when it came to that
	Outcome    string     `json:"outcome,omitempty"`
}

type contactRow struct {
	ID      uuid.UUID
	Address string
	State   string
	At      time.Time
	Outcome string
}

func newestToContacts(ctx context.Context, db bun.IDB, customer uuid.UUID) (rows []contactRow, err error) {
	err = db.NewRaw(`SELECT DISTINCT ON (lower(address)) id, lower(address) AS address, state, coalesce(ended_at, created_at) AS at, outcome
		FROM deliveries WHERE customer_id = ? ORDER BY lower(address), created_at DESC, id DESC`, customer).Scan(ctx, &rows)
	return rows, wrap("read what was sent to a customer", err)
}
