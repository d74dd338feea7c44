package site

import "strings"

// spoken is the language that a reader prefers of those that there are (RFC 9110, 12.5.4, by the lookup of RFC 4647): the one with the
// greatest weight, and of equals the one that is named first. Who names none of ours gets the first.
func spoken(accept []string, languages []*Language) int {
	if len(accept) == 0 || len(languages) == 1 {
		return 0
	}
	best, bestWeight := 0, 0.0
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, weight := weighted(part)
		if weight <= bestWeight {
			continue
		}
		if at, ok := lookup(name, languages); ok {
			best, bestWeight = at, weight
		}
	}
	return best
}

// lookup cuts subtags off the end of a range until a language has that tag; a language with more subtags is found by its beginning.
func lookup(name string, languages []*Language) (int, bool) {
	for name != "" {
		for i, l := range languages {
			if strings.EqualFold(l.Code, name) || len(l.Code) > len(name) && l.Code[len(name)] == '-' && strings.EqualFold(l.Code[:len(name)], name) {
				return i, true
			}
		}
		cut := strings.LastIndexByte(name, '-')
		name = name[:max(cut, 0)]
	}
	return 0, false
}
