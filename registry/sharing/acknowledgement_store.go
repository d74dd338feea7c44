package sharing

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// insertAcknowledgement tells whether the actor had not acknowledged that version before.
func insertAcknowledgement(ctx context.Context, tx bun.Tx, a Acknowledgement) (bool, error) {
	r, err := tx.NewInsert().Model(&a).On("CONFLICT ON CONSTRAINT acknowledgements_once DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("store an acknowledgement: %w", err)
	}
	n, err := r.RowsAffected()
	return n > 0, err //nolint:wrapcheck // never fails with this driver
}

func readAcknowledgement(ctx context.Context, db bun.IDB, actor uuid.UUID, version string) (a Acknowledgement, err error) {
	if err := db.NewSelect().Model(&a).Where("actor_id = ? AND version = ?", actor, version).Scan(ctx); err != nil {
		return a, fmt.Errorf("read an acknowledgement: %w", err)
	}
	a.At = a.At.UTC()
	return a, nil
}

// acknowledgedVersions are the versions that an actor has acknowledged.
func acknowledgedVersions(ctx context.Context, db bun.IDB, actor uuid.UUID) (versions []string, err error) {
	if err := db.NewRaw(`SELECT version FROM acknowledgements WHERE actor_id = ?`, actor).Scan(ctx, &versions); err != nil {
		return nil, fmt.Errorf("read what an actor acknowledged: %w", err)
	}
	return versions, nil
}

func selectAcknowledgements(ctx context.Context, db bun.IDB, w registry.Window, before time.Time) ([]Acknowledgement, error) {
	found := []Acknowledgement{}
	s := db.NewSelect().Model(&found)
	if !before.IsZero() {
		s.Where("(acknowledged_at, id) < (?, ?)", before, w.ID)
	}
	if err := s.OrderExpr("acknowledged_at DESC, id DESC").Limit(int64(w.Limit + 1)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list acknowledgements: %w", err)
	}
	for i := range found {
		found[i].At = found[i].At.UTC()
	}
	return found, nil
}
