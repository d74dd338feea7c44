package publishing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// contested is a change that somebody objects to, as far as that needs to know it.
type contested struct {
	ID          uuid.UUID      `bun:"id"`
	Kind        string         `bun:"kind"`
	State       string         `bun:"state"`
	VendorID    uuid.UUID      `bun:"vendor_id"`
	EffectiveOn registry.Date  `bun:"effective_on"`
	Zone        string         `bun:"zone"`
	Emergency   bool           `bun:"emergency"`
	Vendor      string         `bun:"vendor"`
	LegalName   string         `bun:"legal_name"`
	Service     string         `bun:"service"`
	NoticeID    *uuid.UUID     `bun:"notice_id"`
	MovedFrom   *registry.Date `bun:"moved_from"`
}

var noReach = registry.Refuse(registry.NotFound, "The change does not reach this customer.")

// readContested reads a change; NotFound where there is none.
func readContested(ctx context.Context, db bun.IDB, id uuid.UUID) (contested, error) {
	var c contested
	err := db.NewRaw(`SELECT c.id, c.kind, c.state, c.vendor_id, c.effective_on, c.zone, c.emergency, c.notice_id, c.moved_from, v.name AS vendor, v.legal_name,
			coalesce(e.service, '') AS service
		FROM changes c JOIN vendors v ON v.id = c.vendor_id LEFT JOIN engagements e ON e.id = c.engagement_id WHERE c.id = ?`, id).Scan(ctx, &c)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return c, registry.Refuse(registry.NotFound, "There is no change %s.", id)
	case err != nil:
		return c, fmt.Errorf("read change %s: %w", id, err)
	}
	return c, nil
}

// readReach reads how a change reaches a customer, locked where lock says so: then nothing is answered beside.
func readReach(ctx context.Context, db bun.IDB, change, customer uuid.UUID, lock bool) (ChangeCustomer, error) {
	var c ChangeCustomer
	q := db.NewSelect().Model(&c).Where("change_id = ? AND customer_id = ?", change, customer)
	if lock {
		q = q.For("NO KEY UPDATE")
	}
	err := q.Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return c, noReach
	case err != nil:
		return c, fmt.Errorf("read how change %s reaches customer %s: %w", change, customer, err)
	}
	return c, nil
}

// writeAnswer keeps a customer's answer.
func writeAnswer(ctx context.Context, tx bun.Tx, c ChangeCustomer) error {
	_, err := tx.NewUpdate().Model(&c).Column("answer", "answered_at").WherePK().Exec(ctx)
	return wrap("keep a customer's answer", err)
}

// ReadObjections reads the objections to a change, of one customer where customer is not nil, in the order in which they came.
func ReadObjections(ctx context.Context, db bun.IDB, change uuid.UUID, customer *uuid.UUID) ([]Objection, error) {
	var all []Objection
	q := db.NewSelect().Model(&all).Where("change_id = ?", change).OrderExpr("received_at, id")
	if customer != nil {
		q = q.Where("customer_id = ?", *customer)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the objections to change %s: %w", change, err)
	}
	for i := range all {
		all[i].inUTC()
	}
	return all, nil
}

// openObjection says what it means when a customer has an objection to the change already.
var openObjection = map[string]*registry.Refusal{
	"objections_standing_key": registry.Refuse(registry.Conflict, "The customer has an objection to this change already that is open or upheld."),
}

func insertObjection(ctx context.Context, tx bun.Tx, o Objection) error {
	_, err := tx.NewInsert().Model(&o).Exec(ctx)
	return registry.Violated(wrap("insert an objection", err), openObjection)
}

func updateObjection(ctx context.Context, tx bun.Tx, o Objection) error {
	_, err := tx.NewUpdate().Model(&o).WherePK().Exec(ctx)
	return registry.Violated(wrap("update an objection", err), openObjection)
}

// selectObjections reads one objection more than a page holds, the newest first.
func selectObjections(ctx context.Context, db bun.IDB, q ObjectionQuery, w registry.Window) ([]Objection, error) {
	var found []Objection
	s := db.NewSelect().Model(&found).OrderExpr("received_at DESC, id DESC").Limit(int64(w.Limit + 1))
	if q.State != "" {
		s.Where("state = ?", q.State)
	}
	if q.Change != uuid.Nil {
		s.Where("change_id = ?", q.Change)
	}
	if q.Customer != uuid.Nil {
		s.Where("customer_id = ?", q.Customer)
	}
	if w.Key != "" {
		s.Where("(received_at, id) < (?::timestamptz, ?::uuid)", w.Key, w.ID)
	}
	if err := s.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list objections: %w", err)
	}
	for i := range found {
		found[i].inUTC()
	}
	return found, nil
}
