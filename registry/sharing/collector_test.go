package sharing_test

import (
	"testing"
	"time"

	"onward/registry"
	"onward/registry/sharing"
)

// P-25: whoever collects directly is a recipient, though there is no share.
func TestCollectors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	direct := func(change func(*registry.EngagementFields)) plan {
		p := usual()
		p.engagement = func(f *registry.EngagementFields) {
			f.Service, f.CollectionMode, f.Purposes, f.Categories = "Analytics", "direct", []string{"SITE_ADMIN"}, []string{"COOKIE"}
			edit(change, f)
		}
		return p
	}
	w.party(t, usual()) // gets its data from us
	now := w.party(t, direct(nil))
	past := w.party(t, direct(func(f *registry.EngagementFields) { f.From, f.Until = day(2021, 1, 1), day(2022, 12, 31) }))
	tomorrow := w.party(t, direct(func(f *registry.EngagementFields) { f.From = day(2026, 11, 25) }))
	proposed := direct(nil)
	proposed.state = registry.Proposed
	w.party(t, proposed)

	list := func(t *testing.T, at time.Time, person string) []sharing.Collector {
		t.Helper()
		r, err := w.gate.BeginSubjectReport(t.Context(), legal, at, sharing.SubjectQuestion{Subject: person})
		must(t, err)
		all, err := r.Collectors(t.Context())
		must(t, err)
		return all
	}
	t.Run("who collects directly is listed, also who did, and nobody who does not yet or never was authorised", func(t *testing.T) {
		t.Parallel()
		all := list(t, noon, "somebody of whom nothing is known")
		if len(all) != 2 || all[0].VendorID != now.ID || all[0].Name != now.Name || all[0].EngagementID != now.engagement.ID || all[0].Service != "Analytics" ||
			all[0].Purposes[0] != "SITE_ADMIN" || all[0].Categories[0] != "COOKIE" || all[0].From != nil ||
			all[1].VendorID != past.ID || all[1].From.String() != "2021-01-01" || all[1].Until.String() != "2022-12-31" {
			t.Errorf("got %+v", all)
		}
	})
	t.Run("it is listed from the first instant of its first day in UTC", func(t *testing.T) {
		t.Parallel()
		begins := day(2026, 11, 25).Start(time.UTC)
		if all := list(t, begins.Add(-time.Microsecond), "alice"); len(all) != 2 {
			t.Errorf("a microsecond before: %+v", all)
		}
		if all := list(t, begins, "alice"); len(all) != 3 || all[2].VendorID != tomorrow.ID {
			t.Errorf("at that instant: %+v", all)
		}
	})
}
