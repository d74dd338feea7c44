package sharing_test

import (
	"testing"
	"time"

	"onward/registry"
	"onward/registry/sharing"
)

func dayOf(tb testing.TB, text string) registry.Date {
	tb.Helper()
	d, err := registry.ParseDate(text)
	must(tb, err)
	return d
}

// berlinDays are holidays of 2026 and 2027.
func berlinDays(tb testing.TB) registry.CalendarFields {
	tb.Helper()
	f := registry.CalendarFields{From: dayOf(tb, "2026-01-01"), Until: dayOf(tb, "2027-12-31")}
	for _, d := range []string{"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-10-03", "2026-12-25", "2026-12-26", "2027-01-01", "2027-03-01"} {
		f.Dates = append(f.Dates, dayOf(tb, d))
	}
	return f
}

func TestDueOn(t *testing.T) {
	t.Parallel()
	berlin := registry.Calendar{CalendarFields: berlinDays(t)}
	for rule, c := range map[string]struct {
		received string
		months   int
		calendar registry.Calendar
		want     string
	}{
		"the same day of the next month":                               {"2026-11-24", 1, berlin, "2026-12-24"},
		"from 31 January, the last of February":                        {"2025-01-31", 1, berlin, "2025-02-28"},
		"in a leap year, the 29th":                                     {"2028-01-31", 1, berlin, "2028-02-29"},
		"from 30 January too":                                          {"2028-01-30", 1, berlin, "2028-02-29"},
		"the last of February on a Saturday: Monday":                   {"2026-01-31", 1, berlin, "2026-03-02"},
		"on a Sunday: Monday":                                          {"2027-01-31", 1, registry.Calendar{}, "2027-03-01"},
		"on a Sunday before a holiday: Tuesday":                        {"2027-01-31", 1, berlin, "2027-03-02"},
		"1900 and 2100 have no leap day":                               {"2100-01-31", 1, berlin, "2100-03-01"},
		"from 29 February, the 29th of March":                          {"2028-02-29", 1, berlin, "2028-03-29"},
		"from 31 August, 30 September":                                 {"2026-08-31", 1, berlin, "2026-09-30"},
		"over the end of a year":                                       {"2026-12-31", 1, berlin, "2027-02-01"},
		"Christmas Day, Boxing Day and their Sunday":                   {"2026-11-25", 1, berlin, "2026-12-28"},
		"no holidays where no calendar is named":                       {"2026-11-25", 1, registry.Calendar{}, "2026-12-25"},
		"Good Friday to Easter Monday":                                 {"2026-03-03", 1, berlin, "2026-04-07"},
		"a day of which the calendar knows nothing is a working day":   {"2027-12-03", 1, berlin, "2028-01-03"},
		"extended: three months after receipt":                         {"2026-11-24", 3, berlin, "2027-02-24"},
		"extended from 30 November into a leap year":                   {"2027-11-30", 3, berlin, "2028-02-29"},
		"extended from 31 January, not from the last of February":      {"2025-01-31", 3, berlin, "2025-04-30"},
		"extended from 30 November to a Sunday and a holiday after it": {"2026-11-30", 3, berlin, "2027-03-02"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			if got := sharing.DueOn(dayOf(t, c.received), c.months, c.calendar); got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// received is a request of access by alice.
func received(at time.Time) sharing.SubjectRequestFields {
	return sharing.SubjectRequestFields{Kind: "access", Subject: "alice", Channel: "portal", ReceivedAt: at}
}

func TestRequestZones(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.PutCalendar(t.Context(), legal, w.tick(), "berlin", 0, berlinDays(t))
	must(t, err)
	for rule, c := range map[string]struct{ at, zone, calendar, on, dueOn, dueAt string }{
		"in UTC, where nothing is said":                {"2026-10-20T23:59:59Z", "", "", "2026-10-20", "2026-11-20", "2026-11-21T00:00:00Z"},
		"Tokyo is a day on":                            {"2026-10-19T15:00:00Z", "Asia/Tokyo", "", "2026-10-20", "2026-11-20", "2026-11-20T15:00:00Z"},
		"an instant before, it is not":                 {"2026-10-19T14:59:59Z", "Asia/Tokyo", "", "2026-10-19", "2026-11-19", "2026-11-19T15:00:00Z"},
		"Honolulu is a day behind":                     {"2026-10-20T09:59:59Z", "Pacific/Honolulu", "", "2026-10-19", "2026-11-19", "2026-11-20T10:00:00Z"},
		"over the change to summer time":               {"2026-02-28T23:30:00Z", "Europe/Berlin", "", "2026-03-01", "2026-04-01", "2026-04-01T22:00:00Z"},
		"over the change to winter time":               {"2026-10-01T21:30:00Z", "Europe/Berlin", "", "2026-10-01", "2026-11-02", "2026-11-02T23:00:00Z"},
		"with holidays, ending in summer time":         {"2026-03-03T10:00:00Z", "Europe/Berlin", "berlin", "2026-03-03", "2026-04-07", "2026-04-07T22:00:00Z"},
		"a day that a zone skipped ends as it begins":  {"2011-11-30T12:00:00Z", "Pacific/Apia", "", "2011-11-30", "2011-12-30", "2011-12-30T10:00:00Z"},
		"where the clock goes on at midnight, it ends": {"2026-03-22T22:30:00Z", "Africa/Cairo", "", "2026-03-23", "2026-04-23", "2026-04-23T22:00:00Z"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, c.at)
			must(t, err)
			f := received(at)
			f.Zone, f.Calendar = c.zone, c.calendar
			r, err := w.gate.ReceiveRequest(t.Context(), legal, noon, newKey(), f)
			must(t, err)
			read, err := w.gate.Request(t.Context(), legal, noon, r.ID)
			must(t, err)
			if r.ReceivedOn != read.ReceivedOn || r.DueOn != read.DueOn || !r.DueAt.Equal(read.DueAt) {
				t.Errorf("answered %+v, read %+v", r, read)
			}
			if due := r.DueAt.Format(time.RFC3339); r.ReceivedOn.String() != c.on || r.DueOn.String() != c.dueOn || due != c.dueAt {
				t.Errorf("received on %s, due on %s until %s", r.ReceivedOn, r.DueOn, due)
			}
		})
	}
}
