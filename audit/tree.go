package audit

import (
	"crypto/sha256"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// edge is the right edge of a tree: the hashes of the complete subtrees that its size is made of, largest first.
type edge struct {
	size   int64
	hashes []tlog.Hash
}

// newEdge reads an edge as log_head keeps it.
func newEdge(size int64, packed []byte) (*edge, error) {
	if size < 0 || len(packed) != bits.OnesCount64(uint64(size))*sha256.Size {
		return nil, fmt.Errorf("an edge of %d bytes does not belong to %d entries", len(packed), size)
	}
	e := &edge{size: size, hashes: make([]tlog.Hash, 0, 64)}
	for ; len(packed) > 0; packed = packed[sha256.Size:] {
		e.hashes = append(e.hashes, tlog.Hash(packed[:sha256.Size]))
	}
	return e, nil
}

// push appends a leaf.
func (e *edge) push(leaf tlog.Hash) {
	h := leaf
	for n := e.size; n&1 == 1; n >>= 1 {
		last := len(e.hashes) - 1
		h = tlog.NodeHash(e.hashes[last], h)
		e.hashes = e.hashes[:last]
	}
	e.hashes = append(e.hashes, h)
	e.size++
}

// root folds the edge into the RFC 6962 root; of an empty tree it is the hash of nothing.
func (e *edge) root() tlog.Hash {
	if len(e.hashes) == 0 {
		return sha256.Sum256(nil)
	}
	h := e.hashes[len(e.hashes)-1]
	for i := len(e.hashes) - 2; i >= 0; i-- {
		h = tlog.NodeHash(e.hashes[i], h)
	}
	return h
}

// pack writes the edge as log_head keeps it.
func (e *edge) pack() []byte {
	b := make([]byte, 0, len(e.hashes)*sha256.Size)
	for _, h := range e.hashes {
		b = append(b, h[:]...)
	}
	return b
}

// tile is a completed tile: 256 hashes of one level, and their root, which is the tile's hash in the tile above.
type tile struct {
	level  int
	n      int64
	hashes []byte
	root   tlog.Hash
}

func newTile(level int, n int64, hashes []tlog.Hash) tile {
	t := tile{level: level, n: n, hashes: make([]byte, 0, len(hashes)*sha256.Size)}
	for _, h := range hashes {
		t.hashes = append(t.hashes, h[:]...)
	}
	t.root = rootOf(hashes)
	return t
}

// rootOf is the root over a power of two of hashes.
func rootOf(hashes []tlog.Hash) tlog.Hash {
	layer := append([]tlog.Hash(nil), hashes...)
	for len(layer) > 1 {
		for i := range len(layer) / 2 {
			layer[i] = tlog.NodeHash(layer[2*i], layer[2*i+1])
		}
		layer = layer[:len(layer)/2]
	}
	return layer[0]
}
