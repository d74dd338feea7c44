package audit

import (
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
