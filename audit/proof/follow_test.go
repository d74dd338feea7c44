package proof_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"onward/audit/proof"
)

func TestFollowProvesAWholeLog(t *testing.T) {
	t.Parallel()
	key := logKey(t, origin, 1)
	var l ledger
	for i := range 70_000 {
		l.share(t, i%7)
	}
	for _, size := range []int64{0, 1, 2, 255, 256, 257, 300, 511, 512, 65_535, 65_536, 65_537, 70_000} {
		t.Run(strconv.FormatInt(size, 10), func(t *testing.T) {
			t.Parallel()
			signed := sign(t, fmt.Sprintf("%s\n%d\n%s\n", origin, size, rootOf(t, &l, size)), key)
			for _, hashesOnly := range []bool{false, true} {
				got, err := proof.Follow(t.Context(), l.fetch(signed, size), keyPolicy(t, key.vkey), proof.FollowOptions{HashesOnly: hashesOnly})
				if err != nil {
					t.Fatal(err)
				}
				if got.Leaves != size || got.Checkpoint.Size != size {
					t.Errorf("%d leaves of %d", got.Leaves, size)
				}
				if vendors := min(6, max(int(size)-1, 0)); !hashesOnly && got.Vendors != vendors {
					t.Errorf("%d vendors, want %d", got.Vendors, vendors)
				}
			}
		})
	}
}

// rootOf is the RFC 6962 root, of nothing too.
func rootOf(tb testing.TB, l *ledger, size int64) tlog.Hash {
	tb.Helper()
	if size == 0 {
		return tlog.Hash{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}
	}
	return l.root(tb, size)
}

func TestFollowNamesTheFirstBadIndex(t *testing.T) {
	t.Parallel()
	key := logKey(t, origin, 1)
	build := func(change func(l *ledger, i int)) *ledger {
		l := &ledger{}
		for i := range 700 {
			l.share(t, i%3)
			if change != nil {
				change(l, i)
			}
		}
		return l
	}
	honest := build(nil)
	signed := honest.checkpoint(t, 700, key)
	for _, c := range []struct {
		name  string
		log   *ledger
		bend  func(path string, data []byte) []byte
		index int64
		kind  proof.Kind
	}{
		{"a byte of a leaf in a full tile", honest, entries(0, func(leaves [][]byte) { leaves[17][30] ^= 1 }), 17, proof.LeafAltered},
		{"a byte of a leaf in the last tile", honest, entries(2, func(leaves [][]byte) { leaves[150][30] ^= 1 }), 662, proof.LeafAltered},
		{"two leaves swapped", honest, entries(1, func(leaves [][]byte) { leaves[5], leaves[9] = leaves[9], leaves[5] }), 261, proof.LeafAltered},
		{"the last leaf cut", honest, entries(1, func(leaves [][]byte) { leaves[255] = leaves[255][:10] }), 511, proof.LeafAltered},
		{"the entries cut", honest, at("tile/entries/001", func(b []byte) []byte { return b[:len(b)-1] }), 511, proof.LeafMissing},
		{"no entries", honest, at("tile/entries/001", func([]byte) []byte { return nil }), 256, proof.LeafMissing},
		{"more entries", honest, at("tile/entries/001", func(b []byte) []byte { return append(b, 0, 0) }), 512, proof.OutOfScope},
		{"leaf and hash altered together", honest, both(
			entries(1, func(leaves [][]byte) { leaves[3][30] ^= 1 }),
			at("tile/0/001", func(b []byte) []byte { b[3*32] ^= 1; return b })), 256, proof.LeafAltered},
		{"an edge altered", honest, at("tile/1/000.p/2", func(b []byte) []byte { b[0] ^= 1; return b }), -1, proof.CheckpointInconsistent},
		{"a tile cut", honest, at("tile/1/000.p/2", func(b []byte) []byte { return b[1:] }), 0, proof.Malformed},
		{"a number of a vendor missing", build(func(l *ledger, i int) {
			if i == 400 {
				l.seqs[1]++
			}
		}), nil, 403, proof.SequenceGap},
		{"a number of a vendor twice", build(func(l *ledger, i int) {
			if i == 400 {
				l.seqs[1]--
			}
		}), nil, 403, proof.SequenceGap},
		{"time goes back", build(func(l *ledger, i int) {
			if i == 300 {
				l.replaceLast(t, "2026-02-03T04:", "2025-02-03T04:")
			}
		}), nil, 300, proof.OutOfOrder},
		{"a leaf of another log", build(func(l *ledger, i int) {
			if i == 300 {
				l.replaceLast(t, origin, "other.test/log")
			}
		}), nil, 300, proof.ForeignOrigin},
		{"a leaf that is not canonical", build(func(l *ledger, i int) {
			if i == 300 {
				l.replaceLast(t, `,"v":"1"`, `, "v":"1"`)
			}
		}), nil, 300, proof.LeafMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			note := signed
			if c.log != honest {
				note = c.log.checkpoint(t, 700, key)
			}
			fetch := c.log.fetch(note, 700)
			_, err := proof.Follow(t.Context(), func(ctx context.Context, path string) ([]byte, error) {
				data, err := fetch(ctx, path)
				if c.bend != nil && err == nil {
					data = c.bend(path, bytes.Clone(data))
				}
				return data, err
			}, keyPolicy(t, key.vkey), proof.FollowOptions{})
			if fault := wantFault(t, err, c.kind); fault.Index != c.index {
				t.Errorf("index %d, want %d: %v", fault.Index, c.index, fault.What)
			}
		})
	}
}

