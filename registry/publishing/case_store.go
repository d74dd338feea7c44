package publishing

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// ReadCases reads the case of each customer that a change reaches, in the order of their names; NotFound where there is no such change.
func ReadCases(ctx context.Context, db bun.IDB, change uuid.UUID) ([]Case, error) {
	c, err := readContested(ctx, db, change)
	if err != nil {
		return nil, err
	}
	zone, err := registry.ZoneOf(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("the zone of change %s: %w", change, err)
	}
	var reaches []ChangeCustomer
	if err := db.NewSelect().Model(&reaches).Where("change_id = ?", change).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read whom change %s reaches: %w", change, err)
	}
	customers, err := ReadCustomers(ctx, db)
	if err != nil {
		return nil, err
	}
	objections, err := ReadObjections(ctx, db, change, nil)
	if err != nil {
		return nil, err
	}
	reach := make(map[uuid.UUID]ChangeCustomer, len(reaches))
	for _, r := range reaches {
		reach[r.CustomerID] = r
	}
	said := map[uuid.UUID][]Objection{}
	for _, o := range objections {
		said[o.CustomerID] = append(said[o.CustomerID], o)
	}
	var all []Case
	for _, customer := range customers {
		if r, reached := reach[customer.ID]; reached {
			all = append(all, Case{
				EffectiveOn: c.EffectiveOn, Zone: zone, Emergency: c.Emergency, Customer: customer, Reach: r, Objections: said[customer.ID],
			})
		}
	}
	return all, nil
}
