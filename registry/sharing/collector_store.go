package sharing

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// readCollectors leaves out whoever never was active: nobody was authorised yet.
func readCollectors(ctx context.Context, db bun.IDB, now time.Time) ([]Collector, error) {
	all := []Collector{}
	err := db.NewRaw(`
		SELECT v.id AS vendor_id, v.name, e.id AS engagement_id, e.service, e.purposes, e.categories, e.starts_on, e.ends_on
		FROM engagements e JOIN vendors v ON v.id = e.vendor_id
		WHERE e.collection_mode = 'direct' AND (e.starts_on IS NULL OR e.starts_on <= (?::timestamptz AT TIME ZONE 'UTC')::date)
			AND EXISTS (SELECT FROM record_version r WHERE r.kind = 'vendor' AND r.record_id = v.id AND r.effective_at <= ? AND r.body::json ->> 'state' = 'active')
		ORDER BY lower(v.name), v.id, e.created_at, e.id`, now, now).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("read who collects directly: %w", err)
	}
	return all, nil
}
