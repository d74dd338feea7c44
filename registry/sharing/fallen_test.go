package sharing_test

import (
	"sync"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/sharing"
)

// fallen are the open exceptions of mechanisms that fell, of a vendor.
func (w *world) fallen(tb testing.TB, of party) []sharing.Exception {
	tb.Helper()
	page, err := w.gate.Exceptions(tb.Context(), sharing.ExceptionQuery{Kind: "mechanism_fallen", VendorID: of.ID, Limit: 10})
	must(tb, err)
	return page.Items
}

// transferring is a party to whose place data goes by a mechanism.
func (w *world) transferring(tb testing.TB, place string, by registry.Transfer, dpf string) party {
	tb.Helper()
	p := usual()
	p.location = func(f *registry.LocationFields) { f.Place, f.Transfer = place, &by }
	with := w.party(tb, p)
	if dpf != "" {
		var err error
		with.Vendor, err = w.ChangeVendor(tb.Context(), legal, w.tick(), with.ID, with.Version, registry.VendorPatch{Fields: []byte(`{"dpf":` + dpf + `}`)})
		must(tb, err)
	}
	return with
}

func TestOpenFallen(t *testing.T) {
	t.Parallel()
	lapsed := `[{"status":"active","frameworks":["eu_us"],"from":"2025-11-24","until":"2026-11-23"}]`
	removed := `[{"status":"active","frameworks":["eu_us"],"from":"2025-11-24"},{"status":"inactive","frameworks":["eu_us"],"from":"2026-11-24"}]`
	open := func(t *testing.T, w *world, now time.Time, want int) {
		t.Helper()
		n, err := w.gate.OpenFallen(t.Context(), now)
		must(t, err)
		if n != want {
			t.Errorf("opened %d, want %d", n, want)
		}
	}
	t.Run("whatever it was that fell, on that day and not before", func(t *testing.T) {
		t.Parallel()
		for rule, c := range map[string]struct {
			place    string
			transfer registry.Transfer
			dpf      string
			falls    string // the first instant; empty: never
		}{
			"a certification lapsed":              {"US", registry.Transfer{Mechanism: "dpf"}, lapsed, "2026-11-24T00:00:00Z"},
			"a certification was withdrawn":       {"US", registry.Transfer{Mechanism: "dpf"}, removed, "2026-11-24T00:00:00Z"},
			"a decision on adequacy ended":        {"GB", registry.Transfer{Mechanism: "adequacy"}, "", "2031-12-28T00:00:00Z"},
			"its last day passed":                 {"IN", registry.Transfer{Mechanism: "scc_2021_914", Until: day(2026, 11, 23)}, "", "2026-11-24T00:00:00Z"},
			"another carries the transfer":        {"US", registry.Transfer{Mechanism: "dpf", Fallback: "scc_2021_914"}, lapsed, ""},
			"it carries the transfer":             {"IN", registry.Transfer{Mechanism: "scc_2021_914"}, "", ""},
			"none is needed, and none is claimed": {"DE", registry.Transfer{Mechanism: "none_needed"}, "", ""},
		} {
			t.Run(rule, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				with := w.transferring(t, c.place, c.transfer, c.dpf)
				falls := noon.AddDate(6, 0, 0)
				if c.falls != "" {
					var err error
					falls, err = time.Parse(time.RFC3339, c.falls)
					must(t, err)
				}
				must(t, w.log.AddMonths(t.Context(), falls, 1))
				open(t, w, falls.Add(-time.Microsecond), 0)
				if c.falls == "" {
					open(t, w, falls, 0)
					return
				}
				open(t, w, falls, 1)
				open(t, w, falls.Add(time.Hour), 0)
				found := w.fallen(t, with)
				if len(found) != 1 || found[0].EngagementID != with.engagement.ID || !found[0].OpenedAt.Equal(falls) {
					t.Fatalf("%+v", found)
				}
				body := w.body(t, found[0].EntryID)
				if body["mechanism"] != c.transfer.Mechanism || body["location_id"] != with.location.ID.String() || body["exception_id"] != found[0].ID.String() {
					t.Errorf("the entry says %v", body)
				}
				if task := w.only(t, falls, with.ID, "mechanism_fallen"); task.RecordID != found[0].ID || task.RecordKind != "exception" || !task.DueAt.Equal(falls) {
					t.Errorf("the task is %+v", task)
				}
			})
		}
	})
	t.Run("closed for a reason it does not come back for the same fall, and does for the next", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		must(t, w.log.AddMonths(t.Context(), noon, 4))
		with := w.transferring(t, "US", registry.Transfer{Mechanism: "dpf"}, lapsed)
		open(t, w, noon, 1)
		_, err := w.gate.CloseException(t.Context(), legal, noon, w.fallen(t, with)[0].ID, sharing.Closing{Reason: "stopped"})
		must(t, err)
		open(t, w, noon.AddDate(0, 1, 0), 0)
		if tasks := w.tasksOf(t, noon.AddDate(0, 1, 0), with.ID); len(tasks) != 0 {
			t.Errorf("it nags: %+v", tasks)
		}
		_, err = w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{Fields: []byte(
			`{"dpf":[{"status":"active","frameworks":["eu_us"],"from":"2026-12-01","until":"2027-01-31"}]}`)})
		must(t, err)
		open(t, w, noon.AddDate(0, 1, 0), 0)
		open(t, w, noon.AddDate(0, 3, 0), 1)
	})
	t.Run("what a share has opened is not opened beside it, nor after it was closed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		with := w.transferring(t, "US", registry.Transfer{Mechanism: "dpf"}, lapsed)
		r := ask(with)
		r.Countries, r.State = []string{"US"}, "occurred"
		judged(t, w.share(t, r), sharing.Violation, "no_transfer_mechanism:US")
		found := w.fallen(t, with)
		if len(found) != 1 || found[0].EngagementID != with.engagement.ID {
			t.Fatalf("%+v", found)
		}
		open(t, w, noon.Add(time.Hour), 0)
		_, err := w.gate.CloseException(t.Context(), legal, noon, found[0].ID, sharing.Closing{Reason: "stopped"})
		must(t, err)
		open(t, w, noon.Add(time.Hour), 0)
	})
	t.Run("each engagement has its own, and one for all its places", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		with := w.transferring(t, "US", registry.Transfer{Mechanism: "dpf"}, lapsed)
		_, err := w.CreateLocation(t.Context(), legal, w.tick(), with.engagement.ID, registry.LocationFields{Place: "US", Transfer: &registry.Transfer{Mechanism: "dpf"}})
		must(t, err)
		other, err := w.CreateEngagement(t.Context(), legal, w.tick(), with.ID, registry.EngagementFields{Service: "Mail"})
		must(t, err)
		_, err = w.CreateLocation(t.Context(), legal, w.tick(), other.ID, registry.LocationFields{Place: "US", Transfer: &registry.Transfer{Mechanism: "dpf"}})
		must(t, err)
		open(t, w, noon, 2)
		open(t, w, noon, 0)
		for _, e := range w.fallen(t, with) {
			_, err := w.gate.CloseException(t.Context(), legal, noon, e.ID, sharing.Closing{Reason: "stopped"})
			must(t, err)
		}
		open(t, w, noon.Add(time.Hour), 0)
	})
	t.Run("of several instances one opens it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		with := w.transferring(t, "US", registry.Transfer{Mechanism: "dpf"}, lapsed)
		var wait sync.WaitGroup
		opened, errs := make([]int, 4), make([]error, 4)
		for i := range opened {
			wait.Go(func() { opened[i], errs[i] = w.newGate().OpenFallen(t.Context(), noon) })
		}
		wait.Wait()
		n := 0
		for i := range opened {
			must(t, errs[i])
			n += opened[i]
		}
		if n != 1 || len(w.fallen(t, with)) != 1 || w.count(t, `SELECT count(*) FROM log_entry WHERE type = 'transfer.fallen'`) != 1 {
			t.Errorf("opened %v", opened)
		}
	})
	t.Run("data of employees needs a certification that is about it, in the gate and in what fell", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		with := w.transferring(t, "US", registry.Transfer{Mechanism: "dpf"}, `[{"status":"active","frameworks":["eu_us"],"data":["non_hr"],"from":"2025-11-24"}]`)
		r := ask(with)
		r.Countries = []string{"US"}
		judged(t, w.share(t, r), sharing.Allowed)
		open(t, w, noon, 0)
		e, err := w.ChangeEngagement(t.Context(), legal, w.tick(), with.engagement.ID, 1, []byte(`{"data_subjects":["Employees"]}`))
		must(t, err)
		judged(t, w.share(t, r), sharing.Denied, "no_transfer_mechanism:US")
		open(t, w, noon, 1)
		_, err = w.ChangeEngagement(t.Context(), legal, w.tick(), with.engagement.ID, e.Version, []byte(`{"data_subjects":["Customers"]}`))
		must(t, err)
		judged(t, w.share(t, r), sharing.Allowed)
	})
}
