package sharing_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

func TestMergedVendors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, heir, other := w.party(t, usual()), w.party(t, usual()), w.party(t, usual())
	first := w.share(t, ask(old))
	w.share(t, ask(heir))
	w.share(t, ask(other))
	since := noon.Add(-time.Hour)
	_, err := w.MergeVendor(t.Context(), legal, noon, old.ID, old.Version, registry.MergerFields{Into: heir.ID, Since: &since, Reason: "bought"})
	must(t, err)

	t.Run("the gate refuses the old id and names the survivor, since its instant", func(t *testing.T) {
		t.Parallel()
		judged(t, w.share(t, ask(old)), sharing.Denied, "vendor_merged:"+heir.ID.String())
		before := ask(old)
		before.OccurredAt = since.Add(-time.Microsecond)
		judged(t, w.share(t, before), sharing.Allowed)
		judged(t, w.share(t, ask(heir)), sharing.Allowed)
	})
	t.Run("a report of the survivor has the rows of both where it is asked to, with who they are now", func(t *testing.T) {
		t.Parallel()
		f := sharing.Filter{VendorID: heir.ID, WithMerged: true, RecordedUntil: noon.Add(time.Second)}
		rows := w.reported(t, f)
		of := map[string]bool{}
		for _, r := range rows {
			of[r.VendorID] = true
			if r.VendorIDNow != heir.ID.String() || r.VendorNameNow != heir.Name {
				t.Errorf("%s is now %s %s", r.VendorName, r.VendorIDNow, r.VendorNameNow)
			}
		}
		if len(of) != 2 || !of[old.ID.String()] || !of[heir.ID.String()] {
			t.Errorf("the report is of %v", of)
		}
		for _, r := range w.reported(t, sharing.Filter{VendorID: heir.ID}) {
			if r.VendorID != heir.ID.String() {
				t.Errorf("unasked, it has a row of %s", r.VendorID)
			}
		}
	})
	t.Run("whoever has the leaves selects the same, and needs all of them", func(t *testing.T) {
		t.Parallel()
		r, err := w.gate.BeginReport(t.Context(), legal, noon, "bundle", sharing.Filter{VendorID: heir.ID, WithMerged: true})
		must(t, err)
		e, err := w.log.Entry(t.Context(), first.Receipt.EntryID)
		must(t, err)
		if !r.Filter.Selects(e.Leaf) || len(r.Filter.Merged) != 1 {
			t.Errorf("%v does not select the leaf", r.Filter.Merged)
		}
		m, err := r.Manifest()
		must(t, err)
		if m.Scope.VendorID != "" {
			t.Errorf("the scope is vendor %s", m.Scope.VendorID)
		}
		alone, err := w.gate.BeginReport(t.Context(), legal, noon, "bundle", sharing.Filter{VendorID: other.ID, WithMerged: true})
		must(t, err)
		if m, err = alone.Manifest(); err != nil || uuid.MustParse(m.Scope.VendorID) != other.ID {
			t.Errorf("of a vendor without others the scope is %q: %v", m.Scope.VendorID, err)
		}
	})
}
