package audit

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// Pending is an entry on its way through the Committer.
type Pending struct {
	Entry Entry
	// Epoch is the epoch whose facts the entry was judged by.
	Epoch int64
	// Revise judges again: it is called under the head's lock, inside the transaction, when the epoch has moved since.
	Revise func(ctx context.Context, tx bun.Tx, epoch int64) (Entry, error)
	// Then, where set, writes what belongs to the entry, inside the transaction. It is not called for a replayed entry.
	Then func(ctx context.Context, tx bun.Tx, entry Entry, r Receipt) error
}

// Committer appends entries in groups: it commits what is waiting as soon as the last commit has returned.
type Committer struct{}

// NewCommitter starts a committer with room for queue waiting entries and at most batch entries in a transaction; now is the
// clock of recorded_at. Close ends it.
func (l *Log) NewCommitter(queue, batch int, now func() time.Time) *Committer { panic("unbuilt") }

// Append returns when the entry is durable, or was already: then the receipt is the first one's, with Replayed set. ErrReused,
// ErrBusy and ErrUnavailable mean that nothing was written; an unknown outcome of a commit is looked up, never retried blindly.
// When ctx ends before the outcome is known, the entry may still be written.
func (c *Committer) Append(ctx context.Context, p Pending) (Receipt, error) { panic("unbuilt") }

// Close refuses new entries, commits what is waiting, and returns when all is done.
func (c *Committer) Close(ctx context.Context) error { panic("unbuilt") }
