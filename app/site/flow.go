package site

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"onward/registry/publishing"
)

// How many of each the picture has room for; the rest are drawn as one.
const (
	flowVendors = 24
	flowData    = 14
	flowPlaces  = 18
)

// Measures of the picture, in CSS pixels: it is as wide as its columns, and scrolls on a narrow screen.
const (
	flowWidth  = 960
	bandHeight = 20 // of an organisation
	bandGap    = 5
	nodeHeight = 18 // that a line of text needs
	dataX      = 240
	vendorX    = 372
	vendorEnd  = 588
	placeX     = 712
	barWidth   = 8
)

// flow is the picture of which data goes to whom and where, and the same as a table.
type flow struct {
	Width, Height         int
	Data, Vendors, Places []node
	Bands                 []band
	Rows                  []flowRow
}

// node is a box and its text.
type node struct {
	X, Y, Width, Height float64
	TextX, TextY        float64
	Text                string
	Full                string // where Text is shortened
	used                float64
}

// band leads from one node to another.
type band struct {
	D     string
	Width string
}

type flowRow struct{ Data, Vendor, Places string }

// stream is one organisation: what it gets and where.
type stream struct {
	name         string
	data, places []string
}

// newFlow is nil where there is nobody to draw.
func newFlow(l *Language, entries []publishing.Entry) *flow {
	streams := newStreams(l, entries)
	if len(streams) == 0 {
		return nil
	}
	data := shorten(streams, flowData, func(s *stream) *[]string { return &s.data }, func(n int) string { return l.Count("flow.data", n) })
	places := shorten(streams, flowPlaces, func(s *stream) *[]string { return &s.places }, func(n int) string { return l.Count("flow.places", n) })
	streams = fewer(l, streams)
	f := &flow{Width: flowWidth}
	for _, s := range streams {
		f.Rows = append(f.Rows, flowRow{strings.Join(s.data, ", "), s.name, strings.Join(s.places, ", ")})
	}
	f.draw(streams, data, places)
	return f
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

// draw places three columns beside each other and leads bands between them. A band's thickness is its share of the organisation's height.
func (f *flow) draw(streams []*stream, data, places []string) {
	dataShare, placeShare := map[string]float64{}, map[string]float64{}
	for _, s := range streams {
		for _, name := range s.data {
			dataShare[name] += bandHeight / float64(len(s.data))
		}
		for _, name := range s.places {
			placeShare[name] += bandHeight / float64(len(s.places))
		}
	}
	f.Data, f.Places = column(data, dataShare), column(places, placeShare)
	for i, s := range streams {
		n := node{X: vendorX, Y: float64(i * (bandHeight + bandGap)), Width: vendorEnd - vendorX, Height: bandHeight, Text: s.name}
		if runes := []rune(s.name); len(runes) > 31 {
			n.Text, n.Full = string(runes[:30])+"…", s.name
		}
		n.TextX = (vendorX + vendorEnd) / 2
		f.Vendors = append(f.Vendors, n)
	}
	height := max(bottom(f.Data), bottom(f.Vendors), bottom(f.Places))
	f.Height = int(height) + 1
	for _, c := range []struct {
		nodes        []node
		x, textX, by float64
	}{{f.Data, dataX, dataX - 8, barWidth}, {f.Places, placeX, placeX + barWidth + 8, barWidth}, {f.Vendors, vendorX, 0, vendorEnd - vendorX}} {
		lower := (height - bottom(c.nodes)) / 2
		for i := range c.nodes {
			n := &c.nodes[i]
			n.X, n.Width, n.Y = c.x, c.by, round(n.Y+lower)
			n.TextY = round(n.Y + n.Height/2)
			if c.textX > 0 {
				n.TextX = c.textX
			}
		}
	}
	for i, s := range streams {
		v := &f.Vendors[i]
		f.lead(s.data, data, f.Data, v, true)
		v.used = 0
		f.lead(s.places, places, f.Places, v, false)
	}
}

// column places nodes below each other, each as high as its share and no lower than a line of text.
func column(names []string, share map[string]float64) []node {
	var all []node
	y := 0.0
	for _, name := range names {
		n := node{Y: y, Height: round(share[name]), Text: name}
		if runes := []rune(name); len(runes) > 30 {
			n.Text, n.Full = string(runes[:29])+"…", name
		}
		if lack := nodeHeight - n.Height; lack > 0 {
			n.Y += lack / 2
		}
		all = append(all, n)
		y += max(n.Height, nodeHeight) + bandGap
	}
	return all
}

func bottom(nodes []node) float64 {
	last := nodes[len(nodes)-1]
	return last.Y + max(last.Height, nodeHeight)
}

// lead draws the bands between an organisation and the nodes of one side.
func (f *flow) lead(names, order []string, nodes []node, v *node, before bool) {
	width := bandHeight / float64(len(names))
	for i := range nodes {
		if !slices.Contains(names, order[i]) {
			continue
		}
		n := &nodes[i]
		fromY, toY := n.Y+n.used+width/2, v.Y+v.used+width/2
		n.used, v.used = n.used+width, v.used+width
		from, to := float64(dataX+barWidth), float64(vendorX)
		if !before {
			from, to, fromY, toY = vendorEnd, placeX, toY, fromY
		}
		middle := (from + to) / 2
		f.Bands = append(f.Bands, band{
			D:     fmt.Sprintf("M%g %gC%g %g %g %g %g %g", from, round(fromY), middle, round(fromY), middle, round(toY), to, round(toY)),
			Width: fmt.Sprint(max(round(width), 1)),
		})
	}
}

// round keeps one digit after the point.
func round(v float64) float64 { return float64(int(v*10+0.5)) / 10 }
