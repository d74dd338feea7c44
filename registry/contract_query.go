package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Contract reads a contract with its status at now; asOf, when not nil, as it was recorded at that instant, with its status then. NotFound
// where there is none, or was none then.
func (r *Registry) Contract(ctx context.Context, now time.Time, id uuid.UUID, asOf *time.Time) (Contract, error) {
	var (
		c   Contract
		err error
	)
	if asOf == nil {
		c, err = newest[Contract](ctx, r.db, contractKind, id, false)
	} else {
		now = *asOf
		c, err = recordedAt[Contract](ctx, r.db, contractKind, id, now)
	}
	if err != nil {
		return Contract{}, err
	}
	c.Status = c.StatusAt(now)
	return c, nil
}

// Contracts lists a vendor's contracts and amendments in the order of their creation, with their status at now.
func (r *Registry) Contracts(ctx context.Context, now time.Time, vendor uuid.UUID, limit int, cursor string) (Page[Contract], error) {
	return r.contracts(ctx, now, list{of: vendorKind, id: vendor, name: "contracts", column: "vendor_id"}, limit, cursor)
}

// Amendments lists the amendments of a contract in the order of their creation, with their status at now.
func (r *Registry) Amendments(ctx context.Context, now time.Time, contract uuid.UUID, limit int, cursor string) (Page[Contract], error) {
	return r.contracts(ctx, now, list{of: contractKind, id: contract, name: "contracts", column: "amends_id"}, limit, cursor)
}

func (r *Registry) contracts(ctx context.Context, now time.Time, l list, limit int, cursor string) (Page[Contract], error) {
	page, err := listOf[Contract](ctx, r.db, l, limit, cursor)
	if err != nil {
		return page, err
	}
	for i := range page.Items {
		page.Items[i].Status = page.Items[i].StatusAt(now)
	}
	return page, nil
}