func TestFollowWithHashesOnlyFindsWhatIsNotInTheTree(t *testing.T) {
	t.Parallel()
	key := logKey(t, origin, 1)
	var l ledger
	for range 700 {
		l.share(t, 1)
	}
	fetch := l.fetch(l.checkpoint(t, 700, key), 700)
	for _, change := range []func([]byte) []byte{
		func(b []byte) []byte { b[100] ^= 1; return b },
		func(b []byte) []byte { return b[:len(b)-32] },
		func([]byte) []byte { return nil },
	} {
		_, err := proof.Follow(t.Context(), func(ctx context.Context, path string) ([]byte, error) {
			data, err := fetch(ctx, path)
			if strings.HasPrefix(path, "tile/entries/") {
				t.Error("entries were read")
			}
			return at("tile/0/001", change)(path, bytes.Clone(data)), err
		}, keyPolicy(t, key.vkey), proof.FollowOptions{HashesOnly: true})
		if err == nil || !strings.Contains(err.Error(), "index 256") {
			t.Errorf("got %v, want a fault at 256", err)
		}
	}
}

func TestFollowComparesWithAnEarlierCheckpoint(t *testing.T) {
	t.Parallel()
	key, other := logKey(t, origin, 1), logKey(t, origin, 9)
	var l, fork ledger
	for i := range 600 {
		l.share(t, 1)
		if i == 299 {
			fork.share(t, 2)
		} else {
			fork.share(t, 1)
		}
	}
	policy := keyPolicy(t, key.vkey)
	follow := func(size int64, previous []byte) (proof.Proved, error) {
		return proof.Follow(t.Context(), l.fetch(l.checkpoint(t, size, key), size), policy, proof.FollowOptions{Previous: previous})
	}
	for size := int64(1); size <= 600; size++ {
		if got, err := follow(600, l.checkpoint(t, size, key)); err != nil || got.Previous.Size != size {
			t.Fatalf("previous size %d: %v", size, err)
		}
		if size < 300 {
			continue
		}
		_, err := follow(600, fork.checkpoint(t, size, key))
		wantFault(t, err, proof.CheckpointInconsistent)
	}
	_, err := follow(500, l.checkpoint(t, 501, key))
	wantFault(t, err, proof.CheckpointInconsistent)
	_, err = follow(600, l.checkpoint(t, 500, other))
	wantFault(t, err, proof.SignatureBad)
}

