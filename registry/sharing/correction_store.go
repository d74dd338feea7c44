package sharing

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"onward/registry"
)

// correctionRow says that an entry corrects a share.
type correctionRow struct {
	bun.BaseModel `bun:"table:share_correction"`

	ShareID    uuid.UUID `bun:"share_id,type:uuid"`
	Number     int64     `bun:"number"`
	ShareIndex int64     `bun:"share_idx"`
	EntryID    uuid.UUID `bun:"entry_id,type:uuid"`
	Index      int64     `bun:"idx"`
}

// insertCorrection refuses (Conflict) a correction whose number another has taken.
func insertCorrection(ctx context.Context, tx bun.Tx, row correctionRow) error {
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	var p *pgconn.PgError
	if errors.As(err, &p) && p.ConstraintName == "share_correction_pkey" {
		return registry.Refuse(registry.Conflict, "The share was corrected meanwhile. Read it and decide anew.")
	}
	if err != nil {
		return fmt.Errorf("store a correction of share %s: %w", row.ShareID, err)
	}
	return nil
}

// readCorrections reads the corrections of a share, oldest first.
func readCorrections(ctx context.Context, db bun.IDB, share uuid.UUID) ([]correctionRow, error) {
	var rows []correctionRow
	if err := db.NewSelect().Model(&rows).Where("share_id = ?", share).Order("number").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the corrections of share %s: %w", share, err)
	}
	return rows, nil
}

// correctedBy reads the newest correction before an index of each share from first to last, by the share's index.
func correctedBy(ctx context.Context, db bun.IDB, first, last, before int64) (map[int64]uuid.UUID, error) {
	var rows []correctionRow
	err := db.NewSelect().Model(&rows).ColumnExpr("DISTINCT ON (share_idx) share_idx, entry_id").
		Where("share_idx BETWEEN ? AND ?", first, last).Where("idx < ?", before).OrderExpr("share_idx, number DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read corrections: %w", err)
	}
	found := make(map[int64]uuid.UUID, len(rows))
	for _, r := range rows {
		found[r.ShareIndex] = r.EntryID
	}
	return found, nil
}

// newestCorrections reads the newest correction of each of shares.
func newestCorrections(ctx context.Context, db bun.IDB, shares []uuid.UUID) ([]correctionRow, error) {
	if len(shares) == 0 {
		return nil, nil
	}
	var rows []correctionRow
	err := db.NewSelect().Model(&rows).ColumnExpr("DISTINCT ON (share_id) share_id, entry_id").
		Where("share_id IN (?)", bun.List(shares)).OrderExpr("share_id, number DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read corrections: %w", err)
	}
	return rows, nil
}

// correctionsOf reads the entries of all corrections of shares.
func correctionsOf(ctx context.Context, db bun.IDB, shares []uuid.UUID) (entries []uuid.UUID, err error) {
	for ; len(shares) > 0; shares = shares[min(linkedPage, len(shares)):] {
		var part []uuid.UUID
		err := db.NewRaw(`SELECT entry_id FROM share_correction WHERE share_id IN (?)`, bun.List(shares[:min(linkedPage, len(shares))])).Scan(ctx, &part)
		if err != nil {
			return nil, fmt.Errorf("read corrections: %w", err)
		}
		entries = append(entries, part...)
	}
	return entries, nil
}

// anyCorrection tells whether there is a correction at all.
func anyCorrection(ctx context.Context, db bun.IDB) (found bool, err error) {
	if err := db.NewRaw(`SELECT EXISTS (SELECT FROM share_correction)`).Scan(ctx, &found); err != nil {
		return false, fmt.Errorf("look for corrections: %w", err)
	}
	return found, nil
}
