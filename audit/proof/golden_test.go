package proof_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"onward/audit/proof"
)

// update writes testdata anew. What was released must be proved for ever: do it for a new format alone, under new names.
var update = flag.Bool("update", false, "write testdata anew")

func golden(tb testing.TB, name string, build func() []byte) []byte {
	tb.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, build(), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// What was once given to somebody is proved for ever: nothing here may change when the program does.
func TestGoldenFilesAreProvedForEver(t *testing.T) {
	t.Parallel()
	key, w := logKey(t, origin, 1), witnessKey(t, "witness.test/w1", 2)
	policyText := golden(t, "policy_v1", func() []byte {
		return fmt.Appendf(nil, "log %s\nwitness w1 %s\nquorum w1\n", key.vkey, w.vkey)
	})
	policy, err := proof.ParsePolicy(policyText)
	if err != nil {
		t.Fatal(err)
	}
	build := func(r *report, shares bool) []byte {
		var out bytes.Buffer
		b, err := proof.NewBundleWriter(&out, r.manifest)
		if err != nil {
			t.Fatal(err)
		}
		for _, index := range r.indices {
			if err := b.Leaf(index, r.log.leaves[index]); err != nil {
				t.Fatal(err)
			}
		}
		rows := r.shares
		if !shares {
			rows = nil
		}
		if err := b.Finish(t.Context(), r.log.tiles(r.size), r.log.checkpoint(t, r.size, key, w), policyText, rows); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	previous := golden(t, "checkpoint_v1", func() []byte {
		return makeReport(t, 600, 0, 0, time.Time{}, time.Time{}).log.checkpoint(t, 300, key)
	})
	t.Run("a bundle of a whole log", func(t *testing.T) {
		t.Parallel()
		bundle := golden(t, "log_v1.zip", func() []byte { return build(makeReport(t, 600, 0, 0, time.Time{}, time.Time{}), false) })
		got, err := check(t, bundle, policy, proof.BundleOptions{Previous: previous})
		if err != nil || got.Leaves != 601 || got.Vendors != 3 || got.Previous.Size != 300 || len(got.Checkpoint.Witnesses) != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("a bundle of a vendor", func(t *testing.T) {
		t.Parallel()
		bundle := golden(t, "vendor_v1.zip", func() []byte { return build(makeReport(t, 600, 50, 2, time.Time{}, time.Time{}), true) })
		got, err := check(t, bundle, policy, toy)
		if err != nil || got.Leaves != 151 || got.Last != 600 || got.Rows != 50 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("a receipt", func(t *testing.T) {
		t.Parallel()
		receipt := golden(t, "receipt_v1.tlog-proof", func() []byte {
			r := makeReport(t, 600, 0, 0, time.Time{}, time.Time{})
			return bytes.Replace(r.log.receipt(t, 123, 601, key), r.log.checkpoint(t, 601, key), r.log.checkpoint(t, 601, key, w), 1)
		})
		got, err := proof.CheckReceipt(receipt, policy)
		if err != nil || got.Index != 123 || got.Leaf.EntryID != entryID(123) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
