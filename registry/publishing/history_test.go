package publishing_test

import (
	"slices"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/publishing"
)

// TestHistory follows a change from its announcement to the release that it makes.
func TestHistory(t *testing.T) { //nolint:tparallel // each step goes on from the one before
	t.Parallel()
	o := newOffice(t)
	l := o.line(t, "Acme", true)
	o.current(t)
	f := l.steps(`{"service":"Backup"}`)
	f.EffectiveOn = day("2026-11-26")
	c := must(o.Propose(t.Context(), legal, o.tick(), f))(t)
	history := func(at time.Time) publishing.History {
		t.Helper()
		return must(o.History(t.Context(), at, 0))(t)
	}

	t.Run("nobody learns of what is only proposed", func(t *testing.T) { //nolint:paralleltest // see above
		if h := history(o.tick()); len(h.Upcoming) != 0 || len(h.Announced) != 0 || len(h.Releases) != 1 {
			t.Errorf("%+v", h)
		}
	})
	t.Run("what is announced is upcoming, with the days that are left", func(t *testing.T) { //nolint:paralleltest // see above
		c = must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, c.Version))(t)
		h := history(o.tick())
		if len(h.Upcoming) != 1 || len(h.Announced) != 1 || h.Upcoming[0].ID != c.ID || len(h.Upcoming[0].Differences) != 1 {
			t.Fatalf("%+v of %+v", h, c)
		}
		if left := h.Upcoming[0].DaysLeft(noon); left != 2 {
			t.Errorf("%d days are left", left)
		}
	})
	t.Run("taking effect and the release commit together, and the release names the change", func(t *testing.T) { //nolint:paralleltest // see above
		at := h0("2026-11-26").Add(time.Second)
		if n := must(o.ApplyDue(t.Context(), at))(t); n != 1 {
			t.Fatal(n)
		}
		h := history(at)
		if len(h.Releases) != 2 || !slices.Contains(h.Releases[0].Changes, c.ID) || len(h.Upcoming) != 0 || h.Announced[0].State != publishing.ChangeEffective {
			t.Fatalf("%+v", h)
		}
		d := h.Releases[0].Differences
		if len(d) != 1 || d[0].What != publishing.LineChanged || len(d[0].Fields) != 1 || d[0].Fields[0].Field != "service" {
			t.Errorf("%+v", d)
		}
		if list := must(o.Current(t.Context(), at))(t); list.Release.Number != 2 {
			t.Errorf("%+v", list.Release)
		}
	})
}

func TestHistoryInPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := o.public(t, "Acme", registry.EngagementFields{})
	o.current(t)
	for i := range publishing.HistoryReleases + 2 {
		e = must(o.registry.ChangeEngagement(t.Context(), legal, o.tick(), e.ID, e.Version, []byte(`{"service":"`+string(rune('A'+i%26))+`"}`)))(t)
		o.current(t)
	}
	h := must(o.History(t.Context(), o.tick(), 0))(t)
	if len(h.Releases) != publishing.HistoryReleases || h.Earlier != 3 {
		t.Fatalf("%d releases, earlier %d", len(h.Releases), h.Earlier)
	}
	rest := must(o.History(t.Context(), o.tick(), h.Earlier+1))(t)
	if len(rest.Releases) != 3 || rest.Releases[0].Number != 3 || rest.Earlier != 0 {
		t.Errorf("%+v", rest)
	}
}

func TestDaysLeft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, zone, on, now string
		want                int
	}{
		{"whole days", "UTC", "2026-12-01", "2026-11-24T12:00:00Z", 7},
		{"tomorrow is one, however late it is", "UTC", "2026-11-25", "2026-11-24T23:59:59Z", 1},
		{"the day itself is none", "UTC", "2026-11-24", "2026-11-24T00:00:00Z", 0},
		{"what is over is none", "UTC", "2026-11-20", "2026-11-24T00:00:00Z", 0},
		{"days are those of its zone", "Pacific/Auckland", "2026-11-25", "2026-11-24T12:00:00Z", 0},
		{"a change of the clocks is no day", "Europe/Berlin", "2026-10-26", "2026-10-24T22:30:00Z", 1},
		{"a leap day is one", "UTC", "2028-03-01", "2028-02-28T12:00:00Z", 2},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := (publishing.Upcoming{Zone: c.zone, EffectiveOn: *day(c.on)}).DaysLeft(now); got != c.want {
			t.Errorf("%s: %d, not %d", c.rule, got, c.want)
		}
	}
}

// h0 is the first instant of a UTC day.
func h0(text string) time.Time { return day(text).Start(time.UTC) }
