package api_test

import (
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"onward/app/api"
)

// Every path is read as the Go toolchain reads it, but for tiles that no log can have.
func FuzzTilePath(f *testing.F) {
	for _, seed := range [][2]string{
		{"0", "000"},
		{"0", "x001/x234/067"},
		{"63", "x001/x234/067.p/5"},
		{"0", "000.p/0"},
		{"0", "000.p/255"},
		{"0", "000.p/256"},
		{"0", "000.p/07"},
		{"00", "000"},
		{"64", "000"},
		{"-1", "000"},
		{"+1", "000"},
		{"data", "000"},
		{"0", "x000/001"},
		{"0", "x001/x002"},
		{"0", "001/002"},
		{"0", "1"},
		{"0", ""},
		{"0", "/000"},
		{"0", "000/"},
		{"0", "000.p"},
		{"0", "000.p/"},
		{"0", "000.p/1.p/1"},
		{"0", "000.p/1/2"},
		{"0", "0٣0"},
		{"0", "x140/x737/x488/x355/327"},
		{"0", "x140/x737/x488/x355/328"},
		{"0", "x009/x223/x372/x036/x854/x775/807"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(readsAlike)
}

// The fuzzer is slow with all that this package is made of, so thousands of paths that are nearly right are tried each time.
func TestTilePathsNearlyRight(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		for range 20 {
			n := rapid.Int64Range(0, 1<<uint(rapid.IntRange(0, 50).Draw(rt, "bits"))).Draw(rt, "n")
			whole := tlog.Tile{H: 8, L: rapid.IntRange(0, 70).Draw(rt, "level"), N: n, W: rapid.IntRange(1, 256).Draw(rt, "width")}.Path()
			level, rest, _ := strings.Cut(strings.TrimPrefix(whole, "tile/8/"), "/")
			readsAlike(t, level, rest)
			piece := rapid.SampledFrom([]string{"", "0", "00", "9", "x", "x000/", "/", ".p", ".p/", "-", "+", " ", "٣", "\x00"}).Draw(rt, "piece")
			from := rapid.IntRange(0, len(rest)).Draw(rt, "from")
			until := rapid.IntRange(from, min(from+2, len(rest))).Draw(rt, "until")
			readsAlike(t, level, rest[:from]+piece+rest[until:])
			readsAlike(t, piece+level, rest)
		}
	})
}

// readsAlike compares how we and the Go toolchain read a path.
func readsAlike(t *testing.T, level, rest string) {
	t.Helper()
	if strings.HasPrefix(rest, "/") || strings.Contains(level, "/") {
		return // the router has taken the slash
	}
	l, n, width, problems := api.ParseTile(level, "/"+rest)
	theirs, err := tlog.ParseTilePath("tile/8/" + level + "/" + rest)
	if err == nil && (theirs.L < 0 || theirs.L > 63 || theirs.N >= 1<<47) {
		if problems == 0 {
			t.Fatalf("%q %q was read as %d/%d", level, rest, l, n)
		}
		return
	}
	if (err == nil) != (problems == 0) {
		t.Fatalf("%q %q: %d problems; the toolchain: %v", level, rest, problems, err)
	}
	if err == nil && theirs != (tlog.Tile{H: 8, L: l, N: n, W: width}) {
		t.Fatalf("%q %q: got %d/%d.p/%d, want %+v", level, rest, l, n, width, theirs)
	}
}

// A path that is not right is told what is wrong with each part of it.
func TestTilePath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		level, rest string
		problems    int
	}{{"0", "/000", 0}, {"x", "/000", 1}, {"0", "/0", 1}, {"0", "/000.p/256", 1}, {"x", "/0", 2}, {"x", "/0.p/0", 3}, {"8", "/" + strconv.Itoa(1<<40), 1}} {
		if _, _, _, problems := api.ParseTile(c.level, c.rest); problems != c.problems {
			t.Errorf("%s %s: got %d problems, want %d", c.level, c.rest, problems, c.problems)
		}
	}
}
