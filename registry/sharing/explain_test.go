package sharing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onward/registry"
	"onward/registry/sharing"
)

// TestExplain: a verdict stands with the records that it was judged by, as they were, whatever becomes of them.
func TestExplain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := func(facts []sharing.Fact) []string {
		var got []string
		for _, f := range facts {
			got = append(got, fmt.Sprintf("%s %s %d", f.Kind, f.ID, f.Version))
		}
		return got
	}
	name := func(kind string, id fmt.Stringer, version int64) string {
		return fmt.Sprintf("%s %s %d", kind, id, version)
	}

	t.Run("a share keeps its facts when all of them have changed, and a correction has its own", func(t *testing.T) {
		t.Parallel()
		with := w.party(t, usual())
		r := ask(with)
		r.State = "occurred"
		d := w.share(t, r)
		before, err := w.gate.Recorded(t.Context(), legal, d.Receipt.EntryID)
		must(t, err)
		want := []string{
			name("vendor", with.ID, with.Version), name("engagement", with.engagement.ID, 1), name("location", with.location.ID, 1),
			name("contract", with.contract.ID, with.contract.Version),
		}
		if diff := cmp.Diff(want, names(before.Facts)); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		_, err = w.ChangeContract(t.Context(), legal, noon, with.contract.ID, with.contract.Version, []byte(`{"in_force_until":"2021-01-01"}`))
		must(t, err)
		at := noon.Add(time.Hour)
		_, err = w.gate.Correct(t.Context(), legal, at, newKey(), d.Receipt.EntryID, sharing.Correction{Reason: "x", OccurredAt: &at})
		must(t, err)
		after, err := w.gate.Recorded(t.Context(), legal, d.Receipt.EntryID)
		must(t, err)
		if diff := cmp.Diff(before.Facts, after.Facts); diff != "" {
			t.Errorf("the past has changed (-before +after):\n%s", diff)
		}
		want[3] = name("contract", with.contract.ID, with.contract.Version+1)
		if diff := cmp.Diff(want, names(after.Corrections[0].Facts)); diff != "" {
			t.Errorf("facts of the correction (-want +got):\n%s", diff)
		}
		if s, err := w.gate.Recorded(t.Context(), billing, d.Receipt.EntryID); err != nil || s.Facts != nil || s.Corrections[0].Facts != nil {
			t.Errorf("a service sees %+v, %v", s.Facts, err)
		}
	})

	t.Run("a contract that was signed and not in force is a fact of what it denies", func(t *testing.T) {
		t.Parallel()
		p := usual()
		p.contract = func(f *registry.ContractFields) { f.InForceFrom = day(2026, 11, 25) }
		with := w.party(t, p)
		d := w.share(t, ask(with))
		judged(t, d, sharing.Denied, "contract_not_in_force:"+with.contract.ID.String())
		r, err := w.gate.Recorded(t.Context(), legal, d.Receipt.EntryID)
		must(t, err)
		if got := names(r.Facts); len(got) != 4 || got[3] != name("contract", with.contract.ID, with.contract.Version) {
			t.Errorf("got %v", got)
		}
	})
}
