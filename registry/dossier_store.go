package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// ReadDossier reads the dossier of one vendor; NotFound where there is none. db may be a transaction.
func ReadDossier(ctx context.Context, db bun.IDB, vendor uuid.UUID) (Dossier, error) {
	var rows []versionRow
	// kind is hidden from the planner: without fresh statistics it would read the primary key of every vendor's records beside the few of this one.
	err := db.NewRaw(`
		SELECT kind, record_id, version, actor_id, effective_at, recorded_at, body
		FROM record_version WHERE vendor_id = ?0 AND kind || '' IN ('vendor', 'engagement', 'location', 'contract')
		UNION ALL SELECT 'approval', id, 1, approved_by, created_at, created_at, to_json(approvals)::text FROM approvals WHERE vendor_id = ?0
		ORDER BY kind, record_id, version`, vendor).Scan(ctx, &rows)
	if err != nil {
		return Dossier{}, fmt.Errorf("read the dossier of vendor %s: %w", vendor, err)
	}
	d := newDossier()
	for _, row := range rows {
		if err := d.add(row); err != nil {
			return Dossier{}, err
		}
	}
	if len(d.Vendor) == 0 {
		return Dossier{}, noSuch(vendorKind, vendor)
	}
	if slices.ContainsFunc(d.Vendor, func(v Recorded[Vendor]) bool { return v.Value.MergedIntoID != nil }) {
		if d.Lineage, err = ReadLineage(ctx, db); err != nil {
			return Dossier{}, err
		}
	}
	return d, nil
}

// ReadDossiers reads those of all vendors as one statement sees them, calling each in the order of vendor id; memory holds one at a time. It
// returns the first error of each. While it runs, a transaction that is db can do nothing else.
func ReadDossiers(ctx context.Context, db bun.IDB, each func(uuid.UUID, Dossier) error) error {
	return ReadDossiersFrom(ctx, db, uuid.Nil, each)
}

// ReadDossiersFrom is ReadDossiers from the vendor with that id on.
func ReadDossiersFrom(ctx context.Context, db bun.IDB, first uuid.UUID, each func(uuid.UUID, Dossier) error) (err error) {
	lineage, err := ReadLineage(ctx, db)
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, `
		SELECT vendor_id, kind, record_id, version, actor_id, effective_at, recorded_at, body
		FROM record_version WHERE vendor_id >= ?0 AND kind IN ('vendor', 'engagement', 'location', 'contract')
		UNION ALL SELECT vendor_id, 'approval', id, 1, approved_by, created_at, created_at, to_json(approvals)::text FROM approvals WHERE vendor_id >= ?0
		ORDER BY vendor_id, kind, record_id, version`, first)
	if err != nil {
		return fmt.Errorf("read the dossiers: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var (
		vendor uuid.UUID
		d      Dossier
	)
	for rows.Next() {
		var row versionRow
		if err := rows.Scan(&row.VendorID, &row.Kind, &row.RecordID, &row.Version, &row.ActorID, &row.EffectiveAt, &row.RecordedAt, &row.Body); err != nil {
			return fmt.Errorf("read the dossiers: %w", err)
		}
		if row.VendorID != vendor {
			if err := d.give(vendor, each); err != nil {
				return err
			}
			vendor, d = row.VendorID, newDossier()
			d.Lineage = lineage
		}
		if err := d.add(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the dossiers: %w", err)
	}
	return d.give(vendor, each)
}

// give hands a dossier on, if there is one.
func (d Dossier) give(vendor uuid.UUID, each func(uuid.UUID, Dossier) error) error {
	if len(d.Vendor) == 0 {
		return nil
	}
	return each(vendor, d)
}
