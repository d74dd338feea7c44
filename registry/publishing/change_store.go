package publishing

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

const changeKind = "change"

// trial runs f and undoes what it wrote, whatever it returns.
func trial(ctx context.Context, tx bun.Tx, f func() error) error {
	if _, err := tx.ExecContext(ctx, `SAVEPOINT trial`); err != nil {
		return fmt.Errorf("begin a trial: %w", err)
	}
	failure := f()
	if _, err := tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT trial`); err != nil {
		return fmt.Errorf("end a trial: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `RELEASE SAVEPOINT trial`); err != nil {
		return fmt.Errorf("end a trial: %w", err)
	}
	return failure
}

func readRules(ctx context.Context, db bun.IDB) (r Rules, err error) {
	if r.Settings, err = ReadSettings(ctx, db); err != nil {
		return r, err
	}
	if r.Customers, err = ReadCustomers(ctx, db); err != nil {
		return r, err
	}
	r.Calendars, err = registry.ReadCalendars(ctx, db)
	return r, err
}

// anybody tells whether somebody has asked to be told of every change.
func anybody(ctx context.Context, db bun.IDB) (found bool, err error) {
	err = db.NewRaw(`SELECT EXISTS (SELECT FROM subscribers WHERE confirmed_at IS NOT NULL AND paused_at IS NULL AND left_at IS NULL)`).Scan(ctx, &found)
	return found, wrap("look for subscribers", err)
}

func insertChange(ctx context.Context, tx bun.Tx, c Change) error {
	_, err := tx.NewInsert().Model(&c).Exec(ctx)
	return wrap("insert a change", err)
}

func updateChange(ctx context.Context, tx bun.Tx, c Change) error {
	_, err := tx.NewUpdate().Model(&c).WherePK().Exec(ctx)
	return wrap("update a change", err)
}

// ChangeQuery selects changes; zero fields select all. They come newest first.
type ChangeQuery struct {
	State    string
	Kind     string
	VendorID uuid.UUID
	Limit    int    // 1..200, 50 when 0
	Cursor   string // of the page before; refused when it belongs to another query
}

func selectChanges(ctx context.Context, db bun.IDB, q ChangeQuery, w registry.Window) ([]Change, error) {
	var found []Change
	s := db.NewSelect().Model(&found)
	if q.State != "" {
		s.Where("?TableAlias.state = ?", q.State)
	}
	if q.Kind != "" {
		s.Where("?TableAlias.kind = ?", q.Kind)
	}
	if q.VendorID != uuid.Nil {
		s.Where("?TableAlias.vendor_id = ?", q.VendorID)
	}
	if w.Key != "" {
		s.Where("(?TableAlias.created_at, ?TableAlias.id) < (?::timestamptz, ?::uuid)", w.Key, w.ID)
	}
	if err := s.OrderExpr("?TableAlias.created_at DESC, ?TableAlias.id DESC").Limit(int64(w.Limit + 1)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list changes: %w", err)
	}
	for i := range found {
		found[i].inUTC()
	}
	return found, nil
}

// ReadUpcoming reads the changes that are announced and not effective yet, in the order of their days: those that the public may know of.
func ReadUpcoming(ctx context.Context, db bun.IDB) ([]Change, error) {
	var found []Change
	err := db.NewSelect().Model(&found).Where("state = ?", ChangeAnnounced).OrderExpr("effective_on, announced_at, id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the changes to come: %w", err)
	}
	for i := range found {
		found[i].inUTC()
	}
	return found, nil
}

// readDue reads the ids of changes whose day has come, the earliest first.
func readDue(ctx context.Context, db bun.IDB, at time.Time) (due []uuid.UUID, err error) {
	err = db.NewRaw(`SELECT id FROM changes WHERE state = ? AND effective_on::timestamp AT TIME ZONE (CASE zone WHEN '' THEN 'UTC' ELSE zone END) <= ?
		ORDER BY effective_on, announced_at, id`, ChangeAnnounced, at).Scan(ctx, &due)
	return due, wrap("find the changes whose day has come", err)
}

// insertReach writes down how an announced change reaches a customer.
func insertReach(ctx context.Context, tx bun.Tx, reach []ChangeCustomer) error {
	if len(reach) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&reach).Exec(ctx)
	return wrap("write down whom a change reaches", err)
}

// startLater moves the days on which a change starts for customers to the one to which its own moved, where they are earlier.
func startLater(ctx context.Context, tx bun.Tx, change uuid.UUID, day registry.Date) error {
	_, err := tx.NewRaw(`UPDATE change_customers SET starts_on = ?::date WHERE change_id = ? AND starts_on < ?::date`, day, change, day).Exec(ctx)
	return wrap("move the days on which a change starts for customers", err)
}

// deliveredNotice begins the periods that run from when the customer has the notice.
func deliveredNotice(ctx context.Context, tx bun.Tx, r ChangeCustomer) error {
	_, err := tx.NewUpdate().Model(&r).Column("notice_begins", "notice_ends", "objection_ends", "starts_on").WherePK().Exec(ctx)
	return wrap("begin the periods of a customer", err)
}
