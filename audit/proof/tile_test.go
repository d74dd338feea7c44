package proof_test

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"onward/audit/proof"
)

func TestTilePaths(t *testing.T) {
	t.Parallel()
	for path, is := range map[string][3]int64{
		"tile/0/000":               {0, 0, 256},
		"tile/0/000.p/1":           {0, 0, 1},
		"tile/3/x001/x234/067.p/9": {3, 1234067, 9},
		"tile/7/999":               {7, 999, 256},
	} {
		level, n, width, ok := proof.ParseTilePath(path)
		if !ok || int64(level) != is[0] || n != is[1] || int64(width) != is[2] || proof.TilePath(level, n, width) != path {
			t.Errorf("%s is read as %d %d %d %v", path, level, n, width, ok)
		}
	}
	for _, path := range []string{
		"", "tile/0/", "tile/0/1", "tile/0/0001", "tile/00/001", "tile/8/000", "tile/-1/000", "tile/0/x001/02", "tile/0/001/002", "tile/0/x000/001",
		"tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/+01", "tile/entries/000", "tile/0/x999/x999/x999/x999/x999/x999/999",
	} {
		if _, _, _, ok := proof.ParseTilePath(path); ok {
			t.Errorf("%q was read", path)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		level, n, width := rapid.IntRange(0, 7).Draw(r, "level"), rapid.Int64Range(0, 1<<50).Draw(r, "n"), rapid.IntRange(1, 256).Draw(r, "width")
		path := proof.TilePath(level, n, width)
		if l, m, w, ok := proof.ParseTilePath(path); !ok || l != level || m != n || w != width {
			r.Fatalf("%s is read as %d %d %d %v", path, l, m, w, ok)
		}
		if want := (tlog.Tile{H: 8, L: level, N: n, W: width}).Path(); "tile/8"+path[len("tile"):] != want {
			r.Fatalf("%s, want %s", path, want)
		}
	})
}
