package registry

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold is the form in which names are searched: case, width and accents do not count, and what is written with compatibility characters
// is as written plainly.
func Fold(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s)))
}

// patterns are a LIKE pattern for each word of a search text.
func patterns(text string) []string {
	var all []string
	for _, word := range strings.Fields(Fold(text)) {
		all = append(all, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word)+"%")
	}
	return all
}
