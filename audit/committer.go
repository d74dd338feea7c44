package audit

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
)

// Pending is an entry on its way through the Committer.
type Pending struct {
	Entry Entry
	// Epoch is the epoch whose facts the entry was judged by.
	Epoch int64
	// Revise judges again: it is called under the head's lock, inside the transaction, when the epoch has moved since. The entry that
	// it returns keeps its id, and the links are the pending entry's. It must not lock rows that a Change locks: a Change takes the head's lock last. It may be called
	// more than once.
	Revise func(ctx context.Context, tx bun.Tx, epoch int64) (Entry, error)
	// Then, where set, writes what belongs to the entry, inside the transaction. It is not called for a replayed entry. In tx the
	// entry's place is certain, but its line is written after Then. It may be called more than once; all but the last are undone.
	Then func(ctx context.Context, tx bun.Tx, entry Entry, r Receipt) error
}

// Committer appends entries in groups: it commits what is waiting as soon as the last commit has returned, or, of a crowd, one half while the
// other is on its way. Who comes alone commits his own entry, on the committer's connection. Any number of committers, in any number of processes, may append to one log. Its methods can be called from many goroutines.
type Committer struct {
	log   *Log
	batch int
	now   func() time.Time
	queue chan *waiting
	done  chan struct{}

	mu     sync.RWMutex
	closed bool

	unanswered atomic.Int64 // entries that were submitted

	// What follows belongs to whoever has the lane, or to run while there is none.
	idle  chan *lane     // a lane that is lent to who comes alone
	back  chan []*flight // the lent lane comes back to run, with the flights that were lost on it
	last  *growth        // what this committer sent last; nil where it is not known to be the log's end
	crowd bool           // others write too: lately, somebody else's entries came after last
	alone int            // at so many looks in a row nobody else's did
	pace  pace
}

// waiting is a pending entry in the queue.
type waiting struct {
	Pending
	draft      *draft
	answer     chan answer
	unanswered *atomic.Int64
}

// tell answers whoever waits. It is called once.
func (w *waiting) tell(a answer) {
	w.unanswered.Add(-1)
	w.answer <- a
}

type answer struct {
	receipt Receipt
	err     error
}

// NewCommitter starts a committer with room for queue waiting entries and at most batch entries in a transaction; now is the
// clock of recorded_at. Close ends it.
func (l *Log) NewCommitter(queue, batch int, now func() time.Time) *Committer {
	c := l.newCommitter(queue, batch, now)
	go c.run()
	return c
}

func (l *Log) newCommitter(queue, batch int, now func() time.Time) *Committer {
	return &Committer{
		log: l, batch: max(batch, 1), now: now, queue: make(chan *waiting, max(queue, 1)), done: make(chan struct{}),
		idle: make(chan *lane, 1), back: make(chan []*flight, 1),
	}
}

// Append returns when the entry is durable, or was already: then the receipt is the first one's, with Replayed set. ErrReused,
// ErrBusy, ErrFrozen and ErrUnavailable mean that nothing was written; an unknown outcome of a commit is looked up, never retried blindly.
// Where the database cannot even be asked, ErrUnavailable means that nothing is known to be written; to ask again with the same id
// is always safe. An error of Revise or Then is returned as it is, and then nothing was written. When ctx ends before the outcome
// is known, the entry may still be written.
func (c *Committer) Append(ctx context.Context, p Pending) (Receipt, error) {
	q, err := c.SubmitUrgently(p) //nolint:contextcheck // what is on its way goes on when ctx ends
	if err != nil {
		return Receipt{}, err
	}
	return q.Wait(ctx)
}

// Submit puts an entry into the queue and returns at once; ErrBusy when the queue is full. Entries of one caller are appended in the
// order in which they were submitted.
func (c *Committer) Submit(p Pending) (*Submitted, error) { return c.submit(p, c.enqueue) }

// SubmitUrgently is Submit for who does nothing but wait then: it may return only when the outcome is known, or after 20 milliseconds.
func (c *Committer) SubmitUrgently(p Pending) (*Submitted, error) {
	return c.submit(p, func(w *waiting) error {
		if c.lead(w) {
			return nil
		}
		return c.enqueue(w)
	})
}

func (c *Committer) enqueue(w *waiting) error {
	select {
	case c.queue <- w:
		return nil
	default:
		return ErrBusy
	}
}

// SubmitPatiently is Submit that waits for room in the queue, until ctx ends.
func (c *Committer) SubmitPatiently(ctx context.Context, p Pending) (*Submitted, error) {
	return c.submit(p, func(w *waiting) error {
		select {
		case c.queue <- w:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("append: %w", context.Cause(ctx))
		}
	})
}

func (c *Committer) submit(p Pending, enqueue func(*waiting) error) (*Submitted, error) {
	d, err := newDraft(c.log.origin, p.Entry)
	if err != nil {
		return nil, err
	}
	w := &waiting{Pending: p, draft: d, answer: make(chan answer, 1), unanswered: &c.unanswered}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return nil, fmt.Errorf("%w: the committer is closed", ErrUnavailable)
	}
	c.unanswered.Add(1)
	if err := enqueue(w); err != nil {
		c.unanswered.Add(-1)
		return nil, err
	}
	return &Submitted{w}, nil
}

// Submitted is an entry in the queue.
type Submitted struct{ w *waiting }

// Done tells whether Wait would return at once.
func (s *Submitted) Done() bool { return len(s.w.answer) > 0 }

// Wait returns what Append promises. It is called once.
func (s *Submitted) Wait(ctx context.Context) (Receipt, error) {
	select {
	case a := <-s.w.answer:
		return a.receipt, a.err
	case <-ctx.Done():
		return Receipt{}, fmt.Errorf("append: %w", context.Cause(ctx))
	}
}

// Close refuses new entries, commits what is waiting, and returns when all is done. When ctx ends before, the rest goes on without
// being waited for.
func (c *Committer) Close(ctx context.Context) error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.queue)
	}
	c.mu.Unlock()
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the committer: %w", context.Cause(ctx))
	}
}
