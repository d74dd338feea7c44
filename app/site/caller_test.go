package site_test

import (
	"fmt"
	"testing"
	"time"

	"onward/app/site"
)

func TestCallers(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	often := func(allow func(string, time.Time) bool, n int, address func(int) string, at time.Time) (allowed int) {
		for i := range n {
			if allow(address(i), at) {
				allowed++
			}
		}
		return allowed
	}
	for rule, c := range map[string]struct {
		address func(int) string
		want    int
	}{
		"one address":                           {func(int) string { return "192.0.2.1" }, 10},
		"one address, written otherwise":        {func(i int) string { return []string{"192.0.2.1", "::ffff:192.0.2.1"}[i%2] }, 10},
		"a household's whole network is one":    {func(i int) string { return fmt.Sprintf("2001:db8:1:2::%x", i+1) }, 10},
		"another household is another":          {func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i/10+1) }, 30},
		"what cannot be read is one":            {func(i int) string { return fmt.Sprint("no address ", i) }, 10},
		"all callers together have a bound too": {func(i int) string { return fmt.Sprintf("10.%d.%d.1", i/250, i%250) }, 200},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			allow := site.NewCallers()
			n := 30
			if c.want == 200 {
				n = 1000
			}
			if got := often(allow, n, c.address, at); got != c.want {
				t.Errorf("%d of %d may ask, not %d", got, n, c.want)
			}
			if c.want == 10 {
				if got := often(allow, 5, c.address, at.Add(time.Minute)); got != 2 {
					t.Errorf("a minute later %d may ask, not 2", got)
				}
			}
		})
	}
	t.Run("many thousand callers are not all remembered", func(t *testing.T) {
		t.Parallel()
		allow, kept := site.NewCallersKept()
		for i := range 25_000 {
			allow(fmt.Sprintf("10.%d.%d.%d", i/62500, i/250%250, i%250), at.Add(time.Duration(i)*time.Second))
		}
		if n := kept(); n > 10_000 {
			t.Errorf("%d are kept", n)
		}
	})
}
