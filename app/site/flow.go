package site

import (
	"fmt"
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
