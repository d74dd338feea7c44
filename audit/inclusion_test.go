package audit_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"onward/audit"
)

// twin is the same tree as a log's, kept in memory by two other implementations.
type twin struct {
	leaves []tlog.Hash
	stored []tlog.Hash // as tlog keeps a tree
	roots  [][]byte    // of every size
}

func newTwin(tb testing.TB, leaves []tlog.Hash) *twin {
	tb.Helper()
	w := &twin{leaves: leaves}
	theirs := newOther()
	w.roots = append(w.roots, theirs.root(tb))
	for i, h := range leaves {
		theirs.push(tb, h[:])
		w.roots = append(w.roots, theirs.root(tb))
		stored, err := tlog.StoredHashesForRecordHash(int64(i), h, w)
		if err != nil {
			tb.Fatal(err)
		}
		w.stored = append(w.stored, stored...)
	}
	return w
}

// ReadHashes makes w a tlog.HashReader.
func (w *twin) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, 0, len(indexes))
	for _, i := range indexes {
		hashes = append(hashes, w.stored[i])
	}
	return hashes, nil
}

// inclusion compares a proof with the other implementations.
func (w *twin) inclusion(tb testing.TB, log *audit.Log, index, size int64) {
	tb.Helper()
	got, err := log.Inclusion(tb.Context(), index, size)
	if err != nil {
		tb.Fatalf("inclusion of %d in %d: %v", index, size, err)
	}
	want, err := tlog.ProveRecord(size, index, w)
	if err != nil || !cmp.Equal([]tlog.Hash(got), []tlog.Hash(want)) {
		tb.Fatalf("inclusion of %d in %d: got %v, want %v, %v", index, size, got, want, err)
	}
	err = proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), w.leaves[index][:], slicesOf(got), w.roots[size])
	if err != nil {
		tb.Fatalf("inclusion of %d in %d: %v", index, size, err)
	}
}

// consistency compares a proof with the other implementations.
func (w *twin) consistency(tb testing.TB, log *audit.Log, from, size int64) {
	tb.Helper()
	got, err := log.Consistency(tb.Context(), from, size)
	if err != nil {
		tb.Fatalf("consistency of %d and %d: %v", from, size, err)
	}
	if from > 0 {
		want, err := tlog.ProveTree(size, from, w)
		if err != nil || !cmp.Equal([]tlog.Hash(got), []tlog.Hash(want)) {
			tb.Fatalf("consistency of %d and %d: got %v, want %v, %v", from, size, got, want, err)
		}
	}
	err = proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(from), uint64(size), slicesOf(got), w.roots[from], w.roots[size])
	if err != nil {
		tb.Fatalf("consistency of %d and %d: %v", from, size, err)
	}
}

func (w *twin) root(tb testing.TB, log *audit.Log, size int64) {
	tb.Helper()
	got, err := log.Root(tb.Context(), size)
	if err != nil || !bytes.Equal(got[:], w.roots[size]) {
		tb.Fatalf("root of %d: got %v, want %x, %v", size, got, w.roots[size], err)
	}
}

func slicesOf(hashes []tlog.Hash) [][]byte {
	out := make([][]byte, 0, len(hashes))
	for _, h := range hashes {
		out = append(out, h[:])
	}
	return out
}

