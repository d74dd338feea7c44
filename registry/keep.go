package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// Kept is a version of a record of another room, such as a customer: kept and committed to as the registry's own are.
type Kept struct {
	Kind     string // customer, change or objection
	Verb     string // the entry's type is kind.verb
	ID       uuid.UUID
	Version  int64     // counts from 1
	VendorID uuid.UUID // uuid.Nil of a customer, which belongs to no vendor
	Before   any       // nil for the first version
	After    any
	// EffectiveAt is since when it holds in the world, RecordedAt when it was written down.
	EffectiveAt, RecordedAt time.Time
	Reason                  string
	More                    audit.Object // what the entry's body says besides: codes, ids and dates, no personal data
}

// Keep writes the version into tx, which is that of a Change, and returns the entry that tells of it: codes, ids, the names of the fields that
// changed, and a salted commitment to the whole.
func Keep(ctx context.Context, tx bun.Tx, by audit.Actor, k Kept) ([]audit.Entry, error) {
	v := revision{
		kind: k.Kind, id: k.ID, version: k.Version, vendorID: k.VendorID, verb: k.Verb, before: k.Before, after: k.After,
		effectiveAt: instant(k.EffectiveAt), recordedAt: instant(k.RecordedAt), reason: k.Reason, more: k.More,
	}
	if k.VendorID == uuid.Nil {
		return v.write(ctx, tx, by)
	}
	return add(ctx, tx, by, v)
}
