package publishing_test

import (
	"errors"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/publishing"
)

func dates(days ...string) []registry.Date {
	all := make([]registry.Date, 0, len(days))
	for _, d := range days {
		all = append(all, *day(d))
	}
	return all
}

func calendar(from, until string, days ...string) registry.Calendar {
	return registry.Calendar{CalendarFields: registry.CalendarFields{From: *day(from), Until: *day(until), Dates: dates(days...)}}
}

func TestClock(t *testing.T) {
	t.Parallel()
	holidays := registry.Calendars{
		"berlin": calendar("2026-01-01", "2027-12-31", "2026-04-03", "2026-04-06", "2026-12-25", "2026-12-26", "2027-01-01"),
		"all":    calendar("2026-11-01", "2026-11-30", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30"),
	}
	for _, c := range []struct {
		rule           string
		number         int
		days, zone     string
		calendar       string
		begins, expect string
	}{
		{"the day on which it begins does not count", 1, "calendar", "", "", "2026-11-24T12:00:00Z", "2026-11-26T00:00:00Z"},
		{"nor from its first instant", 1, "calendar", "", "", "2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z"},
		{"nor from its last", 1, "calendar", "", "", "2026-11-24T23:59:59.999999Z", "2026-11-26T00:00:00Z"},
		{"thirty days", 30, "calendar", "", "", "2026-11-24T12:00:00Z", "2026-12-25T00:00:00Z"},
		{"no days are over as they begin", 0, "calendar", "", "", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"},
		{"no business days too, on a Sunday", 0, "business", "", "", "2026-11-29T12:00:00Z", "2026-11-29T12:00:00Z"},
		{"the day is that of its zone: Tokyo is a day on", 1, "calendar", "Asia/Tokyo", "", "2026-11-24T15:00:00Z", "2026-11-26T15:00:00Z"},
		{"an instant before, it is not", 1, "calendar", "Asia/Tokyo", "", "2026-11-24T14:59:59Z", "2026-11-25T15:00:00Z"},
		{"Honolulu is a day behind", 1, "calendar", "Pacific/Honolulu", "", "2026-11-24T09:59:59Z", "2026-11-25T10:00:00Z"},
		{"over the change to summer time", 5, "calendar", "Europe/Berlin", "", "2026-03-26T12:00:00Z", "2026-03-31T22:00:00Z"},
		{"ending on the day of 23 hours", 1, "calendar", "Europe/Berlin", "", "2026-03-28T12:00:00Z", "2026-03-29T22:00:00Z"},
		{"over the change to winter time", 1, "calendar", "Europe/Berlin", "", "2026-10-24T12:00:00Z", "2026-10-25T23:00:00Z"},
		{"where the day after has no midnight, it ends when the clock goes on", 1, "calendar", "America/Sao_Paulo", "", "2018-11-02T12:00:00Z", "2018-11-04T03:00:00Z"},
		{"where the day after has two midnights, it ends at the first", 1, "calendar", "America/Havana", "", "2026-10-30T12:00:00Z", "2026-11-01T04:00:00Z"},
		{"where a day is skipped whole, nobody loses an hour of the others", 2, "calendar", "Pacific/Apia", "", "2011-12-28T22:00:00Z", "2011-12-30T10:00:00Z"},
		{"a leap day is a day", 1, "calendar", "", "", "2028-02-28T12:00:00Z", "2028-03-01T00:00:00Z"},
		{"without one, the first of March is next", 1, "calendar", "", "", "2027-02-28T12:00:00Z", "2027-03-02T00:00:00Z"},
		{"a period of a year that has one", 365, "calendar", "", "", "2027-03-01T12:00:00Z", "2028-03-01T00:00:00Z"},
		{"over the end of a year", 30, "calendar", "", "", "2026-12-15T12:00:00Z", "2027-01-15T00:00:00Z"},
		{"calendar days end on a Sunday too", 5, "calendar", "", "", "2026-11-24T12:00:00Z", "2026-11-30T00:00:00Z"},
		{"business days leave out the weekend", 5, "business", "", "", "2026-11-24T12:00:00Z", "2026-12-02T00:00:00Z"},
		{"begun on a Friday, the first is Monday", 1, "business", "", "", "2026-11-27T12:00:00Z", "2026-12-01T00:00:00Z"},
		{"begun on a Saturday, too", 1, "business", "", "", "2026-11-28T12:00:00Z", "2026-12-01T00:00:00Z"},
		{"and begun on a Sunday", 1, "business", "", "", "2026-11-29T12:00:00Z", "2026-12-01T00:00:00Z"},
		{"Good Friday and Easter Monday are none in Berlin", 3, "business", "Europe/Berlin", "berlin", "2026-04-01T12:00:00Z", "2026-04-08T22:00:00Z"},
		{"they are where no calendar is named", 3, "business", "Europe/Berlin", "", "2026-04-01T12:00:00Z", "2026-04-06T22:00:00Z"},
		{"a holiday on a Saturday takes no other day", 3, "business", "", "berlin", "2026-12-23T12:00:00Z", "2026-12-30T00:00:00Z"},
		{"over the end of a year and its holiday", 5, "business", "", "berlin", "2026-12-29T12:00:00Z", "2027-01-07T00:00:00Z"},
		{"the longest of all", 3650, "calendar", "", "", "2026-11-24T12:00:00Z", "2036-11-22T00:00:00Z"},
		{"the longest of business days", 3650, "business", "", "", "2026-11-24T12:00:00Z", "2040-11-21T00:00:00Z"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			begins, _ := time.Parse(time.RFC3339Nano, c.begins)
			clock := publishing.Clock{Number: c.number, Days: c.days, From: "sent", Zone: c.zone, Calendar: c.calendar}
			got, err := clock.Ends(begins, holidays)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, "it ends", got.Format(time.RFC3339Nano), c.expect)
		})
	}

	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		rule   string
		clock  publishing.Clock
		begins time.Time
		kind   registry.Kind
	}{
		{"a negative number", publishing.Clock{Number: -1, Days: "calendar"}, at, registry.Invalid},
		{"a number that no contract has", publishing.Clock{Number: 3651, Days: "calendar"}, at, registry.Invalid},
		{"the largest number of all", publishing.Clock{Number: 1<<63 - 1, Days: "business"}, at, registry.Invalid},
		{"days of no kind", publishing.Clock{Number: 1, Days: "working"}, at, registry.Invalid},
		{"a zone that does not exist", publishing.Clock{Number: 1, Days: "calendar", Zone: "Mars/Base"}, at, registry.Invalid},
		{"a zone that is a file elsewhere", publishing.Clock{Number: 1, Days: "calendar", Zone: "../etc/passwd"}, at, registry.Invalid},
		{"a calendar that does not exist", publishing.Clock{Number: 1, Days: "business", Calendar: "none"}, at, registry.Invalid},
		{"days after the last of the calendar", publishing.Clock{Number: 1, Days: "business", Calendar: "all"}, at, registry.Conflict},
		{"days before the first of the calendar", publishing.Clock{Number: 1, Days: "business", Calendar: "all"}, at.AddDate(0, -2, 0), registry.Conflict},
		{"an end after the last year", publishing.Clock{Number: 3650, Days: "calendar"}, at.AddDate(7970, 0, 0), registry.Invalid},
	} {
		t.Run("refused is "+c.rule, func(t *testing.T) {
			t.Parallel()
			_, err := c.clock.Ends(c.begins, holidays)
			var refusal *registry.Refusal
			if !errors.As(err, &refusal) || refusal.Kind != c.kind {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Whatever the zone and the instant, a longer period never ends before a shorter one, and none before its days are over.
func TestClockGrows(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"} {
		for _, days := range []string{"calendar", "business"} {
			begins := time.Date(2011, 12, 20, 3, 17, 0, 0, time.UTC)
			for range 400 {
				begins = begins.Add(317 * time.Minute * 7)
				var before time.Time
				for n := range 12 {
					end, err := publishing.Clock{Number: n, Days: days, Zone: zone}.Ends(begins, nil)
					if err != nil {
						t.Fatal(err)
					}
					if end.Before(before) || end.Before(begins.Add(time.Duration(n-1)*23*time.Hour)) {
						t.Fatalf("%d %s days in %s from %s end at %s, after %s", n, days, zone, begins, end, before)
					}
					before = end
				}
			}
		}
	}
}
