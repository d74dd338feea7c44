package audit

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/uuid"
)

// headAgrees compares the head with the tree that was built from the leaves.
func (v *verifier) headAgrees(s *snapshot) error {
	at := int64(0)
	edge := v.tree.edge()
	for i, part := range edge {
		if len(s.edge) < (i+1)*len(part.hash) || !bytes.Equal(part.hash[:], s.edge[i*len(part.hash):][:len(part.hash)]) {
			return &Fault{at, fmt.Sprintf("the head has another hash for the %d entries from here", part.size)}
		}
		at += part.size
	}
	root := v.tree.root()
	switch {
	case len(s.edge) != len(edge)*len(root):
		return &Fault{v.size, "the head's edge does not belong to its size"}
	case !bytes.Equal(root[:], s.head.Root):
		return &Fault{v.size, "the head has another root"}
	case v.size > 0 && !s.head.LastAt.Equal(v.lastAt):
		return &Fault{v.size, "the head has another time"}
	case s.head.Origin != v.origin:
		return &Fault{v.size, "the head has another origin"}
	case s.firstIndex < v.kept && s.lastIndex >= 0 || s.lastIndex >= v.size:
		return &Fault{v.size, "there are lines that the head does not count, or that were pruned"}
	}
	return nil
}

// upperTile checks a stored tile above level 0, and that none is missing before it; they come in order of level and number. After
// the last one it is called with nil.
func (v *verifier) upperTile(t *storedTile) error {
	level, n := v.tree.expect()
	switch {
	case level < 0 && t != nil:
		return &Fault{v.size, fmt.Sprintf("there is a tile %d/%d that belongs to no entries", t.level, t.n)}
	case level < 0:
		return nil
	case t == nil || t.level != level || t.n != n:
		return &Fault{n << (tileHeight * (level + 1)), fmt.Sprintf("tile %d/%d is missing", level, n)}
	}
	want := v.tree.tile(level, n)
	if place := differsAt(want, t.hashes); place >= 0 {
		index := (n*tileWidth + int64(place)) << (tileHeight * level)
		return &Fault{index, fmt.Sprintf("tile %d/%d does not belong to its entries", level, n)}
	}
	if !bytes.Equal(t.root, rootOfTile(t.hashes)) {
		return &Fault{n << (tileHeight * (level + 1)), fmt.Sprintf("tile %d/%d does not have its root", level, n)}
	}
	return nil
}

// differsAt is the place of the first hash of a stored tile that is not as it should be; -1 where there is none.
func differsAt(want []digest, stored []byte) int {
	for i, h := range want {
		if len(stored) < (i+1)*len(h) || !bytes.Equal(h[:], stored[i*len(h):][:len(h)]) {
			return i
		}
	}
	return -1
}

// seq checks the counter of a vendor.
func (v *verifier) seq(vendor uuid.UUID, last int64) error {
	want := v.seqs[vendor]
	if last != want {
		return &Fault{v.size, fmt.Sprintf("vendor %s has %d entries and its counter says %d", vendor, want, last)}
	}
	v.told++
	return nil
}

// nothingElse checks that there is nothing beside the log that belongs to no entry.
func (v *verifier) nothingElse(ctx context.Context, s *snapshot) error {
	if v.told != len(v.seqs) {
		return &Fault{v.size, "the counter of a vendor is missing"}
	}
	keys, tiles, err := s.count(ctx)
	if err != nil {
		return err
	}
	if keys != v.size {
		return &Fault{v.size, fmt.Sprintf("there are %d keys for %d entries", keys, v.size)}
	}
	if tiles != v.size/tileWidth {
		return &Fault{v.size, "there are tiles of level 0 that belong to no entries"}
	}
	return nil
}
