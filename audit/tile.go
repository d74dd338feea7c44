package audit

import (
	"context"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Tile reads the first width hashes, 32 bytes each, of tile n of a level (C2SP tlog-tiles): of level 0 they are leaf hashes, above they
// are the roots of the full tiles below. It serves every width from 1 to 256 that the log's newest size has, also of a tile that has
// been completed since. ErrNotFound where the tree has no such hashes. What should be there and
// is not is a *Fault.
//
// A full tile is one row. The right edge is not stored: it is put together from the leaf hashes of at most 255 lines, or the roots
// of at most 255 tiles. Either way it is one round trip.
func (l *Log) Tile(ctx context.Context, level int, n int64, width int) ([]byte, error) {
	if !within(maxSize, level, n, width) {
		return nil, ErrNotFound
	}
	size, tiles, err := l.readTiles(ctx, []tileSlice{{level, n, width}})
	if err != nil {
		return nil, err
	}
	if !within(size, level, n, width) {
		return nil, ErrNotFound
	}
	hashes, ok := tiles[tileAt{level, n}]
	if !ok || len(hashes) < width*tlog.HashSize {
		return nil, missingIn(level, n)
	}
	return hashes[:width*tlog.HashSize], nil
}

// EntryBundle reads the leaves of the first width entries of tile n of level 0 as C2SP tlog-tiles bundles them: each after its length as
// a big-endian uint16. ErrNotFound beyond the log, of which ErrPruned is where
// some of the leaves were pruned. It holds at most 256 leaves, 16 MiB, in memory.
func (l *Log) EntryBundle(ctx context.Context, n int64, width int) ([]byte, error) {
	if !within(maxSize, 0, n, width) {
		return nil, ErrNotFound
	}
	size, leaves, err := l.readLeaves(ctx, n*tileWidth, n*tileWidth+int64(width))
	if err != nil {
		return nil, err
	}
	if !within(size, 0, n, width) {
		return nil, ErrNotFound
	}
	if len(leaves) != width {
		kept, err := l.readKept(ctx)
		if err != nil {
			return nil, err
		}
		if n*tileWidth < kept {
			return nil, ErrPruned
		}
		return nil, &Fault{n * tileWidth, fmt.Sprintf("of %d lines from there on, %d are there", width, len(leaves))}
	}
	var bundle []byte
	for _, leaf := range leaves {
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(leaf))) //nolint:gosec // a leaf has at most 65,535 bytes: a rule of the table
		bundle = append(bundle, leaf...)
	}
	return bundle, nil
}

// maxSize is more entries than a log can have; beyond it, numbers of hashes would not fit in 64 bits.
const maxSize = 1 << 55

// tileAt is the place of a tile.
type tileAt struct {
	level int
	n     int64
}

// tileSlice is the first width hashes of a tile.
type tileSlice struct {
	level int
	n     int64
	width int
}

// Covers tells whether a log of size entries has the first width hashes of tile n of a level, for 1 ≤ width ≤ 256.
func Covers(size int64, level int, n int64, width int) bool {
	return size <= maxSize && within(size, level, n, width)
}

func within(size int64, level int, n int64, width int) bool {
	if size < 0 || level < 0 || level > 63 || n < 0 || n >= maxSize/tileWidth || width < 1 || width > tileWidth {
		return false
	}
	return n*tileWidth+int64(width) <= size>>(tileHeight*level)
}

// missingIn is the fault of a tile that lacks hashes which the log's size says it has.
func missingIn(level int, n int64) error {
	return &Fault{n << (tileHeight * (level + 1)), fmt.Sprintf("hashes of tile %d/%d are missing", level, n)}
}
