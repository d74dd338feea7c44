package publishing

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"onward/registry"
)

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// noticeDue tells, cheaply, whether an approved change has waited long enough.
func noticeDue(ctx context.Context, db bun.IDB, at time.Time) (due bool, err error) {
	err = db.NewRaw(`SELECT EXISTS (SELECT FROM changes WHERE state = 'approved' AND (emergency OR approved_at <= ?))`, at.Add(-NoticeWindow)).Scan(ctx, &due)
	return due, wrap("look for changes to be told", err)
}

// lockNotices lets one notice be frozen at a time.
func lockNotices(ctx context.Context, tx bun.Tx) error {
	_, err := tx.NewRaw(`SELECT pg_advisory_xact_lock(hashtext('notices'))`).Exec(ctx)
	return wrap("lock the notices", err)
}

// readApproved reads the changes that wait for a notice, the earliest approved first, and locks them.
func readApproved(ctx context.Context, tx bun.Tx) ([]Change, error) {
	var found []Change
	err := tx.NewSelect().Model(&found).Where("state = ?", ChangeApproved).OrderExpr("approved_at, id").For("NO KEY UPDATE").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the changes to be told: %w", err)
	}
	for i := range found {
		found[i].inUTC()
	}
	return found, nil
}

func insertNotice(ctx context.Context, tx bun.Tx, n Notice) error {
	_, err := tx.NewInsert().Model(&n).Exec(ctx)
	return wrap("insert a notice", err)
}

// customersReached are whom the changes of a notice reach.
func customersReached(ctx context.Context, tx bun.Tx, notice uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`SELECT DISTINCT cc.customer_id FROM change_customers cc JOIN changes c ON c.id = cc.change_id WHERE c.notice_id = ? ORDER BY 1`,
		notice).Scan(ctx, &ids)
	return ids, wrap("read whom a notice reaches", err)
}

// changesReaching are the changes of a notice that reach a customer.
func changesReaching(ctx context.Context, tx bun.Tx, notice, customer uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`SELECT cc.change_id FROM change_customers cc JOIN changes c ON c.id = cc.change_id
		WHERE c.notice_id = ? AND cc.customer_id = ? ORDER BY 1`, notice, customer).Scan(ctx, &ids)
	return ids, wrap("read which changes reach a customer", err)
}

// atOnce is how many subscribers one statement looks at: no statement runs so long that it is ended.
const atOnce = 20_000

// queueSubscribers queues a delivery for each subscriber whom one of the changes concerns, within the database: however many they are, nothing of
// them is held here. It returns how many.
func queueSubscribers(ctx context.Context, tx bun.Tx, at time.Time, n Notice) (int64, error) {
	var concerned []string
	var lists []any
	for _, c := range n.Changes {
		concerned = append(concerned, "("+meets(len(c.Products), len(c.Regions))+")")
		lists = append(lists, subjects(c)...)
	}
	condition, after := strings.Join(concerned, " OR "), "NULL::uuid"
	if n.Follows != nil {
		told := `d.subscriber_id = s.id AND d.notice_id`
		condition = "(" + condition + ") AND EXISTS (SELECT FROM deliveries d WHERE " + told + " = ?::uuid AND d.state IN ('queued', 'sent'))"
		after = "(SELECT d.id FROM deliveries d WHERE " + told + " IN (" + chain + ") AND d.state = 'queued' ORDER BY d.created_at DESC, d.id DESC LIMIT 1)"
	}
	statement := `WITH s AS (
			SELECT id, channel, address, language, products, regions FROM subscribers
			WHERE confirmed_at IS NOT NULL AND paused_at IS NULL AND left_at IS NULL AND id > ?::uuid ORDER BY id LIMIT ?
		), queued AS (
			INSERT INTO deliveries (id, notice_id, subscriber_id, purpose, channel, address, language, state, attempts, next_at, created_at, outcome, after_id)
			SELECT gen_random_uuid(), ?::uuid, s.id, 'notice', s.channel, s.address, s.language, 'queued', 0, ?::timestamptz, ?::timestamptz, '', ` + after + `
			FROM s WHERE ` + condition + ` RETURNING 1
		) SELECT (SELECT id FROM s ORDER BY id DESC LIMIT 1) AS last, (SELECT count(*) FROM queued) AS queued`
	var total int64
	var last uuid.UUID
	for {
		var some struct {
			Last   *uuid.UUID
			Queued int64
		}
		args := []any{last, atOnce, n.ID, at, at}
		if n.Follows != nil {
			args = append(args, n.Follows, n.Follows)
		}
		args = append(args, lists...)
		if n.Follows != nil {
			args = append(args, n.Follows)
		}
		if err := tx.NewRaw(statement, args...).Scan(ctx, &some); err != nil {
			return 0, fmt.Errorf("queue deliveries to subscribers: %w", err)
		}
		total += some.Queued
		if some.Last == nil {
			return total, nil
		}
		last = *some.Last
	}
}

// meets is the condition that a subscriber wants to hear of a change; subjects are its arguments.
func meets(products, regions int) string {
	part := func(column string, some bool) string {
		if !some {
			return "true"
		}
		return "(s." + column + " = '{}' OR EXISTS (SELECT FROM unnest(s." + column + ") x WHERE fold_text(x) = ANY (?::text[])))"
	}
	return part("products", products > 0) + " AND " + part("regions", regions > 0)
}

func subjects(c NoticeChange) (args []any) {
	for _, list := range [][]string{c.Products, c.Regions} {
		if len(list) > 0 {
			args = append(args, pgdialect.Array(folded(list)))
		}
	}
	return args
}

// readNotices reads notices by their ids.
func readNotices(ctx context.Context, db bun.IDB, ids []uuid.UUID) (all []Notice, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := db.NewSelect().Model(&all).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	for i := range all {
		all[i].inUTC()
	}
	return all, nil
}

func readNotice(ctx context.Context, db bun.IDB, id uuid.UUID) (Notice, error) {
	var n Notice
	err := db.NewSelect().Model(&n).Where("id = ?", id).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return n, registry.Refuse(registry.NotFound, "There is no notice %s.", id)
	case err != nil:
		return n, fmt.Errorf("read notice %s: %w", id, err)
	}
	n.inUTC()
	var counts []struct {
		State string
		N     int
	}
	err = db.NewRaw(`SELECT state, count(*) AS n FROM deliveries WHERE notice_id = ? GROUP BY state`, id).Scan(ctx, &counts)
	n.Deliveries = map[string]int{}
	for _, c := range counts {
		n.Deliveries[c.State] = c.N
	}
	return n, wrap("count the deliveries of a notice", err)
}

// selectNotices reads one notice more than a page holds.
func selectNotices(ctx context.Context, db bun.IDB, w registry.Window, before time.Time) ([]Notice, error) {
	var found []Notice
	s := db.NewSelect().Model(&found)
	if w.Key != "" {
		s.Where("(opened_at, id) < (?::timestamptz, ?::uuid)", before, w.ID)
	}
	if err := s.OrderExpr("opened_at DESC, id DESC").Limit(int64(w.Limit + 1)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	for i := range found {
		found[i].inUTC()
	}
	return found, nil
}
