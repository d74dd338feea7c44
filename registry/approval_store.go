package registry

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

var approvalConstraints = map[string]*Refusal{
	"approvals_once": Refuse(Conflict, "You have approved this version of the engagement, and all that goes with it, already."),
}

func insertApproval(ctx context.Context, tx bun.Tx, a Approval) error {
	if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
		return violated(fmt.Errorf("insert an approval of engagement %s: %w", a.EngagementID, err), approvalConstraints)
	}
	return nil
}

// versionActor is who wrote a version, which is there.
func versionActor(ctx context.Context, db bun.IDB, kind string, id uuid.UUID, version int64) (actor uuid.UUID, err error) {
	err = db.NewRaw(`SELECT actor_id FROM record_version WHERE kind = ? AND record_id = ? AND version = ?`, kind, id, version).Scan(ctx, &actor)
	if err != nil {
		return uuid.Nil, fmt.Errorf("read who wrote version %d of %s %s: %w", version, kind, id, err)
	}
	return actor, nil
}

// readSeen reads which versions of its locations and of the vendor's contracts stand beside an engagement.
func readSeen(ctx context.Context, tx bun.Tx, e Engagement) (seen []Seen, err error) {
	err = tx.NewRaw(`SELECT 'contract' AS kind, id, version FROM contracts WHERE vendor_id = ?
		UNION ALL SELECT 'location', id, version FROM locations WHERE engagement_id = ? ORDER BY kind, id`, e.VendorID, e.ID).Scan(ctx, &seen)
	if err != nil {
		return nil, fmt.Errorf("read what is approved with engagement %s: %w", e.ID, err)
	}
	return seen, nil
}
