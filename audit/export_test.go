package audit

import (
	"bytes"
	"context"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Edge lets tests compare the tree with another implementation, without a database.
type Edge struct{ edge }

// Push appends a leaf hash.
func (e *Edge) Push(leaf tlog.Hash) { e.push(leaf) }

// Root is the root over all leaves pushed.
func (e *Edge) Root() tlog.Hash { return e.root() }

// Leaf is the leaf that the entry has when it is recorded at that time under that number.
func Leaf(origin string, e Entry, recordedAt time.Time, seq int64) ([]byte, error) {
	d, err := newDraft(origin, e)
	if err != nil {
		return nil, err
	}
	d.seal(recordedAt, seq)
	return d.leaf, nil
}

// Pack is the edge as log_head keeps it.
func (e *Edge) Pack() []byte { return e.pack() }

// TilesRead counts, level by level, the tiles that are read for a proof.
func TilesRead(prove func(tlog.HashReader) error) (map[int]int, error) {
	count := make(map[int]int)
	err := prove(tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		_, slices := slicesFor(indexes)
		for _, s := range slices {
			count[s.level]++
		}
		return make([]tlog.Hash, len(indexes)), nil
	}))
	return count, err
}

// ErrBrokenOff is what a publication that was made to break off returns.
var ErrBrokenOff = errors.New("broken off")

// BreakAt makes p break off before a step, as when the process dies there.
func (p *Publisher) BreakAt(step string) {
	p.step = func(s string) error {
		if s == step {
			return ErrBrokenOff
		}
		return nil
	}
}

// Copied is what a copy says.
type Copied struct {
	Whole int64 // bytes of whole records
	Size  int64
	Fault string
}

// ReadCopy reads a copy that is in memory.
func ReadCopy(origin string, keys *Keys, text []byte) Copied {
	s := newCopyState(origin)
	rest := text
	for {
		n, record, _ := splitRecords(rest, true)
		if n == 0 {
			return Copied{s.end, s.size, s.fault}
		}
		s.take(bytes.Clone(record), keys)
		rest = rest[n:]
	}
}

// Signed is a checkpoint of any size and root.
func Signed(origin string, keys *Keys, size int64, root tlog.Hash) []byte {
	signed, err := keys.sign(checkpointText(origin, size, root))
	if err != nil {
		panic(err)
	}
	return signed
}

// Cosign asks the first witness once.
func (p *Publisher) Cosign(ctx context.Context) error {
	return p.cosign(ctx, &p.options.Witnesses[0])
}

// NewPartingCommitter is NewCommitter that appends a crowd in parts, whatever that takes.
func (l *Log) NewPartingCommitter(queue, batch int, now func() time.Time) *Committer {
	c := l.newCommitter(queue, batch, now)
	c.pace.parted = true
	go c.run()
	return c
}

// AppendColumn writes a slice as the binary form of a PostgreSQL array.
func AppendColumn(slice any) ([]byte, bool) { return appendColumn(nil, slice) }

// Share is how many of those who wait are sent behind others that are on their way, where each of the last hundred transactions took so long
// for so many entries.
func Share(waiting, flights, flying, lately int, took time.Duration) int {
	p := new(pace)
	for range 100 {
		p.learn(lately, took)
	}
	return p.share(waiting, flights, flying)
}

// Lend runs f with a committer whose queue nobody serves, while it lends a lane on which first was appended alone. lent tells whether the lane is
// to be had; back waits until it comes back, and tells how many flights are on their way on it and how many were lost.
func (l *Log) Lend(first Pending, now func() time.Time, f func(c *Committer, lent func() bool, back func() (flying, lost int))) error {
	c := l.newCommitter(8, 8, now)
	err := errors.New("no lane")
	l.onLane(func(l *lane) {
		_, err = c.submit(first, func(w *waiting) error {
			_, _ = c.launch(l, []*waiting{w}, 1)
			for _, f := range c.landNext(l) {
				return f.err
			}
			return nil
		})
		if err != nil {
			return
		}
		c.idle <- l
		f(c, func() bool { return len(c.idle) == 1 }, func() (int, int) {
			lost := <-c.back
			return len(l.air), len(lost)
		})
		for len(l.air) > 0 {
			c.landNext(l)
		}
	})
	return err
}

// AppendInstant is an instant as it stands in a leaf.
func AppendInstant(t time.Time) string { return string(appendInstant(nil, t)) }
