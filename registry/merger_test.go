package registry_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

func (w *world) merge(tb testing.TB, v, into registry.Vendor) registry.Vendor {
	tb.Helper()
	merged, err := w.MergeVendor(tb.Context(), legal, w.tick(), v.ID, v.Version, registry.MergerFields{Into: into.ID, Reason: "bought"})
	if err != nil {
		tb.Fatal(said(err))
	}
	return merged
}

func TestMerger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	t.Run("a merged vendor keeps its id, name and state, and an edit does not undo it", func(t *testing.T) {
		t.Parallel()
		v, into := w.move(t, w.vendor(t, fields("Keeps")), registry.Approved), w.vendor(t, fields("Takes"))
		v = w.patch(t, w.merge(t, v, into), `{"notes":"x"}`)
		if v.Name != "Keeps" || v.State != registry.Approved || v.MergedIntoID == nil || *v.MergedIntoID != into.ID {
			t.Errorf("%+v", v)
		}
		then, err := w.Vendor(t.Context(), v.ID, &v.CreatedAt)
		if err != nil || then.MergedIntoID != nil {
			t.Errorf("as it was recorded first: %+v, %v", then.MergedIntoID, err)
		}
	})
	t.Run("a merger holds in the world since its instant, and undone it never did", func(t *testing.T) {
		t.Parallel()
		v, into := w.vendor(t, fields("Undone")), w.vendor(t, fields("Undoing"))
		since := v.CreatedAt.Add(-time.Hour)
		v, err := w.MergeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.MergerFields{Into: into.ID, Since: &since, Reason: "bought"})
		if err != nil {
			t.Fatal(said(err))
		}
		merged := func(at time.Time) bool {
			d, err := registry.ReadDossier(t.Context(), w.db, v.ID)
			if err != nil {
				t.Fatal(err)
			}
			held, _ := registry.InForce(d.Vendor, at)
			return held.MergedIntoID != nil
		}
		if merged(since.Add(-time.Microsecond)) || !merged(since) {
			t.Error("not since its instant")
		}
		early := since.Add(-time.Microsecond)
		_, err = w.UnmergeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.UnmergerFields{Since: &early, Reason: "no"})
		refused(t, err, registry.Invalid, "/since")
		later := since.Add(time.Minute)
		if v, err = w.UnmergeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.UnmergerFields{Since: &later, Reason: "sold again"}); err != nil {
			t.Fatal(said(err))
		}
		if !merged(since) || merged(later) {
			t.Error("it was a part of the other in between")
		}
	})
	t.Run("chains lead to who stands for all, and close no circle", func(t *testing.T) {
		t.Parallel()
		a, b, c := w.vendor(t, fields("A")), w.vendor(t, fields("B")), w.vendor(t, fields("C"))
		a = w.merge(t, a, b)
		b = w.merge(t, b, c)
		_, err := w.MergeVendor(t.Context(), legal, w.tick(), c.ID, c.Version, registry.MergerFields{Into: a.ID, Reason: "round"})
		refused(t, err, registry.Conflict)
		_, err = w.MergeVendor(t.Context(), legal, w.tick(), a.ID, a.Version, registry.MergerFields{Into: c.ID, Reason: "again"})
		refused(t, err, registry.Conflict)
		standings, err := registry.ReadStandings(t.Context(), w.db)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []registry.Vendor{a, b, c} {
			if standings[v.ID] != (registry.Standing{ID: c.ID, Name: "C"}) {
				t.Errorf("%s is now %+v", v.Name, standings[v.ID])
			}
		}
		within, err := registry.ReadMerged(t.Context(), w.db, c.ID)
		if err != nil || len(within) != 2 {
			t.Errorf("a part of C are %v, %v", within, err)
		}
		lineage, err := registry.ReadLineage(t.Context(), w.db)
		if err != nil || len(lineage[a.ID]) != 2 || len(lineage[b.ID]) != 2 || len(lineage[c.ID]) != 1 {
			t.Errorf("lineage %d, %d, %d: %v", len(lineage[a.ID]), len(lineage[b.ID]), len(lineage[c.ID]), err)
		}
	})
	t.Run("of two mergers at once that close a circle together, one is refused", func(t *testing.T) {
		t.Parallel()
		for range 5 {
			a, b := w.vendor(t, fields("One "+uuid.NewString())), w.vendor(t, fields("Two "+uuid.NewString()))
			var errs [2]error
			var group sync.WaitGroup
			for i, pair := range [][2]registry.Vendor{{a, b}, {b, a}} {
				group.Go(func() {
					_, errs[i] = w.MergeVendor(t.Context(), legal, w.tick(), pair[0].ID, pair[0].Version, registry.MergerFields{Into: pair[1].ID, Reason: "bought"})
				})
			}
			group.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("got %v and %v", errs[0], errs[1])
			}
			refused(t, errors.Join(errs[:]...), registry.Conflict)
		}
	})
}
