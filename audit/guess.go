package audit

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

// manySeqs bounds the vendors whose sequences a guess remembers.
const manySeqs = 10_000

// errStale means that the head was guessed wrong: nothing was written, and it must be read.
var errStale = errors.New("the head is another")

// guess is the head as this committer left it, when that is enough to append a batch: the last number of each vendor is known. The server
// refuses a transaction whose guess was wrong; then nothing of it is written. It saves a round trip, and the lock the time of one. The
// guess takes over what it is made from: it is used once.
func (c *Committer) guess(batch []*waiting) *growth {
	last := c.last
	if last == nil || len(last.seqs) > manySeqs {
		return nil
	}
	for _, w := range batch {
		if _, known := last.seqs[w.draft.VendorID]; !known && w.draft.VendorID != uuid.Nil {
			return nil
		}
	}
	g := &growth{
		guessed: true, origin: last.origin, edge: last.edge,
		head: head{size: last.edge.size, epoch: last.head.epoch, lastAt: last.at},
		seqs: last.seqs, known: make(map[uuid.UUID]known, len(batch)),
		at: c.now().UTC().Truncate(time.Microsecond),
	}
	if g.at.Before(g.head.lastAt) {
		g.at = g.head.lastAt
	}
	if !inRange(g.at) {
		return nil
	}
	return g
}

// remember adds the sequences that the committer knows from before, where nobody else has written since, to those that were read.
func (g *growth) remember(before *growth) {
	if g.head.size != before.edge.size || len(before.seqs) > manySeqs {
		return
	}
	for vendor, last := range g.seqs {
		before.seqs[vendor] = last
	}
	g.seqs = before.seqs
}

// isStale tells whether the server refused a guess.
func isStale(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && p.Code == "OL001"
}

// wasNotWritten tells whether a transaction whose connection was lost is known to have written nothing: perhaps it was dead before. Then
// the batch can be tried again.
func (f *flight) wasNotWritten(ctx context.Context) bool {
	drafts := make([]*draft, 0, len(f.batch))
	for _, w := range f.batch {
		drafts = append(drafts, w.draft)
	}
	known, _, err := f.log.lookUp(context.WithoutCancel(ctx), drafts)
	return err == nil && len(known) == 0
}
