package registry

import (
	"context"
	stdjson "encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// vendorsOf reads those of the vendors that exist, in no order.
func vendorsOf(ctx context.Context, db bun.IDB, ids []uuid.UUID) ([]Vendor, error) {
	var found []Vendor
	if err := db.NewSelect().Model(&found).Where("?TableAlias.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read vendors: %w", err)
	}
	return found, nil
}

// Lineage is who became a part of whom: of every vendor that was ever merged, and of those that it was merged into, all versions, oldest first.
type Lineage map[uuid.UUID][]Recorded[Vendor]

// ReadLineage reads the lineage; it is empty where no vendor was ever merged.
func ReadLineage(ctx context.Context, db bun.IDB) (Lineage, error) {
	var rows []versionRow
	err := db.NewRaw(`
		WITH RECURSIVE turned (id) AS (
			SELECT DISTINCT record_id FROM record_version WHERE kind = 'vendor' AND '/merged_into_id' = ANY (changed)
		), kin (id) AS (
			SELECT id FROM turned
			UNION SELECT (v.body::jsonb ->> 'merged_into_id')::uuid FROM record_version v JOIN turned t ON v.record_id = t.id
				WHERE v.kind = 'vendor' AND v.body LIKE '%"merged_into_id":"%'
		)
		SELECT record_id, effective_at, recorded_at, body FROM record_version
		WHERE kind = 'vendor' AND record_id IN (SELECT id FROM kin WHERE id IS NOT NULL) ORDER BY record_id, version`).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read which vendors were merged: %w", err)
	}
	l := Lineage{}
	for _, row := range rows {
		v := Recorded[Vendor]{EffectiveAt: row.EffectiveAt, RecordedAt: row.RecordedAt}
		if err := stdjson.Unmarshal([]byte(row.Body), &v.Value); err != nil {
			return nil, fmt.Errorf("read a version of vendor %s: %w", row.RecordID, err)
		}
		l[row.RecordID] = append(l[row.RecordID], v)
	}
	return l, nil
}

// Standing is the vendor that another is now: itself, or what it became a part of.
type Standing struct {
	ID   uuid.UUID `bun:"id"`
	Name string    `bun:"name"`
}

// ReadStandings reads of all vendors, by id, who they are now.
func ReadStandings(ctx context.Context, db bun.IDB) (map[uuid.UUID]Standing, error) {
	var rows []struct {
		Of uuid.UUID `bun:"of"`
		Standing
	}
	err := db.NewRaw(`
		WITH RECURSIVE up (of, id) AS (
			SELECT id, id FROM vendors
			UNION ALL SELECT up.of, v.merged_into_id FROM up JOIN vendors v ON v.id = up.id WHERE v.merged_into_id IS NOT NULL
		)
		SELECT up.of, v.id, v.name FROM up JOIN vendors v ON v.id = up.id WHERE v.merged_into_id IS NULL`).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read who vendors are now: %w", err)
	}
	standings := make(map[uuid.UUID]Standing, len(rows))
	for _, row := range rows {
		standings[row.Of] = row.Standing
	}
	return standings, nil
}

// ReadMerged reads the ids of the vendors that are now a part of this one, directly or not.
func ReadMerged(ctx context.Context, db bun.IDB, into uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := db.NewRaw(`
		WITH RECURSIVE down (id) AS (
			SELECT id FROM vendors WHERE merged_into_id = ?
			UNION SELECT v.id FROM vendors v JOIN down ON v.merged_into_id = down.id
		) SELECT id FROM down ORDER BY id`, into).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("read who was merged into vendor %s: %w", into, err)
	}
	return ids, nil
}
