package publishing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"onward/registry/publishing"
)

func TestLaterOf(t *testing.T) {
	t.Parallel()
	change := publishing.Change{ChangeFields: publishing.ChangeFields{EffectiveOn: day("2026-12-10")}}
	on := func(stance publishing.Stance, text string) publishing.Standing {
		s := publishing.Standing{Stance: stance}
		if text != "" {
			s.StartsOn = day(text)
		}
		return s
	}
	for what, c := range map[string]struct {
		all  []publishing.Standing
		want publishing.Later
	}{
		"nobody":                         {nil, publishing.Later{}},
		"whoever starts on the day":      {[]publishing.Standing{on(publishing.Accepted, "2026-12-10")}, publishing.Later{}},
		"the last of those who do later": {[]publishing.Standing{on(publishing.Waiting, "2027-01-05"), on(publishing.Accepted, "2026-12-11")}, publishing.Later{Customers: 2, LastOn: day("2027-01-05")}},
		"who refused does not count":     {[]publishing.Standing{on(publishing.Refused, ""), on(publishing.Waiting, "")}, publishing.Later{Unknown: 1}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, change.LaterOf(c.all)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
