package sharing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

var dealConstraints = map[string]*registry.Refusal{
	"deals_name_key":           registry.Refuse(registry.Conflict, "A deal of this name exists already; case and width of letters do not count."),
	"deal_parties_vendor_fkey": registry.InvalidField("/parties", "must be vendors"),
}

func insertDeal(ctx context.Context, tx bun.Tx, d Deal) error {
	if _, err := tx.NewInsert().Model(&d).Exec(ctx); err != nil {
		return registry.Violated(fmt.Errorf("insert a deal: %w", err), dealConstraints)
	}
	return nil
}

func updateDeal(ctx context.Context, tx bun.Tx, d Deal) error {
	if _, err := tx.NewUpdate().Model(&d).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("update a deal: %w", err)
	}
	return nil
}

func insertParty(ctx context.Context, tx bun.Tx, p DealParty) error {
	if _, err := tx.NewInsert().Model(&p).Exec(ctx); err != nil {
		return registry.Violated(fmt.Errorf("insert a party of a deal: %w", err), dealConstraints)
	}
	return nil
}

// readDeal is nil where there is none of that name.
func readDeal(ctx context.Context, db bun.IDB, name string, lock bool) (*Deal, error) {
	d := new(Deal)
	q := db.NewSelect().Model(d).Where("fold_text(name) = fold_text(?)", name)
	if lock {
		q = q.For("NO KEY UPDATE")
	}
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a deal: %w", err)
	}
	all := []Deal{*d}
	if err := readParties(ctx, db, all); err != nil {
		return nil, err
	}
	return &all[0], nil
}

func readParties(ctx context.Context, db bun.IDB, deals []Deal) error {
	if len(deals) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, 0, len(deals))
	for i := range deals {
		ids = append(ids, deals[i].ID)
		deals[i].OpenedAt, deals[i].UpdatedAt, deals[i].EndedAt = deals[i].OpenedAt.UTC(), deals[i].UpdatedAt.UTC(), inUTC(deals[i].EndedAt)
		deals[i].Parties = []DealParty{}
	}
	var all []DealParty
	if err := db.NewSelect().Model(&all).Where("deal_id IN (?)", bun.List(ids)).OrderExpr("since, vendor_id").Scan(ctx); err != nil {
		return fmt.Errorf("read the parties of deals: %w", err)
	}
	for _, p := range all {
		for i := range deals {
			if deals[i].ID == p.DealID {
				p.Since = p.Since.UTC()
				deals[i].Parties = append(deals[i].Parties, p)
			}
		}
	}
	return nil
}

func selectDeals(ctx context.Context, db bun.IDB, w registry.Window) ([]Deal, error) {
	found := []Deal{}
	s := db.NewSelect().Model(&found)
	if w.Key != "" {
		s.Where("(?TableAlias.opened_at, ?TableAlias.id) < (?::timestamptz, ?::uuid)", w.Key, w.ID)
	}
	if err := s.OrderExpr("?TableAlias.opened_at DESC, ?TableAlias.id DESC").Limit(int64(w.Limit + 1)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list deals: %w", err)
	}
	return found, readParties(ctx, db, found)
}

// readShown reads which parties of a deal were shown data for it: those to whom a share that names it was not denied. Of shares that were pruned
// nobody knows any more: a party of which some were counts as shown.
func readShown(ctx context.Context, db bun.IDB, d *Deal) (shown []uuid.UUID, err error) {
	err = db.NewRaw(`SELECT p.vendor_id FROM deal_parties p WHERE p.deal_id = ?0 AND (
			EXISTS (SELECT FROM log_entry e JOIN entry_detail t ON t.entry_id = e.entry_id
				WHERE e.vendor_id = p.vendor_id AND e.type IN ('share.recorded', 'share.corrected')
				AND fold_text(t.detail::jsonb->>'deal') = fold_text(?1) AND convert_from(e.leaf, 'UTF8')::jsonb->'body'->>'verdict' <> 'denied')
			OR EXISTS (SELECT FROM log_entry e WHERE e.vendor_id = p.vendor_id AND e.type = 'sequence.pruned' AND e.recorded_at >= p.since))
		ORDER BY p.vendor_id`, d.ID, d.Name).Scan(ctx, &shown)
	if err != nil {
		return nil, fmt.Errorf("read who was shown data for a deal: %w", err)
	}
	return shown, nil
}
