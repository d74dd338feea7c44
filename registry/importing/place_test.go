package importing_test

import (
	"testing"

	"onward/registry/publishing"
)

// TestEveryNameOfThePublicListIsUnderstood imports each place by its code and by the name that the public list gives it.
func TestEveryNameOfThePublicListIsUnderstood(t *testing.T) {
	t.Parallel()
	known := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			name := publishing.PlaceName(code)
			if name == code || name == "" {
				continue
			}
			known++
			rows := readText(t, "name,country,location\n\"A\",\""+name+"\","+code+"\n")
			if code == "EU" || code == "CG" { // no country; and "Congo" can be either
				if len(rows[0].Bad) == 0 || rows[0].Locations[0].Place != code {
					t.Errorf("%s, %q is taken as the country %q", code, name, rows[0].Vendor.Country)
				}
				continue
			}
			if r := rows[0]; len(r.Bad) > 0 || r.Vendor.Country != code || r.Locations[0].Place != code {
				t.Errorf("%s, %q: %v, country %q", code, name, r.Bad, r.Vendor.Country)
			}
		}
	}
	if known < 249 {
		t.Errorf("only %d countries have names", known)
	}
}
