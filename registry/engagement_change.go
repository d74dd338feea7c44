package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// CreateEngagement records what a vendor does for us. Whatever is listed says why; where it does not meet the inclusion test, the refusal explains
// that (P-14), and a reason passes. It refuses a vendor that does not exist (NotFound), bad fields and an unknown engaged_by_id
// (Invalid), and an external id that exists (Conflict).
func (r *Registry) CreateEngagement(ctx context.Context, by audit.Actor, at time.Time, vendor uuid.UUID, f EngagementFields) (Engagement, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Engagement{}, err
	}
	at = instant(at)
	e := Engagement{ID: id, Version: 1, VendorID: vendor, CreatedAt: at, UpdatedAt: at, EngagementFields: f}
	if err := known(ctx, r.db, e.check); err != nil {
		return Engagement{}, explainListing(ctx, r.db, &e, err)
	}
	err = r.create(ctx, by, at, func(ctx context.Context, tx bun.Tx) (revision, error) {
		v := revision{kind: engagementKind, id: id, vendorID: vendor, verb: "created", after: e}
		return v, insertEngagement(ctx, tx, e)
	})
	if err != nil {
		return Engagement{}, err
	}
	return e, nil
}

// ChangeEngagement applies an RFC 7396 merge patch to the version that the caller saw. It refuses another version (Stale), bad fields
// (Invalid), and a circle of engagements (Conflict).
func (r *Registry) ChangeEngagement(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, patch []byte) (Engagement, error) {
	return apply(ctx, r, by, at, engagementChange(id, version, patch))
}

func engagementChange(id uuid.UUID, version int64, patch []byte) change[Engagement] {
	return change[Engagement]{
		kind: engagementKind, verb: "changed", id: id, version: version,
		edit: func(ctx context.Context, tx bun.Tx, e Engagement) (Engagement, error) {
			var f EngagementFields
			if err := Merge(e.EngagementFields, patch, &f); err != nil {
				return e, err
			}
			e.EngagementFields = f
			return e, explainListing(ctx, tx, &e, known(ctx, tx, e.check))
		},
		save: updateEngagement,
	}
}

// Engagement reads an engagement; asOf, when not nil, as it was recorded at that instant. NotFound where there is none, or was none then.
func (r *Registry) Engagement(ctx context.Context, id uuid.UUID, asOf *time.Time) (Engagement, error) {
	if asOf != nil {
		return recordedAt[Engagement](ctx, r.db, engagementKind, id, *asOf)
	}
	return newest[Engagement](ctx, r.db, engagementKind, id, false)
}

// Engagements lists a vendor's engagements in the order of their creation. NotFound where there is no such vendor.
func (r *Registry) Engagements(ctx context.Context, vendor uuid.UUID, limit int, cursor string) (Page[Engagement], error) {
	return listOf[Engagement](ctx, r.db, list{of: vendorKind, id: vendor, name: "engagements", column: "vendor_id"}, limit, cursor)
}

// check tidies and validates the fields, which may name those codes.
func (e *Engagement) check(codes Codes) error {
	tidy(&e.EngagementFields)
	absent(&e.Products)
	absent(&e.Purposes)
	absent(&e.Categories)
	absent(&e.DataStated)
	absent(&e.DataSubjects)
	absent(&e.EarlierChanges)
	absent(&e.Cookies)
	if err := codes.Validate(e.EngagementFields); err != nil {
		return err
	}
	if e.EngagedByID != nil && *e.EngagedByID == e.ID {
		return ownEngagement
	}
	return nil
}

func (e *Engagement) of() (uuid.UUID, int64, time.Time) { return e.VendorID, e.Version, e.UpdatedAt }

func (e *Engagement) created() (time.Time, uuid.UUID) { return e.CreatedAt, e.ID }

func (e *Engagement) advance(version int64, at time.Time) { e.Version, e.UpdatedAt = version, at }
