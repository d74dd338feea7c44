package proof

import (
	"context"
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// tree reads hashes of the tree that a checkpoint speaks of. Every hash that it returns is proved to be in it: the right edge by the root, a
// full tile by the tile above. It keeps one full tile of each level. It is used by one goroutine at a time.
type tree struct {
	size  int64
	fetch Tiles
	edge  [maxLevel + 2][]tlog.Hash // per level: the hashes of the tile that is not full
	full  [maxLevel + 2]fullTile    // per level: the one read last
}

type fullTile struct {
	n      int64
	hashes []tlog.Hash
}

// openTree reads the right edge of the tree and compares it with the root. It returns a *Fault when they do not agree.
func openTree(ctx context.Context, size int64, root tlog.Hash, fetch Tiles) (*tree, error) {
	t := &tree{size: size, fetch: fetch}
	for level := range levels(size) {
		n := size >> (tileHeight * (level + 1))
		if width := widthAt(size, level, n); width > 0 {
			hashes, err := t.read(ctx, level, n, width)
			if err != nil {
				return nil, err
			}
			t.edge[level] = hashes
		}
	}
	if t.root() != root {
		return nil, &Fault{-1, CheckpointInconsistent, "the hashes at the end of the tree do not make the root that was signed"}
	}
	return t, nil
}

// root folds the edge, from the level of the leaves upwards.
func (t *tree) root() tlog.Hash {
	var rest []tlog.Hash
	for _, edge := range t.edge {
		if hashes := append(append([]tlog.Hash(nil), edge...), rest...); len(hashes) > 0 {
			rest = []tlog.Hash{merkle(hashes)}
		}
	}
	if len(rest) == 0 {
		return sha256.Sum256(nil)
	}
	return rest[0]
}

func (t *tree) read(ctx context.Context, level int, n int64, width int) ([]tlog.Hash, error) {
	data, err := t.fetch(ctx, level, n, width)
	if err != nil {
		return nil, fmt.Errorf("tile %d/%d: %w", level, n, err)
	}
	if len(data) != width*tlog.HashSize {
		return nil, &Fault{firstOf(level, n), Malformed, fmt.Sprintf("tile %d/%d has %d bytes and must have %d", level, n, len(data), width*tlog.HashSize)}
	}
	return unpack(data, make([]tlog.Hash, 0, width)), nil
}

// tile returns the hashes of tile n of a level, which must be in the tree. They may not be changed.
func (t *tree) tile(ctx context.Context, level int, n int64) ([]tlog.Hash, error) {
	if widthAt(t.size, level, n) < tileWidth {
		return t.edge[level], nil
	}
	if t.full[level].hashes != nil && t.full[level].n == n {
		return t.full[level].hashes, nil
	}
	want, err := t.rootOf(ctx, level, n)
	if err != nil {
		return nil, err
	}
	hashes, err := t.read(ctx, level, n, tileWidth)
	if err != nil {
		return nil, err
	}
	if merkle(append([]tlog.Hash(nil), hashes...)) != want {
		return nil, &Fault{firstOf(level, n), HashAltered, fmt.Sprintf("tile %d/%d is not in the tree that was signed", level, n)}
	}
	t.full[level] = fullTile{n, hashes}
	return hashes, nil
}

// rootOf is the hash over full tile n of a level, as the level above has it.
func (t *tree) rootOf(ctx context.Context, level int, n int64) (tlog.Hash, error) {
	above, err := t.tile(ctx, level+1, n/tileWidth)
	if err != nil {
		return tlog.Hash{}, err
	}
	return above[n%tileWidth], nil
}

// leaf is the hash of the leaf at index, which must be below the size.
func (t *tree) leaf(ctx context.Context, index int64) (tlog.Hash, error) {
	hashes, err := t.tile(ctx, 0, index/tileWidth)
	if err != nil {
		return tlog.Hash{}, err
	}
	return hashes[index%tileWidth], nil
}

// rootAt is the root that the first size entries of the tree have.
func (t *tree) rootAt(ctx context.Context, size int64) (tlog.Hash, error) {
	if size == 0 {
		return sha256.Sum256(nil), nil
	}
	return tlog.TreeHash(size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, 0, len(indexes))
		for _, index := range indexes {
			h, err := t.node(ctx, index)
			if err != nil {
				return nil, err
			}
			hashes = append(hashes, h)
		}
		return hashes, nil
	}))
}

// node is a stored hash in the numbering of package tlog.
func (t *tree) node(ctx context.Context, stored int64) (tlog.Hash, error) {
	height, n := tlog.SplitStoredHashIndex(stored)
	level, above := height/tileHeight, height%tileHeight
	first := n << above // of the hashes of the level that it stands for
	hashes, err := t.tile(ctx, level, first/tileWidth)
	if err != nil {
		return tlog.Hash{}, err
	}
	under := hashes[first%tileWidth:][:1<<above]
	return merkle(append([]tlog.Hash(nil), under...)), nil
}

// consistent checks that an earlier checkpoint is of a beginning of this tree.
func (t *tree) consistent(ctx context.Context, earlier Checkpoint) error {
	if earlier.Size > t.size {
		return &Fault{t.size, CheckpointInconsistent, fmt.Sprintf("the previous checkpoint is of %d entries and this one of only %d: the log shrank, or this is the older one",
			earlier.Size, t.size)}
	}
	root, err := t.rootAt(ctx, earlier.Size)
	if err != nil {
		return err
	}
	if root != earlier.Root {
		return &Fault{-1, CheckpointInconsistent, fmt.Sprintf("the first %d entries are not those that the previous checkpoint spoke of: the log was rewritten", earlier.Size)}
	}
	return nil
}

// firstOf is the index of the first leaf under a tile.
func firstOf(level int, n int64) int64 { return n << (tileHeight * (level + 1)) }
