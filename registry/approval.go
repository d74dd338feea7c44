package registry

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// Approval is that somebody approved a version of an engagement. It counts for that version and no other: who changes what a vendor does for
// us asks anew. How many people must have approved, the policy says for each kind of vendor and each ground (P-18); whoever approved the
// vendor is one of them.
type Approval struct {
	bun.BaseModel `bun:"table:approvals" json:"-"`

	ID                uuid.UUID `bun:"id,pk,type:uuid" json:"id"` // and of the entry engagement.approved
	VendorID          uuid.UUID `bun:"vendor_id,type:uuid" json:"vendor_id"`
	EngagementID      uuid.UUID `bun:"engagement_id,type:uuid" json:"engagement_id"`
	EngagementVersion int64     `bun:"engagement_version" json:"engagement_version"`
	ApprovedBy        uuid.UUID `bun:"approved_by,type:uuid" json:"approved_by"`
	CreatedAt         time.Time `bun:"created_at" json:"created_at"`
}

// ApproveEngagement records that by approves the version of an engagement that it saw, by an entry engagement.approved about the vendor. The very
// next share is judged by it. It refuses an engagement that does not exist (NotFound), another version than the newest (Stale), everybody but
// approvers and admins, and whoever wrote that version (Forbidden), and who approved it already (Conflict).
func (r *Registry) ApproveEngagement(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64) (Approval, error) {
	approval, err := uuid.NewV7()
	if err != nil {
		return Approval{}, err
	}
	at = instant(at)
	a := Approval{ID: approval, EngagementID: id, EngagementVersion: version, ApprovedBy: by.ID, CreatedAt: at}
	_, err = r.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		e, err := newest[Engagement](ctx, tx, engagementKind, id, true)
		if err != nil {
			return nil, err
		}
		if e.Version != version {
			return nil, stale(engagementKind, version, e.Version)
		}
		author, err := versionActor(ctx, tx, engagementKind, id, version)
		if err != nil {
			return nil, err
		}
		if err := approvable(by, author); err != nil {
			return nil, err
		}
		a.VendorID = e.VendorID
		name, err := vendorName(ctx, tx, e.VendorID)
		if err != nil {
			return nil, err
		}
		return []audit.Entry{{
			ID: a.ID, Type: "engagement.approved", Actor: by, OccurredAt: at, VendorID: e.VendorID,
			Body: audit.Object{
				"record": audit.Object{"kind": engagementKind, "id": id.String()}, "version": strconv.FormatInt(version, 10), "vendor_name": name,
			},
		}}, insertApproval(ctx, tx, a)
	})
	if err != nil {
		return Approval{}, err
	}
	return a, nil
}

// approvable refuses an actor who may not approve what author wrote.
func approvable(by audit.Actor, author uuid.UUID) error {
	switch {
	case by.Role != "approver" && by.Role != "admin":
		return Refuse(Forbidden, "Only an approver or an admin approves an engagement.")
	case by.ID == author:
		return Refuse(Forbidden, "Whoever wrote this version of the engagement does not approve it: somebody else must.")
	default:
		return nil
	}
}

// Approvals lists the approvals of all versions of an engagement, oldest first. NotFound where there is no such engagement.
func (r *Registry) Approvals(ctx context.Context, engagement uuid.UUID, limit int, cursor string) (Page[Approval], error) {
	return listOf[Approval](ctx, r.db, list{of: engagementKind, id: engagement, name: "approvals", column: "engagement_id"}, limit, cursor)
}

func (a *Approval) created() (time.Time, uuid.UUID) { return a.CreatedAt, a.ID }
