package registry_test

import (
	"testing"

	"onward/registry"
)

func TestWorkingDay(t *testing.T) {
	t.Parallel()
	berlin := registry.Calendar{CalendarFields: registry.CalendarFields{
		From: *date(t, "2026-01-01"), Until: *date(t, "2026-12-31"),
		Dates: []registry.Date{*date(t, "2026-01-01"), *date(t, "2026-04-03"), *date(t, "2026-04-06"), *date(t, "2026-12-25"), *date(t, "2026-12-26")},
	}}
	for rule, c := range map[string]struct {
		calendar registry.Calendar
		day      string
		want     string
	}{
		"a working day is its own":                             {berlin, "2026-11-24", "2026-11-24"},
		"after a Saturday comes Monday":                        {berlin, "2026-11-28", "2026-11-30"},
		"after a Sunday too":                                   {berlin, "2026-11-29", "2026-11-30"},
		"from Good Friday over Easter Monday":                  {berlin, "2026-04-03", "2026-04-07"},
		"from Christmas over its weekend":                      {berlin, "2026-12-25", "2026-12-28"},
		"over the end of a year":                               {registry.Calendar{}, "2028-01-01", "2028-01-03"},
		"what the calendar does not know of is no holiday":     {berlin, "2027-01-01", "2027-01-01"},
		"without a calendar there are weekends and nothing":    {registry.Calendar{}, "2026-12-25", "2026-12-25"},
		"weekends are, whatever the calendar does not know of": {berlin, "2027-01-02", "2027-01-04"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			if got := c.calendar.WorkingDay(*date(t, c.day)); got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
