package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// change is a change of one record of the kinds that have no states: what ChangeEngagement, ChangeLocation and ChangeContract share.
type change[T any] struct {
	kind    string
	verb    string
	id      uuid.UUID
	version int64 // that the caller saw
	// edit makes the changed record of the newest one, checked and tidied, with everything but what advance sets.
	edit func(context.Context, bun.Tx, T) (T, error)
	// save writes it.
	save func(ctx context.Context, tx bun.Tx, before, after T) error
	more audit.Object
	// since is since when it holds in the world; zero is the change's instant.
	since time.Time
}

// versioned is what change needs of a pointer to a record.
type versioned[T any] interface {
	*T
	of() (vendor uuid.UUID, version int64, updated time.Time)
	advance(version int64, at time.Time)
}

// apply loads and locks the newest version, edits and writes it, and returns it; a change that changes nothing writes nothing.
func apply[T any, P versioned[T]](ctx context.Context, r *Registry, by audit.Actor, at time.Time, c change[T]) (T, error) {
	var after T
	_, err := r.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) (entries []audit.Entry, err error) {
		if after, entries, err = applyIn[T, P](ctx, tx, by, at, c); err != nil || len(entries) == 0 {
			return nil, err
		}
		vendor, _, updated := P(&after).of()
		return entries, r.ask(ctx, tx, Asked{Kind: c.kind, RecordID: c.id, VendorID: vendor, At: updated})
	})
	if err != nil {
		var none T
		return none, err
	}
	return after, nil
}

// applyIn is apply in a transaction.
func applyIn[T any, P versioned[T]](ctx context.Context, tx bun.Tx, by audit.Actor, at time.Time, c change[T]) (after T, entries []audit.Entry, err error) {
	before, err := newest[T](ctx, tx, c.kind, c.id, true)
	if err != nil {
		return after, nil, err
	}
	vendor, version, updated := P(&before).of()
	if version != c.version && c.version != anyVersion {
		return after, nil, stale(c.kind, c.version, version)
	}
	if after, err = c.edit(ctx, tx, before); err != nil || sameJSON(before, after) {
		return after, nil, err
	}
	at = later(at, updated)
	P(&after).advance(version+1, at)
	if err := c.save(ctx, tx, before, after); err != nil {
		return after, nil, err
	}
	since := at
	if !c.since.IsZero() {
		since = instant(c.since)
	}
	entries, err = add(ctx, tx, by, revision{
		kind: c.kind, id: c.id, version: version + 1, vendorID: vendor, verb: c.verb, before: before, after: after,
		effectiveAt: since, recordedAt: at, more: c.more,
	})
	return after, entries, err
}

// create keeps the first version of the record that insert inserts and returns.
func (r *Registry) create(ctx context.Context, by audit.Actor, at time.Time, insert func(ctx context.Context, tx bun.Tx) (revision, error)) error {
	_, err := r.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		v, err := insert(ctx, tx)
		if err != nil {
			return nil, err
		}
		v.version, v.effectiveAt, v.recordedAt = 1, at, at
		entries, err := add(ctx, tx, by, v)
		if err != nil {
			return nil, err
		}
		return entries, r.ask(ctx, tx, Asked{Kind: v.kind, RecordID: v.id, VendorID: v.vendorID, At: at})
	})
	return err
}

// add keeps a version under its vendor's name.
func add(ctx context.Context, tx bun.Tx, by audit.Actor, v revision) ([]audit.Entry, error) {
	var err error
	if v.vendorName, err = vendorName(ctx, tx, v.vendorID); err != nil {
		return nil, err
	}
	return v.write(ctx, tx, by)
}