func (l *ledger) replaceLast(tb testing.TB, from, to string) {
	tb.Helper()
	last := int64(len(l.leaves) - 1)
	leaf := bytes.ReplaceAll(l.leaves[last], []byte(from), []byte(to))
	l.leaves, l.hashes = l.leaves[:last], l.hashes[:tlog.StoredHashIndex(0, last)]
	l.append(tb, leaf)
}

// at changes what is served at a path.
func at(path string, change func([]byte) []byte) func(string, []byte) []byte {
	return func(p string, data []byte) []byte {
		if p == path {
			return change(data)
		}
		return data
	}
}

func both(a, b func(string, []byte) []byte) func(string, []byte) []byte {
	return func(p string, data []byte) []byte { return b(p, a(p, data)) }
}

// entries changes the leaves of an entry bundle.
func entries(n int64, change func(leaves [][]byte)) func(string, []byte) []byte {
	return func(p string, data []byte) []byte {
		if !strings.HasPrefix(p, strings.TrimSuffix(proof.EntriesPath(n, 256), ".p")) {
			return data
		}
		var leaves [][]byte
		for len(data) > 0 {
			size := 2 + int(binary.BigEndian.Uint16(data))
			leaves, data = append(leaves, data[2:size]), data[size:]
		}
		change(leaves)
		for _, leaf := range leaves {
			data = binary.BigEndian.AppendUint16(data, uint16(len(leaf)))
			data = append(data, leaf...)
		}
		return data
	}
}

func TestFollowKeepsMemoryFlat(t *testing.T) { //nolint:paralleltest // it measures the heap
	key := logKey(t, origin, 1)
	var l ledger
	for range 40_000 {
		l.share(t, 1)
	}
	signed := l.checkpoint(t, 40_000, key)
	fetch := l.fetch(signed, 40_000)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most := heap(), uint64(0)
	var alone sync.Mutex
	_, err := proof.Follow(t.Context(), func(ctx context.Context, path string) ([]byte, error) {
		if strings.HasSuffix(path, "0") {
			alone.Lock()
			most = max(most, heap())
			alone.Unlock()
		}
		return fetch(ctx, path)
	}, keyPolicy(t, key.vkey), proof.FollowOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if most > before+16<<20 {
		t.Errorf("the heap grew by %d KiB", (most-before)>>10)
	}
}

// BenchmarkFollow compares the rate of following a whole log with that of hashing its leaves in memory.
func BenchmarkFollow(b *testing.B) {
	const size = 200_000
	key := logKey(b, origin, 1)
	var l ledger
	for i := range size {
		l.share(b, i%50)
	}
	fetch := l.fetch(l.checkpoint(b, size, key), size)
	bundles := make(map[string][]byte)
	for n := int64(0); n*256 < size; n++ {
		path := proof.EntriesPath(n, int(min(256, size-n*256)))
		bundles[path], _ = fetch(b.Context(), path)
	}
	policy := keyPolicy(b, key.vkey)
	for b.Loop() {
		began := time.Now()
		var again ledger
		for _, leaf := range l.leaves {
			again.append(b, leaf)
		}
		hashing := time.Since(began)
		began = time.Now()
		_, err := proof.Follow(b.Context(), func(ctx context.Context, path string) ([]byte, error) {
			if data, ok := bundles[path]; ok {
				return data, nil
			}
			return fetch(ctx, path)
		}, policy, proof.FollowOptions{})
		if err != nil {
			b.Fatal(err)
		}
		following := time.Since(began)
		b.ReportMetric(size/hashing.Seconds(), "hashed/s")
		b.ReportMetric(size/following.Seconds(), "followed/s")
		b.ReportMetric(hashing.Seconds()/following.Seconds(), "ratio")
	}
}
