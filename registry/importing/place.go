package importing

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"onward/registry"
)

// countryNames has a line per country of ISO 3166-1: the code and the English names that are understood, the usual one first.
//
//go:embed countries.tsv
var countryNames string

// countries maps plain names and codes to codes.
var countries = sync.OnceValue(func() map[string]string {
	codes := map[string]string{}
	for line := range strings.Lines(countryNames) {
		words := strings.Split(strings.TrimSpace(line), "\t")
		for _, w := range words {
			codes[plain(w)] = words[0]
		}
	}
	return codes
})

// regions maps plain words to places that are no country.
var regions = map[string]string{
	"eea": registry.EEA, "european economic area": registry.EEA,
	"eu": registry.EU, "european union": registry.EU,
	"global": registry.Global, "globally": registry.Global, "worldwide": registry.Global, "global edge": registry.Global,
	"unspecified": registry.Unspecified, "varies": registry.Unspecified, "various": registry.Unspecified, "unknown": registry.Unspecified,
	"not specified": registry.Unspecified, "not stated": registry.Unspecified,
}

// country is the code of a country by its code or English name; false when it is none.
func country(s string) (string, bool) {
	code, ok := countries()[plain(s)]
	return code, ok
}

// place is where s says: a country, or a place that is none, then with the source's word for it where that is not the code itself.
func place(s string) (code, stated string, ok bool) {
	if code, ok := country(s); ok {
		return code, "", true
	}
	code, ok = regions[plain(s)]
	if !ok || strings.EqualFold(s, code) {
		return code, "", ok
	}
	return code, s, true
}

// location reads "Germany (Frankfurt)": a place and, in parentheses, its detail.
func location(s string) (registry.LocationFields, bool) {
	if code, stated, ok := place(s); ok {
		return registry.LocationFields{Place: code, Stated: stated}, true
	}
	before, detail, found := strings.Cut(s, "(")
	detail, closed := strings.CutSuffix(strings.TrimSpace(detail), ")")
	if !found || !closed {
		return registry.LocationFields{}, false
	}
	code, stated, ok := place(strings.TrimSpace(before))
	return registry.LocationFields{Place: code, Stated: stated, Detail: strings.TrimSpace(detail)}, ok
}

// plain is s in lower case, without accents and points, with single spaces, "and" for "&", and no leading "the".
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ReplaceAll(s, "&", " and ")) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '.':
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	return strings.TrimPrefix(strings.Join(strings.Fields(b.String()), " "), "the ")
}