func TestProofs(t *testing.T) {
	t.Parallel()
	t.Run("every size of a log that grew by changes", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		entries := make([]audit.Entry, 0, 601)
		for range cap(entries) {
			entries = append(entries, newEntry())
		}
		var leaves []tlog.Hash
		for len(entries) > 0 { // in changes of all sizes that end within, at and beyond the ends of tiles
			n := min(1+len(leaves)/3, len(entries))
			for _, r := range change(t, log, start, entries[:n]...) {
				leaves = append(leaves, tlog.Hash(r.LeafHash))
			}
			entries = entries[n:]
		}
		w := newTwin(t, leaves)
		random := rand.New(rand.NewPCG(3, 4))
		w.root(t, log, 0)
		w.consistency(t, log, 0, 0)
		for size := int64(1); size <= int64(len(leaves)); size++ {
			w.root(t, log, size)
			for _, index := range []int64{0, size - 1, random.Int64N(size)} {
				w.inclusion(t, log, index, size)
			}
			for _, from := range []int64{0, size, random.Int64N(size) + 1} {
				w.consistency(t, log, from, size)
			}
		}
	})
	t.Run("around the ends of tiles of two levels", func(t *testing.T) {
		t.Parallel()
		log, db := open(t)
		const size = 66_100 // 258 tiles and 52 lines
		fill(t, db, size)
		leaves := make([]tlog.Hash, 0, size)
		for i := range int64(size) {
			leaves = append(leaves, madeHash(i))
		}
		w := newTwin(t, leaves)
		edges := []int64{1, 2, 255, 256, 257, 511, 512, 513, 65_279, 65_280, 65_281, 65_535, 65_536, 65_537, 65_791, 65_792, 65_793, 66_099, size}
		for _, m := range edges {
			w.root(t, log, m)
			for _, n := range edges {
				if n <= m {
					w.inclusion(t, log, n-1, m)
					w.consistency(t, log, n, m)
				}
			}
		}
		random := rand.New(rand.NewPCG(5, 6))
		for range 500 {
			m := 1 + random.Int64N(size)
			n := 1 + random.Int64N(m)
			w.inclusion(t, log, n-1, m)
			w.consistency(t, log, n, m)
		}
	})
	t.Run("what the log does not have is not found", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		change(t, log, start, newEntry(), newEntry())
		for _, c := range [][2]int64{{0, 3}, {2, 2}, {-1, 2}, {0, 0}, {0, -1}, {1 << 62, 1<<63 - 1}, {0, 257}} {
			if p, err := log.Inclusion(t.Context(), c[0], c[1]); !errors.Is(err, audit.ErrNotFound) {
				t.Errorf("inclusion %v: %v %v", c, p, err)
			}
		}
		for _, c := range [][2]int64{{0, 3}, {1, 3}, {2, 1}, {-1, 2}, {3, 3}, {0, -1}, {1, 1 << 62}} {
			if p, err := log.Consistency(t.Context(), c[0], c[1]); !errors.Is(err, audit.ErrNotFound) {
				t.Errorf("consistency %v: %v %v", c, p, err)
			}
		}
		for _, size := range []int64{-1, 3, 1 << 62} {
			if h, err := log.Root(t.Context(), size); !errors.Is(err, audit.ErrNotFound) {
				t.Errorf("root of %d: %v %v", size, h, err)
			}
		}
	})
	t.Run("a proof holds while others append", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 60 { // the 256th and the 512th are among them
				change(t, log, start, newEntry(), newEntry(), newEntry(), newEntry(), newEntry(), newEntry(), newEntry(), newEntry(), newEntry())
			}
		}()
		for reading := true; reading; {
			select {
			case <-done:
				reading = false
			default:
			}
			head, err := log.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if head.Size == 0 {
				continue
			}
			proof, err := log.Inclusion(t.Context(), 0, head.Size)
			first, tileErr := log.Tile(t.Context(), 0, 0, 1)
			if err != nil || tileErr != nil {
				t.Fatal(err, tileErr)
			}
			if err := tlog.CheckRecord(proof, head.Size, tlog.Hash(head.Root), 0, tlog.Hash(first)); err != nil {
				t.Fatalf("size %d: %v", head.Size, err)
			}
		}
	})
	t.Run("a proof reads at most two tiles of a level", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			size := rapid.Int64Range(1, 1<<40).Draw(t, "size")
			index := rapid.Int64Range(0, size-1).Draw(t, "index")
			for what, prove := range map[string]func(tlog.HashReader) error{
				"inclusion":   func(r tlog.HashReader) error { _, err := tlog.ProveRecord(size, index, r); return err },
				"consistency": func(r tlog.HashReader) error { _, err := tlog.ProveTree(size, index+1, r); return err },
			} {
				count, err := audit.TilesRead(prove)
				if err != nil {
					t.Fatal(err)
				}
				for level, tiles := range count {
					if tiles > 2 {
						t.Fatalf("%s of %d in %d reads %d tiles of level %d", what, index, size, tiles, level)
					}
				}
			}
		})
	})
}
