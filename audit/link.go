package audit

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Opening is what opens an entry's commitment, as far as it was not erased.
type Opening struct {
	// Detail is nil when there is none, or none any more.
	Detail *Detail
	// Links are those that the entry still has, by lookup.
	Links []Link
}

// Opening reads what opens an entry's commitment; it is empty where nothing is left, or nothing was.
func (l *Log) Opening(ctx context.Context, db bun.IDB, entry uuid.UUID) (Opening, error) {
	return readOpening(ctx, db, entry)
}

// Linked reads at most limit entries that are findable under a lookup, in the order of their index, those with a greater index than after.
func (l *Log) Linked(ctx context.Context, db bun.IDB, lookup [32]byte, after int64, limit int) ([]Stored, error) {
	return l.readLinked(ctx, db, lookup, after, limit)
}

// EntriesOf reads those of entries that are in the log, in the order of their index.
func (l *Log) EntriesOf(ctx context.Context, db bun.IDB, entries []uuid.UUID) ([]Stored, error) {
	return l.readEntriesOf(ctx, db, entries)
}

// Unlink makes entries unfindable under a lookup, for ever: it deletes the links with their salts, and the lookup itself when no link is
// left. It returns those of the entries that have no link under any lookup now, to whose details nobody else has a claim. It is for the
// inside of a Change that called LockHead first. What it deleted is gone when the Change has committed, and stays in backups.
func (l *Log) Unlink(ctx context.Context, tx bun.Tx, lookup [32]byte, entries []uuid.UUID) (unlinked []uuid.UUID, err error) {
	return unlink(ctx, tx, lookup, entries)
}

// EraseDetails deletes the details of entries with their salts: their commitments never open again, every proof holds.
func (l *Log) EraseDetails(ctx context.Context, tx bun.Tx, entries []uuid.UUID) error {
	return eraseDetails(ctx, tx, entries)
}

// LockHead takes the head's lock before the end of a Change: nothing is appended by others until the Change ends. Whoever deletes links
// needs it first, because the Committer locks links after the head.
func (l *Log) LockHead(ctx context.Context, tx bun.Tx) error { return lockHeadFirst(ctx, tx) }
