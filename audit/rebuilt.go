package audit

import (
	"crypto/sha256"
	"math/bits"
)

// digest is a hash as Verify computes it: from RFC 6962 alone, so that nothing is shared with what appends.
type digest [sha256.Size]byte

func leafHash(leaf []byte) digest {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(leaf)
	return digest(h.Sum(nil))
}

// merkleHash is RFC 6962 2.1 over hashes that stand for whole subtrees, the last of which may be smaller.
func merkleHash(hashes []digest) digest {
	switch n := len(hashes); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return hashes[0]
	default:
		split := 1 << (bits.Len(uint(n-1)) - 1) // the largest power of two below n
		left, right := merkleHash(hashes[:split]), merkleHash(hashes[split:])
		return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
	}
}

// rebuilt builds the tree from its leaves, in layers of tiles.
type rebuilt struct {
	layers []rebuiltLayer
	level  int // of the upper tile that is expected next
	n      int64
}

type rebuiltLayer struct {
	open []digest // of the tile that is not complete yet
	all  []digest // of level 1 and above: every hash, to compare stored tiles with
}

func (r *rebuilt) push(level int, h digest) {
	if level == len(r.layers) {
		r.layers = append(r.layers, rebuiltLayer{})
	}
	y := &r.layers[level]
	if level > 0 {
		y.all = append(y.all, h)
	}
	if y.open = append(y.open, h); len(y.open) == tileWidth {
		root := merkleHash(y.open)
		y.open = y.open[:0]
		r.push(level+1, root)
	}
}

func (r *rebuilt) root() digest {
	var rest []digest
	for _, y := range r.layers {
		if hashes := append(append([]digest(nil), y.open...), rest...); len(hashes) > 0 {
			rest = []digest{merkleHash(hashes)}
		}
	}
	return merkleHash(rest)
}

// part is a complete subtree of the edge.
type part struct {
	hash digest
	size int64
}

func (r *rebuilt) edge() []part {
	var parts []part
	for level := len(r.layers) - 1; level >= 0; level-- {
		open := r.layers[level].open
		for k := tileWidth / 2; k > 0; k /= 2 {
			if len(open) >= k {
				parts = append(parts, part{merkleHash(open[:k]), int64(k) << (tileHeight * level)})
				open = open[k:]
			}
		}
	}
	return parts
}

// expect names the upper tile that must come next, in order of level and number, and moves on; level is -1 after the last.
func (r *rebuilt) expect() (level int, n int64) {
	r.level = max(r.level, 1)
	for ; r.level < len(r.layers); r.level, r.n = r.level+1, 0 {
		if r.n < int64(len(r.layers[r.level].all)/tileWidth) {
			r.n++
			return r.level, r.n - 1
		}
	}
	return -1, 0
}

// tile is what a completed tile above level 0 must hold.
func (r *rebuilt) tile(level int, n int64) []digest {
	return r.layers[level].all[n*tileWidth:][:tileWidth]
}

// rootOfTile is the root over the hashes of a stored tile; nil where they are not 256.
func rootOfTile(packed []byte) []byte {
	if len(packed) != tileWidth*sha256.Size {
		return nil
	}
	hashes := make([]digest, 0, tileWidth)
	for ; len(packed) > 0; packed = packed[sha256.Size:] {
		hashes = append(hashes, digest(packed[:sha256.Size]))
	}
	root := merkleHash(hashes)
	return root[:]
}
