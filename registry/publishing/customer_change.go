package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// CreateCustomer records a customer. It refuses bad fields, among them calendars that do not exist and products and regions that the settings do
// not offer (Invalid), and a name that exists (Conflict). The entry customer.created names nobody.
func (d *Desk) CreateCustomer(ctx context.Context, by audit.Actor, at time.Time, f CustomerFields) (Customer, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Customer{}, err
	}
	at = registry.Instant(at)
	c := Customer{ID: id, Version: 1, CreatedAt: at, UpdatedAt: at, CustomerFields: f}
	_, err = d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := checkCustomer(ctx, tx, &c); err != nil {
			return nil, err
		}
		if err := insertCustomer(ctx, tx, c); err != nil {
			return nil, err
		}
		return registry.Keep(ctx, tx, by, registry.Kept{
			Kind: "customer", Verb: "created", ID: id, Version: 1, After: c, EffectiveAt: at, RecordedAt: at,
		})
	})
	if err != nil {
		return Customer{}, err
	}
	return c, nil
}

// ChangeCustomer applies an RFC 7396 merge patch to the version that the caller saw. It refuses another version (Stale), bad fields (Invalid) and a
// name that exists (Conflict). Periods that run already, of changes that are announced, stay as they are.
func (d *Desk) ChangeCustomer(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, patch []byte) (Customer, error) {
	var after Customer
	_, err := d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		before, err := registry.Newest[Customer](ctx, tx, "customer", id, true)
		if err != nil {
			return nil, err
		}
		before.inUTC()
		if before.Version != version {
			return nil, registry.StaleVersion("customer", version, before.Version)
		}
		after = before
		after.CustomerFields = CustomerFields{}
		if err := registry.Merge(before.CustomerFields, patch, &after.CustomerFields); err != nil {
			return nil, err
		}
		if err := checkCustomer(ctx, tx, &after); err != nil || registry.Same(before, after) {
			return nil, err
		}
		after.Version, after.UpdatedAt = version+1, registry.Later(at, before.UpdatedAt)
		if err := updateCustomer(ctx, tx, after); err != nil {
			return nil, err
		}
		return registry.Keep(ctx, tx, by, registry.Kept{
			Kind: "customer", Verb: "changed", ID: id, Version: after.Version, Before: before, After: after,
			EffectiveAt: after.UpdatedAt, RecordedAt: after.UpdatedAt,
		})
	})
	if err != nil {
		return Customer{}, err
	}
	return after, nil
}

// checkCustomer checks a customer by the settings and calendars, which stay as they are until tx ends.
func checkCustomer(ctx context.Context, tx bun.Tx, c *Customer) error {
	if err := lockSettings(ctx, tx, true); err != nil {
		return err
	}
	s, err := ReadSettings(ctx, tx)
	if err != nil {
		return err
	}
	calendars, err := calendarNames(ctx, tx)
	if err != nil {
		return err
	}
	if err := c.check(s, calendars); err != nil {
		return err
	}
	c.Search = registry.Fold(c.Name + "\n" + c.Contract)
	return nil
}

func (c *Customer) inUTC() { c.CreatedAt, c.UpdatedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC() }
