package audit

import (
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/mod/sumdb/tlog"
)

// manySeqs bounds the vendors whose sequences a guess remembers.
const manySeqs = 10_000

// guess is the head as this committer left it, or will have left it when what is on its way has landed, when that is enough to append a
// batch. The server refuses a transaction whose guess was wrong; then nothing of it is written. It saves a round trip, and the lock the time of one.
func (c *Committer) guess(batch []*waiting) *growth {
	if c.crowd {
		return nil
	}
	g := c.last.next(c.now())
	for _, w := range batch {
		if g == nil || !g.knows(w.draft.VendorID) {
			return nil
		}
	}
	return g
}

// mustLook tells whether what n entries complete can only be put together with a look into the database.
func (g *growth) mustLook(n int) bool {
	after := g.edge.size + int64(n)
	return g.edge.size/tileWidth != after/tileWidth && (g.tail == nil || g.edge.size/(tileWidth*tileWidth) != after/(tileWidth*tileWidth))
}

// left is what g leaves behind once it is written: enough to go on from there without asking. It shares what only grows with g, to which
// nothing may be added any more.
func (g *growth) left() *growth {
	l := &growth{origin: g.origin, head: g.head, edge: g.edge, seqs: g.seqs, at: g.at}
	unfinished := int(g.edge.size % tileWidth)
	switch {
	case g.tail != nil:
		l.tail = g.tail[len(g.tail)-unfinished:]
	case len(g.added) >= unfinished:
		l.tail = make([]tlog.Hash, 0, tileWidth)
		for _, a := range g.added[len(g.added)-unfinished:] {
			l.tail = append(l.tail, a.hash)
		}
	}
	return l
}

// next is a guessed growth at now, from what g left; nil where nothing can be guessed. It takes over what it is made from: g is used once.
func (g *growth) next(now time.Time) *growth {
	if g == nil || len(g.seqs) > manySeqs {
		return nil
	}
	n := &growth{
		guessed: true, origin: g.origin, edge: g.edge, head: head{size: g.edge.size, root: g.edge.root(), epoch: g.head.epoch, lastAt: g.at},
		seqs: g.seqs, known: make(map[uuid.UUID]known), tail: g.tail, at: now.UTC().Truncate(time.Microsecond),
	}
	if n.at.Before(n.head.lastAt) {
		n.at = n.head.lastAt
	}
	if !inRange(n.at) {
		return nil
	}
	return n
}

// knows tells whether the last number of a vendor is known.
func (g *growth) knows(vendor uuid.UUID) bool {
	_, known := g.seqs[vendor]
	return known || vendor == uuid.Nil
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

// isStale tells whether the server refused a guess: appendEntries then gives the head no size.
func isStale(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && p.Code == "23502" && p.TableName == "log_head" // not_null_violation
}
