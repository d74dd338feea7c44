package audit

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"
)

// What a log costs. An entry has a line, a key, and its share of the tiles: 32 bytes in level 0 and 256 times less in each level above, together
// 32 × 256/255 ≈ 32.13 bytes of hashes. With leaves of 711 bytes, measured in PostgreSQL 15 over 40,000 lines and 10,000 tiles, indexes and
// all included, and multiplied:
//
//	                an entry         10 million      a billion
//	log_tile         34.1 bytes          341 MB          34 GB   (of which hashes: 32.13 bytes)
//	log_entry         986 bytes          9.9 GB         986 GB   (of which indexes: 74 bytes)
//	log_entry_key     143 bytes          1.4 GB         143 GB   (of which the index: 41 bytes)
//
// A tree of a billion entries has four levels of tiles (256³ < 10⁹ < 256⁴). A proof of inclusion in it has at most 30 hashes, made from at
// most seven tiles, 56 KiB: in each level the one above the entry and the one of the right edge, which in the topmost are the same. It
// is one statement and one round trip, whatever the size.

// Inclusion proves that the entry at index is in the tree of the log's first size entries (RFC 6962, section 2.1.1). ErrNotFound
// where the log has no such size, or the size no such index.
//
// It is one round trip. Of each level of tiles it reads at most two: the one above the entry and the one of the right edge.
func (l *Log) Inclusion(ctx context.Context, index, size int64) (tlog.RecordProof, error) {
	if index < 0 || index >= size || size > maxSize {
		return nil, ErrNotFound
	}
	r := &treeReader{log: l, size: size}
	proof, err := tlog.ProveRecord(size, index, r.in(ctx))
	if err != nil {
		return nil, err
	}
	return proof, r.hasSize(ctx)
}

// Consistency proves that the tree of the log's first size entries begins with that of its first from entries (RFC 6962, section
// 2.1.2). From zero entries the proof is empty. ErrNotFound where the log has no such size, or from is more than size.
func (l *Log) Consistency(ctx context.Context, from, size int64) (tlog.TreeProof, error) {
	if from < 0 || from > size || size > maxSize {
		return nil, ErrNotFound
	}
	r := &treeReader{log: l, size: size}
	if from == 0 {
		return tlog.TreeProof{}, r.hasSize(ctx)
	}
	proof, err := tlog.ProveTree(size, from, r.in(ctx))
	if err != nil {
		return nil, err
	}
	return proof, r.hasSize(ctx)
}

// Root is the RFC 6962 root of the log's first size entries; ErrNotFound where it has no such size. It reads the tiles of the right edge.
func (l *Log) Root(ctx context.Context, size int64) (tlog.Hash, error) {
	if size < 0 || size > maxSize {
		return tlog.Hash{}, ErrNotFound
	}
	r := &treeReader{log: l, size: size}
	if size == 0 {
		return new(edge).root(), r.hasSize(ctx)
	}
	return tlog.TreeHash(size, r.in(ctx))
}

// treeReader reads hashes of the tree of a log's first size entries.
type treeReader struct {
	log   *Log
	size  int64
	asked bool // the log was seen to have that size
}

// hasSize is ErrNotFound where the log does not have that size.
func (r *treeReader) hasSize(ctx context.Context) error {
	if r.asked {
		return nil
	}
	_, err := r.read(ctx, nil)
	return err
}

func (r *treeReader) read(ctx context.Context, slices []tileSlice) (map[tileAt][]byte, error) {
	size, tiles, err := r.log.readTiles(ctx, slices)
	if err != nil {
		return nil, err
	}
	if r.size > size {
		return nil, ErrNotFound
	}
	r.asked = true
	return tiles, nil
}

// in reads what one proof needs at once.
func (r *treeReader) in(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		at, slices := slicesFor(indexes)
		tiles, err := r.read(ctx, slices)
		if err != nil {
			return nil, err
		}
		hashes := make([]tlog.Hash, 0, len(indexes))
		for i, index := range indexes {
			t := at[i]
			packed := tiles[tileAt{t.L, t.N}]
			if len(packed) < t.W*tlog.HashSize {
				return nil, missingIn(t.L, t.N)
			}
			h, err := tlog.HashFromTile(t, packed, index)
			if err != nil {
				return nil, err
			}
			hashes = append(hashes, h)
		}
		return hashes, nil
	})
}

// slicesFor are the tiles that the hashes of indexes are in, and what must be read for that: of each tile the most that one needs.
func slicesFor(indexes []int64) ([]tlog.Tile, []tileSlice) {
	at := make([]tlog.Tile, 0, len(indexes))
	var slices []tileSlice
	place := make(map[tileAt]int)
	for _, index := range indexes {
		t := tlog.TileForIndex(tileHeight, index)
		at = append(at, t)
		key := tileAt{t.L, t.N}
		i, known := place[key]
		if !known {
			i = len(slices)
			place[key] = i
			slices = append(slices, tileSlice{t.L, t.N, 0})
		}
		slices[i].width = max(slices[i].width, t.W)
	}
	return at, slices
}
