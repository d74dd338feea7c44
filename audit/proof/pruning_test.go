package proof_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"onward/audit/proof"
)

const (
	cut  = 300 // entries before it are pruned
	from = 512 // the first tile after them
)

// cutLog is a log of 600 entries about three vendors, of which the first were pruned and then some more were made. lie changes what entries
// tell of it.
func cutLog(tb testing.TB, lie func(kind string, v int, body *string) bool) *ledger {
	tb.Helper()
	l := &ledger{}
	var last [4]int
	for i := range 600 {
		l.share(tb, i%4)
		if i < cut {
			last[i%4]++
		}
	}
	tell := func(kind string, v int, body string) {
		if lie == nil || lie(kind, v, &body) {
			l.entry(tb, kind, v, body)
		}
	}
	for v := 1; v < 4; v++ {
		tell("sequence.pruned", v, fmt.Sprintf(`{"last_seq":"%012d","month":"2026-02","next_index":"%d"}`, last[v], cut))
	}
	tell("retention.pruned", 0, fmt.Sprintf(`{"first_index":"0","month":"2026-02","next_index":"%d"}`, cut))
	for i := range 40 {
		l.share(tb, i%4)
	}
	return l
}

// without serves a log that has no entry bundles before tile n.
func without(fetch proof.Fetch, before int64) proof.Fetch {
	return func(ctx context.Context, path string) ([]byte, error) {
		if name, ok := strings.CutPrefix(path, "tile/entries/"); ok {
			if _, n, _, _ := proof.ParseTilePath("tile/0/" + name); n < before {
				return nil, fmt.Errorf("%s: %w", path, proof.ErrAbsent)
			}
		}
		return fetch(ctx, path)
	}
}

func TestFollowPruned(t *testing.T) {
	t.Parallel()
	key := logKey(t, origin, 1)
	policy := keyPolicy(t, key.vkey)
	follow := func(l *ledger, before int64) (proof.Proved, error) {
		size := int64(len(l.leaves))
		return proof.Follow(t.Context(), without(l.fetch(l.checkpoint(t, size, key), size), before), policy, proof.FollowOptions{})
	}
	t.Run("what is left is proved, and that the rest was pruned", func(t *testing.T) {
		t.Parallel()
		got, err := follow(cutLog(t, nil), 2)
		if err != nil || got.Pruned != cut || got.Unread != from-cut || got.First != from || got.Leaves != 644-from || got.Vendors != 3 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	for name, c := range map[string]struct {
		before int64
		lie    func(kind string, v int, body *string) bool
		kind   proof.Kind
	}{
		"no entry tells of it": {2, func(kind string, _ int, _ *string) bool { return kind != "retention.pruned" }, proof.LeafMissing},
		"more is missing than entries tell of": {2, func(_ string, _ int, body *string) bool {
			*body = strings.Replace(*body, `"300"`, `"256"`, 1)
			return true
		}, proof.LeafMissing},
		"less was pruned than entries tell of": {1, nil, proof.LeafMissing},
		"of a vendor no entry tells":           {2, func(kind string, v int, _ *string) bool { return kind != "sequence.pruned" || v != 2 }, proof.SequenceGap},
		"of a vendor more is missing": {2, func(kind string, _ int, body *string) bool {
			if kind == "sequence.pruned" {
				*body = fmt.Sprintf(`{"last_seq":"%012d"}`, 1)
			}
			return true
		}, proof.SequenceGap},
	} {
		t.Run("it is found when "+name, func(t *testing.T) {
			t.Parallel()
			_, err := follow(cutLog(t, c.lie), c.before)
			wantFault(t, err, c.kind)
		})
	}
	t.Run("entries that are absent after others are missing", func(t *testing.T) {
		t.Parallel()
		l := cutLog(t, nil)
		size := int64(len(l.leaves))
		fetch := l.fetch(l.checkpoint(t, size, key), size)
		hole := func(ctx context.Context, path string) ([]byte, error) {
			if path == "tile/entries/001" {
				return nil, proof.ErrAbsent
			}
			return fetch(ctx, path)
		}
		_, err := proof.Follow(t.Context(), hole, policy, proof.FollowOptions{})
		if f := wantFault(t, err, proof.LeafMissing); f.Index != 256 {
			t.Error(f)
		}
	})
}

// prunedReport is a report of what is left of a pruned log, of vendor v or of all, in a period of indices.
func prunedReport(tb testing.TB, v int, since, until int64) *report {
	tb.Helper()
	at := func(i int64) time.Time {
		if i < 0 {
			return time.Time{}
		}
		return start.Add(time.Duration(i) * time.Second)
	}
	r := &report{log: cutLog(tb, nil), key: logKey(tb, origin, 1), filter: toyFilter{at(since), "p1", at(until)}}
	filter, _ := json.Marshal(r.filter)
	begun := r.log.entry(tb, "report.begun", v, fmt.Sprintf(`{"filter":%s,"report_id":"the report"}`, filter))
	r.size = int64(len(r.log.leaves))
	r.manifest = proof.Manifest{Origin: origin, ReportID: "the report", Begun: begun, Filter: filter, Scope: proof.Scope{RecordedFrom: at(since), RecordedUntil: at(until)}}
	if v > 0 {
		r.manifest.Scope.VendorID = vendorID(v)
	}
	r.narrow(tb)
	kept := r.indices[:0]
	for _, i := range r.indices {
		if i >= cut {
			kept = append(kept, i)
		}
	}
	r.indices = kept
	r.pruned = 603
	if v > 0 {
		r.pruned = 600 + int64(v) - 1
	}
	return r
}

func TestPrunedBundle(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		v            int
		since, until int64
	}{
		"the whole log": {0, -1, -1}, "a vendor": {2, -1, -1}, "a period": {0, 310, 400}, "a period that begins with what is left": {0, 250, 400},
		"a vendor in a period that begins with what is left": {2, 250, 400}, "until": {0, -1, 400}, "a vendor, until": {3, -1, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := prunedReport(t, c.v, c.since, c.until)
			got, err := check(t, r.bundle(t), r.policy(t), toy)
			if err != nil || got.Pruned == 0 || got.Leaves != int64(len(r.indices)) || got.Rows < 1 {
				t.Fatalf("%+v, %v", got, err)
			}
			t.Run("and without its first entry is not whole", func(t *testing.T) { //nolint:paralleltest // see above
				r := prunedReport(t, c.v, c.since, c.until)
				r.indices = r.indices[1:]
				if _, err := check(t, r.bundle(t), r.policy(t), proof.BundleOptions{}); err == nil {
					t.Error("it is proved")
				}
			})
			t.Run("and without the entry that tells of it is not whole", func(t *testing.T) { //nolint:paralleltest // see above
				if c.since == 310 {
					return // the entry before the period is there
				}
				r := prunedReport(t, c.v, c.since, c.until)
				r.pruned = 0
				if _, err := check(t, r.bundle(t), r.policy(t), proof.BundleOptions{}); err == nil {
					t.Error("it is proved")
				}
			})
			t.Run("and is not, with another entry in the place of that", func(t *testing.T) { //nolint:paralleltest // see above
				for _, other := range []int64{600, 601, 602, 603, 610} {
					r := prunedReport(t, c.v, c.since, c.until)
					if other == r.pruned {
						continue
					}
					r.pruned = other
					if _, err := check(t, r.bundle(t), r.policy(t), proof.BundleOptions{}); err == nil {
						t.Errorf("it is proved with %d", other)
					}
				}
			})
		})
	}
}
