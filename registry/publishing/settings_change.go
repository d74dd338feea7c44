package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// records is the namespace of the id under which settings are kept.
var records = uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:onward:publishing"))

func settingsID() uuid.UUID { return uuid.NewSHA1(records, []byte("setting")) }

// ChangeSettings replaces the version of the settings that the caller saw. It refuses another version (Stale), bad fields and calendars that do not
// exist (Invalid), and to offer no more what a customer uses (Conflict). Periods that run already stay as they are.
func (d *Desk) ChangeSettings(ctx context.Context, by audit.Actor, at time.Time, version int64, f SettingsFields) (Settings, error) {
	var after Settings
	_, err := d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := lockSettings(ctx, tx, false); err != nil {
			return nil, err
		}
		before, err := ReadSettings(ctx, tx)
		if err != nil {
			return nil, err
		}
		if before.Version != version {
			return nil, registry.StaleVersion("setting", version, before.Version)
		}
		after = before
		after.SettingsFields = f
		calendars, err := calendarNames(ctx, tx)
		if err != nil {
			return nil, err
		}
		if err := after.check(calendars); err != nil || registry.Same(before, after) {
			return nil, err
		}
		customers, err := ReadCustomers(ctx, tx)
		if err != nil {
			return nil, err
		}
		if err := after.serve(customers); err != nil {
			return nil, err
		}
		after.Version, after.UpdatedAt = version+1, registry.Later(at, before.UpdatedAt)
		if err := writeSettings(ctx, tx, before, after); err != nil {
			return nil, err
		}
		return registry.Keep(ctx, tx, by, registry.Kept{
			Kind: "setting", Verb: "changed", ID: settingsID(), Version: after.Version, Before: before, After: after,
			EffectiveAt: after.UpdatedAt, RecordedAt: after.UpdatedAt,
		})
	})
	if err != nil {
		return Settings{}, err
	}
	return after, nil
}

// serve refuses (Conflict) settings that do not offer what a customer uses.
func (s Settings) serve(customers []Customer) error {
	for _, c := range customers {
		bad := append(offered("product", c.Products, s.Products), offered("region", c.Regions, s.Regions)...)
		if len(bad) > 0 {
			return registry.Refuse(registry.Conflict, "The customer %s uses a product or region that these settings do not offer; change the customer first.", c.Name)
		}
	}
	return nil
}

// Settings reads the settings.
func (d *Desk) Settings(ctx context.Context) (Settings, error) { return ReadSettings(ctx, d.db) }
