package audit

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Reading reads the database as it was at one moment, and cannot write. It is for one goroutine at a time.
type Reading struct{ t *transaction }

// Range selects entries by what stands in columns; zero fields select all, but for From and Until.
type Range struct {
	From, Until int64 // indices: from From on, below Until
	Types       []string
	VendorID    uuid.UUID
	// RecordedFrom and RecordedUntil leave out whole months that are outside; entries of the months at the ends are not judged by them.
	RecordedFrom, RecordedUntil time.Time
}

// Read runs f on the database as it is now: what others commit while f runs is not seen.
func (l *Log) Read(ctx context.Context, f func(ctx context.Context, r *Reading) error) error {
	return l.read(ctx, f)
}

// Tx is the transaction that everything is read in; what is read through it is of the same moment.
func (r *Reading) Tx() bun.Tx { return r.t.tx }

// Leaves calls each with at most limit leaves of q in the order of their index, and returns how many there were. A leaf's bytes are lent
// until each returns. Memory does not grow with limit.
func (r *Reading) Leaves(ctx context.Context, q Range, limit int, each func(index int64, leaf []byte)) (int, error) {
	return r.leaves(ctx, q, limit, each)
}

// Pruned finds the entry that tells of what was pruned: of the log, or where vendor is not uuid.Nil, of the numbers of that vendor before the
// first that is left. The index is -1 where nothing was pruned of it.
func (r *Reading) Pruned(ctx context.Context, vendor uuid.UUID) (index int64, leaf []byte, err error) {
	return r.pruned(ctx, vendor)
}

// Around finds the neighbours of a period of recording among the entries below the index until, of one vendor or of all: the index of the
// last entry that was recorded before from, and of the first that was not recorded before to. Each is -1 where there is none, or its instant
// is zero.
func (r *Reading) Around(ctx context.Context, vendor uuid.UUID, until int64, from, to time.Time) (before, after int64, err error) {
	return r.around(ctx, vendor, until, from, to)
}
