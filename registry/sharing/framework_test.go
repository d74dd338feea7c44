package sharing_test

import (
	"testing"
	"time"

	"onward/registry"
	"onward/registry/sharing"
)

// When a certification ends, the transfers that stand on it are something to act on that very day, unless what was agreed to take its place
// carries them.
func TestFallenFramework(t *testing.T) { //nolint:tparallel // its steps follow each other
	t.Parallel()
	w := newWorld(t)
	certified := func(fallback string) party {
		p := usual()
		p.location = func(f *registry.LocationFields) {
			f.Place, f.Transfer = "US", &registry.Transfer{Mechanism: "dpf", Fallback: fallback}
		}
		with := w.party(t, p)
		var err error
		with.Vendor, err = w.ChangeVendor(t.Context(), legal, w.tick(), with.ID, with.Version, registry.VendorPatch{Fields: []byte(
			`{"dpf":[{"status":"active","frameworks":["eu_us"],"data":["non_hr"],"from":"2025-11-24","until":"2026-11-23","checked_on":"2025-11-24"}]}`)})
		must(t, err)
		return with
	}
	last := time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC)
	to := func(with party, at time.Time) sharing.Request {
		r := ask(with)
		r.Countries, r.OccurredAt, r.State = []string{"US"}, at, "occurred"
		return r
	}
	alone, carried := certified(""), certified("scc_2021_914")

	judged(t, w.share(t, to(alone, last)), sharing.Allowed)
	judged(t, w.share(t, to(carried, noon)), sharing.Allowed)
	if task := w.only(t, last, alone.ID, "mechanism_ending"); task.WithinDays == nil || *task.WithinDays != 1 || task.RecordID != alone.location.ID {
		t.Errorf("on its last day: %+v", task)
	}
	fallen := w.only(t, last.Add(time.Second), alone.ID, "mechanism_fallen")
	if !fallen.DueAt.Equal(last.Add(time.Second)) {
		t.Errorf("it fell at %s", fallen.DueAt)
	}
	if tasks := w.tasksOf(t, noon, carried.ID); len(tasks) != 0 {
		t.Errorf("with a fallback: %+v", tasks)
	}
	judged(t, w.share(t, to(alone, noon)), sharing.Violation, "no_transfer_mechanism:US")
	kinds := map[string]bool{}
	exceptions, err := w.gate.Exceptions(t.Context(), sharing.ExceptionQuery{VendorID: alone.ID, Limit: 10})
	must(t, err)
	for _, e := range exceptions.Items {
		kinds[e.Kind] = true
	}
	if !kinds["violation"] || !kinds["mechanism_fallen"] {
		t.Errorf("exceptions %v", kinds)
	}

	t.Run("it certified anew, and that is written down later: it was never out", func(t *testing.T) { //nolint:paralleltest // see above
		_, err := w.ChangeVendor(t.Context(), legal, noon, alone.ID, alone.Version, registry.VendorPatch{Fields: []byte(
			`{"dpf":[{"status":"active","frameworks":["eu_us"],"from":"2025-11-24","until":"2027-11-23"}]}`)})
		must(t, err)
		judged(t, w.share(t, to(alone, noon)), sharing.Allowed)
	})
	t.Run("removed from the list in the middle of its time, it is out from that day on", func(t *testing.T) { //nolint:paralleltest // see above
		v, err := w.Vendor(t.Context(), alone.ID, nil)
		must(t, err)
		_, err = w.ChangeVendor(t.Context(), legal, noon, v.ID, v.Version, registry.VendorPatch{Fields: []byte(
			`{"dpf":[{"status":"active","frameworks":["eu_us"],"from":"2025-11-24","until":"2027-11-23"},{"status":"inactive","frameworks":["eu_us"],"from":"2026-11-24"}]}`)})
		must(t, err)
		judged(t, w.share(t, to(alone, last)), sharing.Allowed)
		judged(t, w.share(t, to(alone, noon)), sharing.Violation, "no_transfer_mechanism:US")
	})
}
