package registry

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a calendar day without a zone, from 1900-01-01 to 9999-12-31; JSON and SQL write it 2026-11-24.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads 2026-11-24 and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1900 {
		return Date{}, fmt.Errorf("must be a day between 1900-01-01 and 9999-12-31, written YYYY-MM-DD, not %s", shown(s))
	}
	return DateOf(t), nil
}

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Start is the first instant of the day in zone: of two midnights the first, and where the clock skips midnight, the instant it skips to.
func (d Date) Start(zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
	if zone == time.UTC {
		return t
	}
	begin, end := t.ZoneBounds()
	if DateOf(t).Before(d) {
		return end.UTC()
	}
	if !begin.IsZero() {
		_, offset := begin.Add(-time.Nanosecond).Zone()
		first := time.Date(d.Year, d.Month, d.Day, 0, 0, -offset, 0, time.UTC)
		if first.Before(begin) && first.Before(t) {
			return first
		}
	}
	return t.UTC()
}

// End is the first instant after the day in zone.
func (d Date) End(zone *time.Location) time.Time {
	return DateOf(time.Date(d.Year, d.Month, d.Day+1, 0, 0, 0, 0, time.UTC)).Start(zone)
}

// Before says whether d is an earlier day than o.
func (d Date) Before(o Date) bool { return d.Start(time.UTC).Before(o.Start(time.UTC)) }

func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}

// Value is the day as PostgreSQL reads it.
func (d Date) Value() (driver.Value, error) { return d.String(), nil }

// Scan reads a date column.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*d = DateOf(v)
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	default:
		return fmt.Errorf("a date cannot be read from %T", src)
	}
}

// Within says whether t is on one of the days from..until, both inclusive, as zone counts days; a nil end is open.
func Within(t time.Time, from, until *Date, zone *time.Location) bool {
	return (from == nil || !t.Before(from.Start(zone))) && (until == nil || t.Before(until.End(zone)))
}
