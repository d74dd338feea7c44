package registry

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

var ownEngagement = Refuse(Conflict, "An engagement cannot have been brought in under itself.")

// engagementConstraints says what it means when an engagement violates a constraint.
var engagementConstraints = map[string]*Refusal{
	"engagements_vendor_fkey":     Refuse(NotFound, "There is no such vendor."),
	"engagements_engaged_by_fkey": InvalidField("/engaged_by_id", "must be an engagement that exists"),
	"engagements_engaged_by_self": ownEngagement,
	"engagements_external_id_key": Refuse(Conflict, "An engagement with this external id exists already."),
}

func insertEngagement(ctx context.Context, tx bun.Tx, e Engagement) error {
	if _, err := tx.NewInsert().Model(&e).Exec(ctx); err != nil {
		return violated(fmt.Errorf("insert engagement %s: %w", e.ID, err), engagementConstraints)
	}
	return nil
}

func updateEngagement(ctx context.Context, tx bun.Tx, before, after Engagement) error {
	if moved(before.EngagedByID, after.EngagedByID) {
		if err := refuseCircle(ctx, tx, engagedBy, after.ID, *after.EngagedByID); err != nil {
			return err
		}
	}
	if _, err := tx.NewUpdate().Model(&after).WherePK().Exec(ctx); err != nil {
		return violated(fmt.Errorf("update engagement %s: %w", after.ID, err), engagementConstraints)
	}
	return nil
}
