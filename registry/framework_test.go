package registry_test

import (
	"slices"
	"testing"
	"time"

	"onward/registry"
)

func TestFrameworks(t *testing.T) {
	t.Parallel()
	status := func(status, from, until string, names ...string) registry.FrameworkStatus {
		return registry.FrameworkStatus{Status: status, Frameworks: names, From: date(t, from), Until: date(t, until)}
	}
	for _, c := range []struct {
		rule string
		dpf  []registry.FrameworkStatus
		at   string
		want []string
		end  string // of eu_us
	}{
		{"without a record nobody is certified", nil, "2026-11-24T12:00:00Z", nil, ""},
		{"the last day belongs to it whole", []registry.FrameworkStatus{status("active", "2025-11-25", "2026-11-24", "eu_us", "uk_extension")}, "2026-11-24T23:59:59Z", []string{"eu_us", "uk_extension"}, "2026-11-25"},
		{"and then it has lapsed", []registry.FrameworkStatus{status("active", "2025-11-25", "2026-11-24", "eu_us")}, "2026-11-25T00:00:00Z", nil, "2026-11-25"},
		{"whoever certifies anew in time goes on", []registry.FrameworkStatus{status("active", "2025-11-25", "2026-11-24", "eu_us"), status("active", "2026-11-25", "2027-11-24", "eu_us")}, "2026-11-24T12:00:00Z", []string{"eu_us"}, "2027-11-25"},
		{"removed from the list, it is not", []registry.FrameworkStatus{status("active", "2025-01-01", "", "eu_us", "swiss_us"), status("inactive", "2026-06-01", "", "eu_us")}, "2026-06-01T00:00:00Z", []string{"swiss_us"}, "2026-06-01"},
		{"the day before it was", []registry.FrameworkStatus{status("active", "2025-01-01", "", "eu_us"), status("inactive", "2026-06-01", "", "eu_us")}, "2026-05-31T23:59:59Z", []string{"eu_us"}, "2026-06-01"},
		{"taken up again, it is", []registry.FrameworkStatus{status("active", "2025-01-01", "", "eu_us"), status("inactive", "2026-06-01", "2026-06-30", "eu_us")}, "2026-07-01T00:00:00Z", []string{"eu_us"}, "2026-06-01"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			f := registry.VendorFields{DPF: c.dpf}
			if got := f.FrameworksAt(at); !slices.Equal(got, c.want) {
				t.Errorf("got %v", got)
			}
			end := ""
			if e := f.FrameworkEnd("eu_us", at); !e.IsZero() {
				end = e.Format(time.DateOnly)
			}
			if end != c.end {
				t.Errorf("it ends on %q", end)
			}
		})
	}
}

// Data of employees needs a certification that is about it; where nobody says whose data it is, either will do.
func TestFrameworkData(t *testing.T) {
	t.Parallel()
	status := func(status string, from string, data ...string) registry.FrameworkStatus {
		return registry.FrameworkStatus{Status: status, Frameworks: []string{"eu_us"}, Data: data, From: date(t, from)}
	}
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for rule, c := range map[string]struct {
		dpf      []registry.FrameworkStatus
		subjects []string
		want     bool
	}{
		"about other data, whose is not stated":            {[]registry.FrameworkStatus{status("active", "2025-01-01", "non_hr")}, nil, true},
		"about employees' data, whose is not stated":       {[]registry.FrameworkStatus{status("active", "2025-01-01", "hr")}, nil, true},
		"about other data, of customers":                   {[]registry.FrameworkStatus{status("active", "2025-01-01", "non_hr")}, []string{"Customers"}, true},
		"about other data, of employees":                   {[]registry.FrameworkStatus{status("active", "2025-01-01", "non_hr")}, []string{"Employees"}, false},
		"about other data, of job applicants":              {[]registry.FrameworkStatus{status("active", "2025-01-01", "non_hr")}, []string{"job applicants (Europe)"}, false},
		"about other data, of customers' employees":        {[]registry.FrameworkStatus{status("active", "2025-01-01", "non_hr")}, []string{"employees of customers"}, true},
		"about other data, of both":                        {[]registry.FrameworkStatus{status("active", "2025-01-01", "non_hr")}, []string{"customers", "staff"}, false},
		"about employees' data, of employees":              {[]registry.FrameworkStatus{status("active", "2025-01-01", "hr")}, []string{"Former employees"}, true},
		"about employees' data, of customers":              {[]registry.FrameworkStatus{status("active", "2025-01-01", "hr")}, []string{"visitors"}, false},
		"about both in two lines, of both":                 {[]registry.FrameworkStatus{status("active", "2025-01-01", "hr"), status("active", "2025-06-01", "non_hr")}, []string{"customers", "staff"}, true},
		"about whatever, where it does not say":            {[]registry.FrameworkStatus{status("active", "2025-01-01")}, []string{"customers", "staff"}, true},
		"withdrawn for employees' data, of employees":      {[]registry.FrameworkStatus{status("active", "2025-01-01"), status("inactive", "2026-01-01", "hr")}, []string{"staff"}, false},
		"withdrawn for employees' data, of customers":      {[]registry.FrameworkStatus{status("active", "2025-01-01"), status("inactive", "2026-01-01", "hr")}, []string{"customers"}, true},
		"withdrawn for employees' data, whose no one says": {[]registry.FrameworkStatus{status("active", "2025-01-01"), status("inactive", "2026-01-01", "hr")}, nil, true},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			data := registry.EngagementFields{DataSubjects: c.subjects}.FrameworkData()
			got := slices.Contains(registry.VendorFields{DPF: c.dpf}.FrameworksAt(at, data...), "eu_us")
			if got != c.want {
				t.Errorf("got %t for %v", got, data)
			}
		})
	}
	if end := (registry.VendorFields{DPF: []registry.FrameworkStatus{status("active", "2025-01-01"), status("inactive", "2026-01-01", "hr")}}).FrameworkEnd("eu_us", at, "hr"); end.Format(time.DateOnly) != "2026-01-01" {
		t.Errorf("for employees' data it ended at %s", end)
	}
}
