package publishing

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"onward/registry"
)

// customerConstraints says what it means when a customer violates a constraint.
var customerConstraints = map[string]*registry.Refusal{
	"customers_name_key": registry.Refuse(registry.Conflict, "A customer of this name exists already; case and width of letters do not count."),
}

// ReadCustomers reads all customers, also those whose contracts have ended, in the order of their names.
func ReadCustomers(ctx context.Context, db bun.IDB) ([]Customer, error) {
	var all []Customer
	if err := db.NewSelect().Model(&all).OrderExpr("fold_text(name)").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the customers: %w", err)
	}
	for i := range all {
		all[i].inUTC()
	}
	return all, nil
}

// selectCustomers reads one customer more than a page holds.
func selectCustomers(ctx context.Context, db bun.IDB, q CustomerQuery, w registry.Window) ([]Customer, error) {
	var found []Customer
	s := db.NewSelect().Model(&found).ModelTableExpr("customers AS c").ColumnExpr("c.*")
	for _, p := range registry.Patterns(q.Text) {
		s.Where("c.search LIKE ?", p)
	}
	if q.Authorisation != "" {
		s.Where("c.authorisation = ?", q.Authorisation)
	}
	if q.Product != "" {
		s.Where("c.products = '{}' OR EXISTS (SELECT FROM unnest(c.products) p WHERE fold_text(p) = fold_text(?))", q.Product)
	}
	if q.Region != "" {
		s.Where("c.regions = '{}' OR EXISTS (SELECT FROM unnest(c.regions) r WHERE fold_text(r) = fold_text(?))", q.Region)
	}
	if w.Key != "" {
		s.Where("(fold_text(c.name), c.id) > (fold_text(?), ?::uuid)", w.Key, w.ID)
	}
	if err := s.OrderExpr("fold_text(c.name), c.id").Limit(int64(w.Limit + 1)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	for i := range found {
		found[i].inUTC()
	}
	return found, nil
}

func insertCustomer(ctx context.Context, tx bun.Tx, c Customer) error {
	_, err := tx.NewInsert().Model(&c).Exec(ctx)
	return registry.Violated(wrap("insert a customer", err), customerConstraints)
}

func updateCustomer(ctx context.Context, tx bun.Tx, c Customer) error {
	_, err := tx.NewUpdate().Model(&c).WherePK().Exec(ctx)
	return registry.Violated(wrap("update a customer", err), customerConstraints)
}
