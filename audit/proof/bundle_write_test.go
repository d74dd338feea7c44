package proof_test

import (
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"onward/audit/proof"
)

func TestBundleWriterRefuses(t *testing.T) {
	t.Parallel()
	r := makeReport(t, 10, 0, 0, time.Time{}, time.Time{})
	for name, do := range map[string]func(w *proof.BundleWriter) error{
		"a leaf twice": func(w *proof.BundleWriter) error {
			return errors.Join(w.Leaf(3, []byte("{}")), w.Leaf(3, []byte("{}")))
		},
		"a leaf after report.begun": func(w *proof.BundleWriter) error { return w.Leaf(11, []byte("{}")) },
		"a leaf with a newline":     func(w *proof.BundleWriter) error { return w.Leaf(1, []byte("{\n}")) },
		"a leaf that is too long":   func(w *proof.BundleWriter) error { return w.Leaf(1, make([]byte, 65536)) },
		"an end without report.begun": func(w *proof.BundleWriter) error {
			return w.Finish(t.Context(), r.log.tiles(11), r.log.checkpoint(t, 11, r.key), nil, nil)
		},
		"a checkpoint that does not cover": func(w *proof.BundleWriter) error {
			return errors.Join(w.Leaf(10, []byte("{}")), w.Finish(t.Context(), r.log.tiles(10), r.log.checkpoint(t, 10, r.key), nil, nil))
		},
		"a tile that is not there": func(w *proof.BundleWriter) error {
			return errors.Join(w.Leaf(10, []byte("{}")), w.Finish(t.Context(), r.log.tiles(5), r.log.checkpoint(t, 11, r.key), nil, nil))
		},
	} {
		w, err := proof.NewBundleWriter(io.Discard, r.manifest)
		if err != nil {
			t.Fatal(err)
		}
		if do(w) == nil {
			t.Errorf("%s was written", name)
		}
	}
	if _, err := proof.NewBundleWriter(io.Discard, proof.Manifest{}); err == nil {
		t.Error("a bundle of no log was begun")
	}
}

func TestBundleKeepsMemoryFlat(t *testing.T) { //nolint:paralleltest // it measures the heap
	r := makeReport(t, 60_000, 0, 0, time.Time{}, time.Time{})
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	w, err := proof.NewBundleWriter(io.Discard, r.manifest)
	if err != nil {
		t.Fatal(err)
	}
	most := uint64(0)
	for _, index := range r.indices {
		if err := w.Leaf(index, r.log.leaves[index]); err != nil {
			t.Fatal(err)
		}
		if index%10_000 == 0 {
			most = max(most, heap())
		}
	}
	if err := w.Finish(t.Context(), r.log.tiles(r.size), r.log.checkpoint(t, r.size, r.key), r.policyText(), nil); err != nil {
		t.Fatal(err)
	}
	if most = max(most, heap()); most > before+4<<20 {
		t.Errorf("the heap grew by %d KiB", (most-before)>>10)
	}
}
