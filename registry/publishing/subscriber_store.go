package publishing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"onward/registry"
)

// askSubscriber writes, in one statement, who asked and the delivery that asks back, unless the address was asked too often.
func askSubscriber(ctx context.Context, db bun.IDB, s Subscriber, delivery uuid.UUID) error {
	_, err := db.NewRaw(`WITH asked AS (
			SELECT count(*) FILTER (WHERE created_at > ?0::timestamptz - interval '1 hour') AS hourly, count(*) AS daily FROM subscribers
			WHERE left_at IS NULL AND channel = ?1 AND lower(address) = lower(?2) AND created_at > ?0::timestamptz - interval '1 day'
		), s AS (
			INSERT INTO subscribers (id, created_at, channel, address, language, products, regions, secret, expires_at)
			SELECT ?3::uuid, ?0, ?1, ?2, ?4, ?5::text[], ?6::text[], ?7::bytea, ?8::timestamptz FROM asked WHERE hourly < ?9 AND daily < ?10
			RETURNING id, channel, address, language, created_at
		)
		INSERT INTO deliveries (id, subscriber_id, purpose, channel, address, language, state, attempts, next_at, created_at, outcome)
		SELECT ?11::uuid, id, 'confirmation', channel, address, language, 'queued', 0, created_at, created_at, '' FROM s`,
		s.CreatedAt, s.Channel, s.Address, s.ID, s.Language, pgdialect.Array(s.Products), pgdialect.Array(s.Regions), s.Secret, s.ExpiresAt,
		asksHourly, asksDaily, delivery).Exec(ctx)
	return wrap("ask whether somebody wants to subscribe", err)
}

// readSubscriber reads a subscriber and locks it; NotFound where there is none.
func readSubscriber(ctx context.Context, tx bun.Tx, id uuid.UUID) (Subscriber, error) {
	var s Subscriber
	err := tx.NewSelect().Model(&s).Where("id = ?", id).For("NO KEY UPDATE").Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return s, noSubscriber
	case err != nil:
		return s, fmt.Errorf("read subscriber %s: %w", id, err)
	}
	s.inUTC()
	return s, nil
}

// lockAddress lets one subscriber with this address be confirmed at a time.
func lockAddress(ctx context.Context, tx bun.Tx, channel, address string) error {
	_, err := tx.NewRaw(`SELECT pg_advisory_xact_lock(hashtext('subscriber'), hashtext(? || ' ' || lower(?)))`, channel, address).Exec(ctx)
	return wrap("lock the address of a subscriber", err)
}

func confirmSubscriber(ctx context.Context, tx bun.Tx, at time.Time, id uuid.UUID) error {
	_, err := tx.NewRaw(`UPDATE subscribers SET confirmed_at = ? WHERE id = ?`, at, id).Exec(ctx)
	return wrap("confirm a subscriber", err)
}

// forgetting empties all that is personal of the subscribers that a condition selects, and of what was sent to them.
const forgetting = `WITH gone AS (
		UPDATE subscribers SET address = '', secret = '', products = '{}', regions = '{}', language = '', left_at = coalesce(left_at, ?) WHERE %s RETURNING id
	)
	UPDATE deliveries SET address = '', message = NULL, outcome = '', taken_until = NULL,
		ended_at = CASE WHEN state = 'queued' THEN ? ELSE ended_at END, state = CASE WHEN state = 'queued' THEN 'dropped' ELSE state END
	WHERE subscriber_id IN (SELECT id FROM gone)`

func forget(ctx context.Context, tx bun.Tx, at time.Time, id uuid.UUID) error {
	_, err := tx.NewRaw(fmt.Sprintf(forgetting, "id = ? AND left_at IS NULL"), at, id, at).Exec(ctx)
	return wrap("forget a subscriber", err)
}

// replaceOthers forgets whoever else has the address of s.
func replaceOthers(ctx context.Context, tx bun.Tx, at time.Time, s Subscriber) error {
	_, err := tx.NewRaw(fmt.Sprintf(forgetting, "id <> ? AND channel = ? AND lower(address) = lower(?) AND confirmed_at IS NOT NULL AND left_at IS NULL"),
		at, s.ID, s.Channel, s.Address, at).Exec(ctx)
	return wrap("replace a subscriber", err)
}

func forgetUnconfirmed(ctx context.Context, db bun.IDB, at time.Time) error {
	_, err := db.NewRaw(fmt.Sprintf(forgetting, "confirmed_at IS NULL AND left_at IS NULL AND expires_at <= ?"), at, at, at).Exec(ctx)
	return wrap("forget who did not confirm", err)
}

// selectSubscribers reads one subscriber more than a page holds.
func selectSubscribers(ctx context.Context, db bun.IDB, q SubscriberQuery, w registry.Window, before time.Time) ([]Subscriber, error) {
	var found []Subscriber
	s := db.NewSelect().Model(&found)
	switch q.State {
	case SubscriberTold:
		s.Where("confirmed_at IS NOT NULL AND paused_at IS NULL AND left_at IS NULL")
	case SubscriberPaused:
		s.Where("paused_at IS NOT NULL AND left_at IS NULL")
	case SubscriberAsked:
		s.Where("confirmed_at IS NULL AND left_at IS NULL")
	case SubscriberLeft:
		s.Where("left_at IS NOT NULL")
	}
	if q.Channel != "" {
		s.Where("channel = ?", q.Channel)
	}
	if q.Address != "" {
		s.Where("lower(address) = lower(?) AND left_at IS NULL", q.Address)
	}
	if w.Key != "" {
		s.Where("(created_at, id) < (?::timestamptz, ?::uuid)", before, w.ID)
	}
	if err := s.OrderExpr("created_at DESC, id DESC").Limit(int64(w.Limit + 1)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list subscribers: %w", err)
	}
	for i := range found {
		found[i].inUTC()
	}
	return found, nil
}
