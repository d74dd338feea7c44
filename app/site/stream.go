package site

import (
	"maps"
	"slices"
	"strings"

	"onward/registry/publishing"
)

// stream is one organisation: what it gets and where.
type stream struct {
	name         string
	data, places []string
}

// newStreams gathers what is said of each organisation, in the order of the list.
func newStreams(l *Language, entries []publishing.Entry) []*stream {
	var all []*stream
	at := map[string]*stream{}
	for _, e := range entries {
		s := at[e.VendorID+e.Vendor]
		if s == nil {
			s = &stream{name: e.Vendor}
			at[e.VendorID+e.Vendor] = s
			all = append(all, s)
		}
		for _, t := range e.Categories {
			s.data = once(s.data, l.category(t))
		}
		for _, d := range e.Data {
			if d.Class != "" {
				s.data = once(s.data, d.Class)
			} else {
				s.data = once(s.data, l.Say("flow.words"))
			}
		}
		for _, place := range e.Locations {
			s.places = once(s.places, l.place(place.Place))
		}
	}
	for _, s := range all {
		if len(s.data) == 0 {
			s.data = []string{l.Say("unstated")}
		}
		if len(s.places) == 0 {
			s.places = []string{l.Say("unstated")}
		}
	}
	return all
}

func once(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// shorten keeps the most frequent names of one side, and puts one name in the place of all others. It returns them, the most frequent first.
func shorten(streams []*stream, room int, side func(*stream) *[]string, rest func(int) string) []string {
	counts := map[string]int{}
	for _, s := range streams {
		for _, name := range *side(s) {
			counts[name]++
		}
	}
	names := slices.SortedFunc(maps.Keys(counts), func(x, y string) int {
		if counts[x] != counts[y] {
			return counts[y] - counts[x]
		}
		return strings.Compare(x, y)
	})
	if len(names) <= room {
		return names
	}
	cut := names[room-1:]
	other := rest(len(cut))
	for _, s := range streams {
		var kept []string
		for _, name := range *side(s) {
			if slices.Contains(cut, name) {
				name = other
			}
			kept = once(kept, name)
		}
		*side(s) = kept
	}
	return append(names[:room-1:room-1], other)
}

// fewer keeps the organisations of which most is said, in the order of the list, and makes one of the others.
func fewer(l *Language, streams []*stream) []*stream {
	if len(streams) <= flowVendors {
		return streams
	}
	byBands := slices.Clone(streams)
	slices.SortStableFunc(byBands, func(x, y *stream) int { return len(y.data) + len(y.places) - len(x.data) - len(x.places) })
	kept := byBands[:flowVendors-1]
	rest := &stream{name: l.Count("flow.organisations", len(streams)-len(kept))}
	var all []*stream
	for _, s := range streams {
		if slices.Contains(kept, s) {
			all = append(all, s)
			continue
		}
		for _, name := range s.data {
			rest.data = once(rest.data, name)
		}
		for _, name := range s.places {
			rest.places = once(rest.places, name)
		}
	}
	return append(all, rest)
}
