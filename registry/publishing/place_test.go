package publishing_test

import (
	"slices"
	"testing"

	"onward/registry/publishing"
)

func TestPlaceNames(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"SZ": "Eswatini", "TR": "Türkiye", "CZ": "Czechia", "MK": "North Macedonia", "CV": "Cabo Verde", "NL": "Netherlands",
		"EEA": "European Economic Area", "EU": "European Union", "GLOBAL": "Worldwide", "UNSPECIFIED": "Not specified", "XX": "XX", "": "",
	} {
		expect(t, code, publishing.PlaceName(code), want)
	}
	var all []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if code := string([]rune{a, b}); publishing.CountryName(code) != code {
				all = append(all, publishing.CountryName(code))
			}
		}
	}
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 249 {
		t.Errorf("%d countries, not 249", n)
	}
}
