package proof_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"onward/audit/proof"
)

func TestAPeriodWithoutItsNeighboursIsNotWhole(t *testing.T) {
	t.Parallel()
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	for _, vendor := range []int{0, 2} {
		for _, c := range []struct {
			name string
			cut  func([]int64) []int64
			kind proof.Kind
		}{
			{"whole", func(i []int64) []int64 { return i }, ""},
			{"without the one before", func(i []int64) []int64 { return i[1:] }, proof.ScopeIncomplete},
			{"without the one after", func(i []int64) []int64 { return slices.Delete(i, len(i)-2, len(i)-1) }, "gap"},
			{"without one in between", func(i []int64) []int64 { return slices.Delete(i, 5, 6) }, "gap"},
			{"without all in between", func(i []int64) []int64 { return slices.Delete(i, 1, len(i)-2) }, "gap"},
		} {
			t.Run(fmt.Sprintf("vendor %d %s", vendor, c.name), func(t *testing.T) {
				t.Parallel()
				r := makeReport(t, 800, 10, vendor, second(100), second(300))
				r.indices = c.cut(r.indices)
				_, err := check(t, r.bundle(t), r.policy(t), proof.BundleOptions{})
				switch {
				case c.kind == "" && err != nil:
					t.Error(err)
				case c.kind == "gap" && vendor == 0:
					wantFault(t, err, proof.LeafMissing)
				case c.kind == "gap":
					wantFault(t, err, proof.SequenceGap)
				case c.kind != "":
					wantFault(t, err, c.kind)
				}
			})
		}
	}
}

func TestBundleIsConsistentWithAnEarlierCheckpoint(t *testing.T) {
	t.Parallel()
	r := makeReport(t, 70_000, 500, 9, time.Time{}, time.Time{}) // the vendor has no other entry: hardly any tiles
	for _, size := range []int64{1, 255, 256, 257, 65_536, 66_000, 70_501} {
		r.manifest.Connects = size
		o := proof.BundleOptions{Previous: r.log.checkpoint(t, size, r.key)}
		got, err := check(t, r.bundle(t), r.policy(t), o)
		if err != nil || got.Previous.Size != size {
			t.Errorf("%d: %v", size, err)
		}
	}
	r.manifest.Connects = 0
	_, err := check(t, r.bundle(t), r.policy(t), proof.BundleOptions{Previous: r.log.checkpoint(t, 300, r.key)})
	wantFault(t, err, proof.HashAltered)
	_, err = check(t, r.bundle(t), r.policy(t), proof.BundleOptions{
		Previous: sign(t, fmt.Sprintf("%s\n%d\n%s\n", origin, 70_501, r.log.root(t, 70_500)), r.key),
	})
	wantFault(t, err, proof.CheckpointInconsistent)
}

func TestLeavesOfOtherVersionsAreProvedAndReportedAsUnknown(t *testing.T) {
	t.Parallel()
	r := makeReport(t, 10, 0, 0, time.Time{}, time.Time{})
	r.log, r.size = &ledger{}, 0
	for i := range 10 {
		r.log.share(t, 1)
		if i == 4 {
			r.log.replaceLast(t, `"v":"1"`, `"new":{"n":17},"v":"2"`)
		}
	}
	r.log.entry(t, "report.begun", 0, `{"report_id":"the report"}`)
	r.size = int64(len(r.log.leaves))
	o := proof.BundleOptions{}
	got, err := check(t, r.bundle(t), r.policy(t), o)
	if err != nil || got.Unknown != 1 || got.Leaves != 11 {
		t.Errorf("%+v, %v", got, err)
	}
}
