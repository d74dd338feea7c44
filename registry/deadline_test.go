package registry_test

import (
	"testing"
	"time"

	"onward/registry"
)

func date(t *testing.T, s string) *registry.Date {
	t.Helper()
	if s == "" {
		return nil
	}
	d, err := registry.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

func TestAddMonths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2026-08-31", 1, "2026-09-30"},
		{"2026-11-30", 3, "2027-02-28"},
		{"2026-12-31", 2, "2027-02-28"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-05-15", 0, "2026-05-15"},
		{"1900-01-31", 12 * 200, "2100-01-31"},
		{"2096-02-29", 48, "2100-02-28"}, // 2100 is no leap year
	} {
		if got := date(t, c.from).AddMonths(c.n).String(); got != c.want {
			t.Errorf("%d months after %s: got %s, want %s", c.n, c.from, got, c.want)
		}
	}
}

func TestReviewDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, first string
		every       int
		today, want string
	}{
		{"without a day there is none", "", 0, "2026-11-24", ""},
		{"the day before it is not due", "2026-11-25", 0, "2026-11-24", ""},
		{"on its day it is", "2026-11-24", 0, "2026-11-24", "2026-11-24"},
		{"without an interval it stays the same", "2020-01-01", 0, "2026-11-24", "2020-01-01"},
		{"under an interval the last one is due", "2024-05-31", 6, "2026-11-29", "2026-05-31"},
		{"and on its day the next", "2024-05-31", 6, "2026-11-30", "2026-11-30"},
		{"a leap day's review is due on the last of February", "2024-02-29", 12, "2026-02-28", "2026-02-28"},
		{"and not the day before", "2024-02-29", 12, "2026-02-27", "2025-02-28"},
		{"and on the leap day again", "2024-02-29", 12, "2028-02-28", "2027-02-28"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			f := registry.VendorFields{ReviewOn: date(t, c.first)}
			if c.every > 0 {
				f.ReviewMonths = &c.every
			}
			got := ""
			if due := f.ReviewDue(*date(t, c.today)); due != nil {
				got = due.String()
			}
			if got != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestRenewal(t *testing.T) {
	t.Parallel()
	none := -1
	for _, c := range []struct {
		rule         string
		until        string
		months, days int
		terminated   string
		at           string
		term, notice string
	}{
		{"the first term ends as it was agreed", "2026-12-31", 12, 60, "", "2026-11-24T12:00:00Z", "2026-12-31", "2026-11-01"},
		{"its last day belongs to it whole", "2026-12-31", 12, 60, "", "2026-12-31T23:59:59Z", "2026-12-31", "2026-11-01"},
		{"then the next begins", "2026-12-31", 12, 60, "", "2027-01-01T00:00:00Z", "2027-12-31", "2027-11-01"},
		{"a term of a month ends on the last day of each", "2026-01-31", 1, 10, "", "2026-02-10T00:00:00Z", "2026-02-28", "2026-02-18"},
		{"counted from the first end, not from the last", "2026-01-31", 1, 10, "", "2026-03-10T00:00:00Z", "2026-03-31", "2026-03-21"},
		{"from a leap day to the end of February and back", "2024-02-29", 12, 30, "", "2027-06-01T00:00:00Z", "2028-02-29", "2028-01-30"},
		{"many years later", "2020-06-30", 12, 30, "", "2026-07-01T00:00:00Z", "2027-06-30", "2027-05-31"},
		{"without a length nothing is known after the first term", "2026-01-31", none, 10, "", "2026-02-10T00:00:00Z", "", ""},
		{"without notice days there is no day of notice", "2026-12-31", 12, none, "", "2026-11-24T12:00:00Z", "2026-12-31", ""},
		{"what was terminated does not renew itself", "2026-12-31", 12, 60, "2026-11-30", "2026-11-24T12:00:00Z", "", ""},
		{"before it is in force it does not either", "2026-12-31", 12, 60, "", "2019-11-24T12:00:00Z", "", ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			k := registry.Contract{ContractFields: registry.ContractFields{
				AutoRenewal: true, SignedOn: date(t, "2020-01-01"), InForceFrom: date(t, "2020-01-01"), InForceUntil: date(t, c.until),
				TerminatedOn: date(t, c.terminated),
			}}
			if c.months != none {
				k.RenewalMonths = &c.months
			}
			if c.days != none {
				k.NoticeDaysUs = &c.days
			}
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			term, notice := k.Renewal(at)
			if c.term == "" != (term == nil) || term != nil && term.String() != c.term || c.notice == "" != (notice == nil) || notice != nil && notice.String() != c.notice {
				t.Errorf("got %v, %v", term, notice)
			}
		})
	}
	t.Run("days are the contract's own", func(t *testing.T) {
		t.Parallel()
		k := registry.Contract{ContractFields: registry.ContractFields{
			AutoRenewal: true, SignedOn: date(t, "2020-01-01"), InForceFrom: date(t, "2020-01-01"), InForceUntil: date(t, "2026-12-31"),
			RenewalMonths: func() *int { n := 12; return &n }(), Zone: "Pacific/Auckland",
		}}
		if term, _ := k.Renewal(time.Date(2026, 12, 31, 11, 0, 0, 0, time.UTC)); term.String() != "2027-12-31" {
			t.Errorf("at midnight in Auckland the term is that until %s", term)
		}
	})
}
