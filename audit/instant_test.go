package audit_test

import (
	"testing"
	"time"

	"onward/audit"
)

func FuzzInstant(f *testing.F) {
	for _, t := range []time.Time{
		start,
		{},
		time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 1, 2, 3, 4005, time.UTC),
	} {
		f.Add(t.Unix(), t.Nanosecond(), 0)
		f.Add(t.Unix(), t.Nanosecond(), -5*3600)
	}
	f.Fuzz(func(t *testing.T, seconds int64, nanoseconds, east int) {
		at := time.Unix(seconds%(1<<40), int64(nanoseconds)).In(time.FixedZone("", east%(24*3600)))
		want := at.UTC().Format("2006-01-02T15:04:05.000000Z")
		if got := audit.AppendInstant(at); got != want {
			t.Fatalf("%s, not %s", got, want)
		}
	})
}
