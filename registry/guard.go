package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Asked is a change of a record that has been written and not yet committed: one version, the newest of that record.
type Asked struct {
	Kind     string // vendor, engagement or location
	RecordID uuid.UUID
	VendorID uuid.UUID
	At       time.Time // when it was recorded
}

// Guard is asked before a change of what may be public commits. Its error undoes the change and is returned as it is.
type Guard func(ctx context.Context, tx bun.Tx, a Asked) error

// Guarded is the registry whose changes g is asked about: all of vendors, engagements and locations, save that data no longer goes to a
// vendor, which never waits. Steps are not asked about: see Take.
func (r *Registry) Guarded(g Guard) *Registry {
	guarded := *r
	guarded.guard = g
	return &guarded
}

func (r *Registry) ask(ctx context.Context, tx bun.Tx, a Asked) error {
	if r.guard == nil || a.Kind != vendorKind && a.Kind != engagementKind && a.Kind != locationKind {
		return nil
	}
	return r.guard(ctx, tx, a)
}
