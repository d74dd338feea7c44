package registry_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"onward/registry"
)

func TestDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, day, zone, start, end string }{
		{"a day of UTC", "2026-11-24", "UTC", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"},
		{"the last day of a year", "2026-12-31", "Asia/Tokyo", "2026-12-30T15:00:00Z", "2026-12-31T15:00:00Z"},
		{"a day of 23 hours", "2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"a day of 25 hours", "2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"a day whose midnight is skipped", "2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
		{"a day with two midnights", "2026-11-01", "America/Havana", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"a day before which the last hour is repeated", "2018-02-18", "America/Sao_Paulo", "2018-02-18T03:00:00Z", "2018-02-19T03:00:00Z"},
		{"a day that never was", "2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			d := day(t, c.day)
			if got := d.Start(zone).Format(time.RFC3339); got != c.start {
				t.Errorf("starts %s, want %s", got, c.start)
			}
			if got := d.End(zone).Format(time.RFC3339); got != c.end {
				t.Errorf("ends %s, want %s", got, c.end)
			}
		})
	}
}

func TestEveryInstantIsOnItsDay(t *testing.T) {
	t.Parallel()
	names := []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Tehran", "Africa/Cairo", "Asia/Beirut"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "at"), 0)
		d := registry.DateOf(at.In(zone))
		if !registry.Within(at, &d, &d, zone) {
			t.Fatalf("%s is not within %s in %s: %s to %s", at.In(zone), d, zone, d.Start(zone), d.End(zone))
		}
	})
}
