package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// MergerFields says that a vendor became a part of another.
type MergerFields struct {
	Into   uuid.UUID  `json:"into" validate:"required"`
	Since  *time.Time `json:"since,omitempty"` // in the world; absent is the instant of the change
	Reason string     `json:"reason" validate:"required,text,max=2000"`
}

// UnmergerFields says that a vendor stands for itself.
type UnmergerFields struct {
	// Since when; absent is the instant of the change. The instant since which it was merged undoes the merger as if it had never been.
	Since  *time.Time `json:"since,omitempty"`
	Reason string     `json:"reason" validate:"required,text,max=2000"`
}

// MergeVendor records that the vendor, of the version that the caller saw, became a part of another. It keeps its name, its id and its
// records; but from then on no share goes to it, the public list shows what it does under the other's name, and reports name both. It
// refuses another version (Stale), bad fields and an unknown vendor to merge into (Invalid), a vendor that is merged already, and to merge
// into itself or into one that is merged (Conflict). UnmergeVendor undoes it.
func (r *Registry) MergeVendor(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, f MergerFields) (Vendor, error) {
	return r.turnVendor(ctx, at, id, func(ctx context.Context, tx bun.Tx) (Vendor, []audit.Entry, error) {
		return mergeVendorIn(ctx, tx, by, at, f.Since, id, version, f)
	})
}

// UnmergeVendor records that a merged vendor, of the version that the caller saw, stands for itself. It refuses another version (Stale), bad
// fields, an instant before the merger (Invalid), and a vendor that is not merged (Conflict).
func (r *Registry) UnmergeVendor(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, f UnmergerFields) (Vendor, error) {
	return r.turnVendor(ctx, at, id, func(ctx context.Context, tx bun.Tx) (Vendor, []audit.Entry, error) {
		return unmergeVendorIn(ctx, tx, by, at, f.Since, id, version, f)
	})
}

// turnVendor changes what a vendor stands for.
func (r *Registry) turnVendor(ctx context.Context, at time.Time, id uuid.UUID, turn func(context.Context, bun.Tx) (Vendor, []audit.Entry, error)) (Vendor, error) {
	var after Vendor
	_, err := r.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) (entries []audit.Entry, err error) {
		if after, entries, err = turn(ctx, tx); err != nil {
			return nil, err
		}
		return entries, r.ask(ctx, tx, Asked{Kind: vendorKind, RecordID: id, VendorID: id, At: after.UpdatedAt})
	})
	if err != nil {
		return Vendor{}, err
	}
	return after, nil
}

// mergeVendorIn is MergeVendor in a transaction; since is since when it holds in the world, nil the change's instant.
func mergeVendorIn(ctx context.Context, tx bun.Tx, by audit.Actor, at time.Time, since *time.Time, id uuid.UUID, version int64, f MergerFields) (Vendor, []audit.Entry, error) {
	if err := checkMerger(&f, f.Since, at); err != nil {
		return Vendor{}, nil, err
	}
	before, v, err := beginTurn(ctx, tx, at, since, id, version, f.Reason)
	if err != nil {
		return Vendor{}, nil, err
	}
	into, err := heir(ctx, tx, before, f.Into)
	if err != nil {
		return Vendor{}, nil, err
	}
	after := before
	after.MergedIntoID, after.MergedSince = &f.Into, &v.effectiveAt
	v.verb = "merged"
	v.more = audit.Object{"merger": audit.Object{
		"into": f.Into.String(), "into_name": into.Name, "since": v.effectiveAt.Format(time.RFC3339Nano),
	}}
	return v.endTurn(ctx, tx, by, before, after)
}

// unmergeVendorIn is UnmergeVendor in a transaction.
func unmergeVendorIn(ctx context.Context, tx bun.Tx, by audit.Actor, at time.Time, since *time.Time, id uuid.UUID, version int64, f UnmergerFields) (Vendor, []audit.Entry, error) {
	if err := checkMerger(&f, f.Since, at); err != nil {
		return Vendor{}, nil, err
	}
	before, v, err := beginTurn(ctx, tx, at, since, id, version, f.Reason)
	switch {
	case err != nil:
		return Vendor{}, nil, err
	case before.MergedIntoID == nil:
		return Vendor{}, nil, Refuse(Conflict, "The vendor is not merged into another.")
	case v.effectiveAt.Before(*before.MergedSince):
		return Vendor{}, nil, InvalidField("/since", "must not be before the merger, %s", before.MergedSince.UTC().Format(time.RFC3339Nano))
	}
	after := before
	after.MergedIntoID, after.MergedSince = nil, nil
	v.verb = "unmerged"
	v.more = audit.Object{"merger": audit.Object{"from": before.MergedIntoID.String(), "since": v.effectiveAt.Format(time.RFC3339Nano)}}
	return v.endTurn(ctx, tx, by, before, after)
}

// beginTurn locks the vendor that the caller saw, and begins its next version.
func beginTurn(ctx context.Context, tx bun.Tx, at time.Time, since *time.Time, id uuid.UUID, version int64, reason string) (Vendor, revision, error) {
	before, err := newest[Vendor](ctx, tx, vendorKind, id, true)
	if err != nil {
		return before, revision{}, err
	}
	if before.Version != version && version != anyVersion {
		return before, revision{}, stale(vendorKind, version, before.Version)
	}
	v := revision{kind: vendorKind, id: id, version: before.Version + 1, vendorID: id, vendorName: before.Name, before: before, reason: reason}
	v.recordedAt = later(at, before.UpdatedAt)
	v.effectiveAt = v.recordedAt
	if since != nil {
		v.effectiveAt = instant(*since)
	}
	return before, v, nil
}

// endTurn writes the version.
func (v revision) endTurn(ctx context.Context, tx bun.Tx, by audit.Actor, before, after Vendor) (Vendor, []audit.Entry, error) {
	after.Version, after.UpdatedAt = v.version, v.recordedAt
	v.after = after
	if err := updateVendor(ctx, tx, before, after); err != nil {
		return after, nil, err
	}
	entries, err := v.write(ctx, tx, by)
	return after, entries, err
}

// checkMerger refuses bad fields and an instant that has not come.
func checkMerger(f any, since *time.Time, at time.Time) error {
	tidy(f)
	if err := Validate(f); err != nil {
		return err
	}
	switch {
	case since == nil:
		return nil
	case since.After(at):
		return InvalidField("/since", "must not be in the future")
	case since.UTC().Year() < 1900:
		return InvalidField("/since", "must not be before the year 1900")
	default:
		return nil
	}
}

// heir is the vendor that v can be merged into. No other merger begins before the transaction ends.
func heir(ctx context.Context, tx bun.Tx, v Vendor, into uuid.UUID) (Vendor, error) {
	switch {
	case v.MergedIntoID != nil:
		return Vendor{}, Refuse(Conflict, "The vendor is merged already, into %s.", *v.MergedIntoID)
	case into == v.ID:
		return Vendor{}, Refuse(Conflict, "A vendor cannot be merged into itself.")
	}
	if err := refuseCircle(ctx, tx, mergers, v.ID, into); err != nil {
		return Vendor{}, err
	}
	found, err := vendorsOf(ctx, tx, []uuid.UUID{into})
	switch {
	case err != nil:
		return Vendor{}, err
	case len(found) == 0:
		return Vendor{}, InvalidField("/into", "must be a vendor that exists")
	case found[0].MergedIntoID != nil:
		return Vendor{}, Refuse(Conflict, "That vendor is itself merged, into %s: name that one.", *found[0].MergedIntoID)
	}
	return found[0], nil
}
