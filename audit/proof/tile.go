package proof

import (
	"context"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	maxLevel   = 63 / tileHeight
)

// Tiles reads the first width hashes, 32 bytes each, of a tile of C2SP tlog-tiles: 1 ≤ width ≤ 256.
type Tiles func(ctx context.Context, level int, n int64, width int) ([]byte, error)

// TilePath is where C2SP tlog-tiles puts a hash tile: tile/<level>/<n>[.p/<width>].
func TilePath(level int, n int64, width int) string {
	return "tile/" + strconv.Itoa(level) + "/" + tileName(n, width)
}

// EntriesPath is where C2SP tlog-tiles puts an entry bundle: tile/entries/<n>[.p/<width>].
func EntriesPath(n int64, width int) string {
	return "tile/entries/" + tileName(n, width)
}

// tileName is n in groups of three digits, all but the last after an x, and the width when it is not full.
func tileName(n int64, width int) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if width < tileWidth {
		name += ".p/" + strconv.Itoa(width)
	}
	return name
}

// ParseTilePath is the reverse of TilePath.
func ParseTilePath(path string) (level int, n int64, width int, ok bool) {
	rest, isTile := strings.CutPrefix(path, "tile/")
	levelText, rest, hasName := strings.Cut(rest, "/")
	level, err := strconv.Atoi(levelText)
	if !isTile || !hasName || err != nil || level < 0 || level > maxLevel {
		return 0, 0, 0, false
	}
	name, widthText, partial := strings.Cut(rest, ".p/")
	width = tileWidth
	if partial {
		if width, err = strconv.Atoi(widthText); err != nil || width < 1 || width >= tileWidth {
			return 0, 0, 0, false
		}
	}
	for part := range strings.SplitSeq(name, "/") {
		digits := strings.TrimPrefix(part, "x")
		group, err := strconv.ParseUint(digits, 10, 10)
		if err != nil || len(digits) != 3 || n > maxSize/1000 {
			return 0, 0, 0, false
		}
		n = n*1000 + int64(group)
	}
	return level, n, width, TilePath(level, n, width) == path
}

// widthAt is how many hashes tile n of a level has in a tree of size entries; 0 when it has none.
func widthAt(size int64, level int, n int64) int {
	if level > maxLevel || n < 0 {
		return 0
	}
	return int(min(max((size>>(tileHeight*level))-n*tileWidth, 0), tileWidth))
}

// merkle is RFC 6962 2.1 over hashes that stand for whole subtrees of one size, the last of which may be smaller. It overwrites hashes.
func merkle(hashes []tlog.Hash) tlog.Hash {
	for len(hashes) > 1 {
		half := hashes[:0]
		for i := 0; i < len(hashes)-1; i += 2 {
			half = append(half, tlog.NodeHash(hashes[i], hashes[i+1]))
		}
		if len(hashes)%2 == 1 {
			half = append(half, hashes[len(hashes)-1])
		}
		hashes = half
	}
	return hashes[0]
}

// unpack reads the hashes of a tile.
func unpack(data []byte, into []tlog.Hash) []tlog.Hash {
	for ; len(data) >= tlog.HashSize; data = data[tlog.HashSize:] {
		into = append(into, tlog.Hash(data[:tlog.HashSize]))
	}
	return into
}

// levels is how many levels of tiles a tree of size entries has.
func levels(size int64) int {
	return (bits.Len64(uint64(size)) + tileHeight - 1) / tileHeight //nolint:gosec // never negative
}
