package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// CreateLocation records where an engagement happens. It refuses an engagement that does not exist (NotFound) and bad fields (Invalid).
func (r *Registry) CreateLocation(ctx context.Context, by audit.Actor, at time.Time, engagement uuid.UUID, f LocationFields) (Location, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Location{}, err
	}
	at = instant(at)
	l := Location{ID: id, Version: 1, EngagementID: engagement, CreatedAt: at, UpdatedAt: at, LocationFields: f}
	if err := l.check(); err != nil {
		return Location{}, err
	}
	err = r.create(ctx, by, at, func(ctx context.Context, tx bun.Tx) (revision, error) {
		e, err := newest[Engagement](ctx, tx, engagementKind, engagement, false) // its vendor never changes
		if err != nil {
			return revision{}, err
		}
		l.VendorID = e.VendorID
		return revision{kind: locationKind, id: id, vendorID: l.VendorID, verb: "created", after: l}, insertLocation(ctx, tx, l)
	})
	if err != nil {
		return Location{}, err
	}
	return l, nil
}

// ChangeLocation applies an RFC 7396 merge patch to the version that the caller saw. It refuses another version (Stale) and bad fields
// (Invalid).
func (r *Registry) ChangeLocation(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, patch []byte) (Location, error) {
	return apply(ctx, r, by, at, locationChange(id, version, patch))
}

func locationChange(id uuid.UUID, version int64, patch []byte) change[Location] {
	return change[Location]{
		kind: locationKind, verb: "changed", id: id, version: version,
		edit: func(_ context.Context, _ bun.Tx, l Location) (Location, error) {
			var f LocationFields
			if err := Merge(l.LocationFields, patch, &f); err != nil {
				return l, err
			}
			l.LocationFields = f
			return l, l.check()
		},
		save: updateLocation,
	}
}

// Location reads a location; asOf, when not nil, as it was recorded at that instant. NotFound where there is none, or was none then.
func (r *Registry) Location(ctx context.Context, id uuid.UUID, asOf *time.Time) (Location, error) {
	if asOf != nil {
		return recordedAt[Location](ctx, r.db, locationKind, id, *asOf)
	}
	return newest[Location](ctx, r.db, locationKind, id, false)
}

// Locations lists an engagement's locations in the order of their creation. NotFound where there is no such engagement.
func (r *Registry) Locations(ctx context.Context, engagement uuid.UUID, limit int, cursor string) (Page[Location], error) {
	return listOf[Location](ctx, r.db, list{of: engagementKind, id: engagement, name: "locations", column: "engagement_id"}, limit, cursor)
}

// check tidies and validates the fields.
func (l *Location) check() error {
	tidy(&l.LocationFields)
	absent(&l.Uses)
	return Validate(l.LocationFields)
}

func (l *Location) of() (uuid.UUID, int64, time.Time) { return l.VendorID, l.Version, l.UpdatedAt }

func (l *Location) created() (time.Time, uuid.UUID) { return l.CreatedAt, l.ID }

func (l *Location) advance(version int64, at time.Time) { l.Version, l.UpdatedAt = version, at }
