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
