package policy_test

import (
	"testing"
	"time"

	"onward/registry/policy"
)

func TestConsentFrom(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2027, time.March, d, 0, 0, 0, 0, time.UTC) }
	version := func(published, effective int, codes ...string) policy.Version {
		v := policy.Version{EffectiveAt: day(effective), PublishedAt: day(published)}
		for _, c := range codes {
			v.Purposes = append(v.Purposes, policy.Purpose{Code: c})
		}
		return v
	}
	versions := []policy.Version{
		version(9, 10, "TRAIN_AI"), // they need not be in order
		version(1, 2, "INFRA"),
		version(3, 4, "INFRA", "TRAIN_AI"),
		version(5, 6, "INFRA", "TRAIN_AI"),
		version(7, 8, "INFRA"),
	}
	for name, e := range map[string]struct {
		purpose string
		at      int
		want    int // 0: none
	}{
		"since the version that brought the purpose":                 {"TRAIN_AI", 5, 3},
		"versions that keep it ask nobody again":                     {"TRAIN_AI", 6, 3},
		"what the version does not have nobody can consent to":       {"TRAIN_AI", 8, 0},
		"what came back is to be consented to anew":                  {"TRAIN_AI", 10, 9},
		"what was there from the beginning, since the first version": {"INFRA", 8, 1},
		"before every version there is nothing to consent to":        {"INFRA", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := policy.ConsentFrom(versions, e.purpose, day(e.at))
			if ok != (e.want > 0) || (ok && !got.Equal(day(e.want))) {
				t.Errorf("got %s, %v", got, ok)
			}
		})
	}
	t.Run("where only the day of publication is known, it is that day's end in its zone", func(t *testing.T) {
		t.Parallel()
		v := policy.Version{Zone: "Europe/Berlin", PublishedOn: "2027-03-28"} // a day of 23 hours
		if got, want := v.Published(), time.Date(2027, time.March, 28, 22, 0, 0, 0, time.UTC); !got.Equal(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
