package registry

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// ReadExclusives reads the contracts that, in any version or amendment, promised leads to one partner alone: of each vendor that has such, all
// versions of those contracts and of their amendments, oldest first.
func ReadExclusives(ctx context.Context, db bun.IDB) (map[uuid.UUID]Dossier, error) {
	var rows []versionRow
	err := db.NewRaw(`
		WITH promised (id) AS (
			SELECT DISTINCT coalesce(c.amends_id, c.id) FROM contracts c JOIN record_version v ON v.record_id = c.id
			WHERE v.kind = 'contract' AND v.body LIKE '%"exclusive":true%'
		), contract (id) AS (
			SELECT id FROM promised UNION ALL SELECT c.id FROM contracts c JOIN promised p ON c.amends_id = p.id
		)
		SELECT v.vendor_id, v.kind, v.record_id, v.version, v.effective_at, v.recorded_at, v.body
		FROM contract JOIN record_version v ON v.kind = 'contract' AND v.record_id = contract.id
		ORDER BY v.record_id, v.version`).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read exclusive contracts: %w", err)
	}
	of := map[uuid.UUID]Dossier{}
	for _, row := range rows {
		d, ok := of[row.VendorID]
		if !ok {
			d = newDossier()
			of[row.VendorID] = d
		}
		if err := d.add(row); err != nil {
			return nil, err
		}
	}
	return of, nil
}
