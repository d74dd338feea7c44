package publishing_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onward/registry"
	"onward/registry/publishing"
)

func TestSettings(t *testing.T) { //nolint:tparallel // each step goes on from the one before
	t.Parallel()
	o := newOffice(t)
	s := must(publishing.ReadSettings(t.Context(), o.db))(t)

	t.Run("thirty calendar days each where nobody has set any", func(t *testing.T) { //nolint:paralleltest // see above
		if s.Version != 1 || s.Notice.Number != 30 || s.Notice.Days != "calendar" || s.Objection.Number != 30 || s.Zone != "UTC" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("what is set is what is read", func(t *testing.T) { //nolint:paralleltest // see above
		f := s.SettingsFields
		f.Notice.Number, f.Zone, f.Products = 14, "Europe/Berlin", []string{"Mail", "Files"}
		set := must(o.ChangeSettings(t.Context(), legal, o.tick(), 1, f))(t)
		s = must(o.Settings(t.Context()))(t)
		if diff := cmp.Diff(set, s); diff != "" || s.Version != 2 || s.Notice.Number != 14 {
			t.Error(diff, s)
		}
		same := must(o.ChangeSettings(t.Context(), legal, o.tick(), 2, f))(t)
		if same.Version != 2 {
			t.Error(same.Version)
		}
		_, err := o.ChangeSettings(t.Context(), legal, o.tick(), 1, f)
		refusedAs(t, err, registry.Stale)
	})
	t.Run("a customer's own clock stands before the default, whose zone fills in", func(t *testing.T) { //nolint:paralleltest // see above
		own := publishing.Customer{CustomerFields: publishing.CustomerFields{Notice: &publishing.Clock{Number: 5, Days: "business", From: "posted"}}}
		if got := s.NoticeOf(own); got.Number != 5 || got.Zone != "Europe/Berlin" {
			t.Errorf("%+v", got)
		}
		if got := s.NoticeOf(publishing.Customer{}); got.Number != 14 || got.Zone != "Europe/Berlin" {
			t.Errorf("%+v", got)
		}
		own.Notice.Zone = "Asia/Tokyo"
		if got := s.NoticeOf(own); got.Zone != "Asia/Tokyo" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a product that is not offered is nobody's", func(t *testing.T) { //nolint:paralleltest // see above
		f := customer("Misspelt")
		f.Products = []string{"Mail", "Flies"}
		_, err := o.CreateCustomer(t.Context(), legal, o.tick(), f)
		refusedAs(t, err, registry.Invalid, "/products/1")
		f.Products[1] = "files"
		o.customer(t, f)
	})
	t.Run("what a customer uses stays on offer", func(t *testing.T) { //nolint:paralleltest // see above
		f := s.SettingsFields
		f.Products = []string{"Mail"}
		_, err := o.ChangeSettings(t.Context(), legal, o.tick(), 2, f)
		refusedAs(t, err, registry.Conflict)
	})
	t.Run("bad fields are named together", func(t *testing.T) { //nolint:paralleltest // see above
		_, err := o.ChangeSettings(t.Context(), legal, o.tick(), 2, publishing.SettingsFields{
			Notice: publishing.Clock{Number: 3651, Days: "business", From: "sent", Calendar: "none"}, Zone: "Berlin", Language: "en", Products: []string{"A", "A"},
		})
		refusedAs(t, err, registry.Invalid, "/notice/number", "/objection/number", "/objection/days", "/objection/from", "/zone", "/products")
	})
}

// Settings that offer a product no more, and a customer that uses it, do not both come to be.
func TestSettingsAgainstCustomers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	s := must(o.Settings(t.Context()))(t)
	for i := range 12 {
		f := s.SettingsFields
		f.Products = []string{"Mail", fmt.Sprintf("New %d", i)}
		s = must(o.ChangeSettings(t.Context(), legal, o.tick(), s.Version, f))(t)
		var taken, dropped error
		var made publishing.Customer
		var all sync.WaitGroup
		all.Go(func() {
			c := customer(fmt.Sprintf("Customer %d", i))
			c.Products = f.Products[1:]
			made, taken = o.CreateCustomer(t.Context(), legal, o.tick(), c)
		})
		all.Go(func() {
			g := f
			g.Products = []string{"Mail"}
			_, dropped = o.ChangeSettings(t.Context(), legal, o.tick(), s.Version, g)
		})
		all.Wait()
		if (taken == nil) == (dropped == nil) {
			t.Fatalf("customer: %v; settings: %v", taken, dropped)
		}
		s = must(o.Settings(t.Context()))(t)
		if taken == nil { // it goes on without the product, so that the next round may drop it
			must(o.ChangeCustomer(t.Context(), legal, o.tick(), made.ID, 1, []byte(`{"products":null}`)))(t)
		}
	}
}

func TestCalendar(t *testing.T) { //nolint:tparallel // each step goes on from the one before
	t.Parallel()
	o := newOffice(t)
	f := calendar("2026-01-01", "2026-12-31", "2026-12-25", "2026-01-01").CalendarFields
	t.Run("its days are kept in order", func(t *testing.T) { //nolint:paralleltest // see above
		made := must(o.registry.PutCalendar(t.Context(), legal, o.tick(), "de", 0, f))(t)
		read := must(o.registry.Calendar(t.Context(), "de"))(t)
		if diff := cmp.Diff(made, read); diff != "" || read.Dates[0].String() != "2026-01-01" || !read.Has(*day("2026-12-25")) || read.Has(*day("2026-12-24")) {
			t.Error(diff, read)
		}
	})
	t.Run("it is replaced by who has seen it", func(t *testing.T) { //nolint:paralleltest // see above
		for _, version := range []int64{0, 2} {
			_, err := o.registry.PutCalendar(t.Context(), legal, o.tick(), "de", version, f)
			refusedAs(t, err, registry.Stale)
		}
		f.Until = *day("2027-12-31")
		if c := must(o.registry.PutCalendar(t.Context(), legal, o.tick(), "de", 1, f))(t); c.Version != 2 {
			t.Errorf("%+v", c)
		}
		if c := must(o.registry.PutCalendar(t.Context(), legal, o.tick(), "de", 2, f))(t); c.Version != 2 {
			t.Errorf("%+v", c)
		}
		_, err := o.registry.PutCalendar(t.Context(), legal, o.tick(), "fr", 1, f)
		refusedAs(t, err, registry.Stale)
	})
	t.Run("bad days and names are refused", func(t *testing.T) { //nolint:paralleltest // see above
		_, err := o.registry.PutCalendar(t.Context(), legal, o.tick(), "no code", 0, registry.CalendarFields{Until: *day("2026-01-01")})
		refusedAs(t, err, registry.Invalid, "/name", "/from")
		_, err = o.registry.PutCalendar(t.Context(), legal, o.tick(), "x", 0, calendar("2026-02-01", "2026-01-01").CalendarFields)
		refusedAs(t, err, registry.Invalid, "/until")
		_, err = o.registry.PutCalendar(t.Context(), legal, o.tick(), "x", 0, calendar("2026-01-01", "2026-12-31", "2027-01-01").CalendarFields)
		refusedAs(t, err, registry.Invalid, "/dates")
		_, err = o.registry.PutCalendar(t.Context(), legal, o.tick(), "x", 0, calendar("2026-01-01", "2026-12-31", "2026-05-01", "2026-05-01").CalendarFields)
		refusedAs(t, err, registry.Invalid, "/dates")
	})
	t.Run("all are read", func(t *testing.T) { //nolint:paralleltest // see above
		must(o.registry.PutCalendar(t.Context(), legal, o.tick(), "at", 0, f))(t)
		all := must(o.registry.Calendars(t.Context()))(t)
		if len(all) != 2 || all[0].Name != "at" || all[1].Name != "de" {
			t.Errorf("%+v", all)
		}
	})
}
