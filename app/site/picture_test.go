package site_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"onward/registry/publishing"
)

func TestEveryCountryHasASquare(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("map.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	width := 0
	for row := range strings.Lines(string(text)) {
		codes := strings.Fields(row)
		if width > 0 && len(codes) != width {
			t.Errorf("a row has %d places, not %d", len(codes), width)
		}
		width = len(codes)
		for _, code := range codes {
			switch {
			case code == "..":
			case seen[code]:
				t.Errorf("%s is there twice", code)
			case publishing.CountryName(code) == code:
				t.Errorf("%s is no country", code)
			}
			seen[code] = true
		}
	}
	delete(seen, "..")
	if len(seen) != 249 {
		t.Errorf("%d countries", len(seen))
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	entry := func(vendor, service string, places ...string) publishing.Entry {
		e := publishing.Entry{ID: vendor + service, VendorID: vendor, Vendor: vendor, Kinds: []string{"subprocessor"}, Service: service, Locations: []publishing.Location{}}
		for _, p := range places {
			e.Locations = append(e.Locations, publishing.Location{Place: p, Name: publishing.PlaceName(p)})
		}
		return e
	}
	_, h := start(t, &records{list: publishing.List{Updated: noon, Entries: []publishing.Entry{
		entry("a", "1", "DE", "EEA"), entry("a", "2", "DE", "FR"), entry("b", "1", "DE", "GLOBAL"), entry("c", "1", "UNSPECIFIED", "XK", "EU"), entry("d", "1"),
	}}})
	page := get(t, h, "/subprocessors").Body
	part := find(parseHTML(t, page), "section", "id=map")[0]
	marks := texts(find(part, "g", "transform"))
	if got := strings.Join(marks, ", "); got != "DE2, FR1" {
		t.Errorf("marked are %s: an organisation counts once in a country, and what is no country marks none", got)
	}
	var alt string
	for _, a := range find(part, "svg", "")[0].Attr {
		if a.Key == "aria-label" {
			alt = a.Val
		}
	}
	if want := "Map of the world, one square for each country. Marked are: Germany (2), France (1)."; alt != want {
		t.Errorf("the text instead is %q", alt)
	}
	lists := find(part, "ul", "class=counts")
	if got := strings.Join(texts(find(lists[1], "li", "")), ", "); got != "European Economic Area 1, European Union 1, Not specified 1, Worldwide 1, XK 1" {
		t.Errorf("beside the map stands %s", got)
	}
	if !strings.Contains(page, `href="/subprocessors?lang=en&amp;place=FR"`) {
		t.Error("the names do not lead to what is in a country")
	}
}

var numbers = regexp.MustCompile(`-?[0-9.]+`)

// TestFlow draws lists of any shape: every band ends within its boxes, and every organisation gives away as much as it gets.
func TestFlow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		list := publishing.List{Updated: noon}
		for i := range rapid.IntRange(1, 60).Draw(r, "vendors") {
			e := publishing.Entry{ID: strconv.Itoa(i), VendorID: strconv.Itoa(i), Vendor: fmt.Sprint("Vendor ", i), Kinds: []string{"partner"}, Service: "x", Locations: []publishing.Location{}}
			for n := range rapid.IntRange(0, 6).Draw(r, "data") {
				e.Data = append(e.Data, publishing.Data{Class: fmt.Sprint("Data ", (i*3+n)%30), Items: []string{"y"}})
			}
			for n := range rapid.IntRange(0, 6).Draw(r, "places") {
				code := []string{"DE", "FR", "US", "GB", "EEA", "JP", "AT", "GLOBAL"}[(i+n)%8]
				e.Locations = append(e.Locations, publishing.Location{Place: code, Name: code})
			}
			list.Entries = append(list.Entries, e)
		}
		_, h := start(t, &records{list: list})
		part := find(parseHTML(t, get(t, h, "/subprocessors").Body), "section", "id=flow")[0]
		boxes := func(class string, at int) (all [][2]float64) {
			for _, rect := range find(find(part, "g", "class="+class)[at], "rect", "") {
				y := attribute(r, rect, "y")
				all = append(all, [2]float64{y, y + attribute(r, rect, "height")})
			}
			return all
		}
		columns := map[float64][][2]float64{248: boxes("ends from", 0), 372: boxes("mids", 0), 588: boxes("mids", 0), 712: boxes("ends", 0)}
		flow := map[float64]float64{}
		for _, path := range find(part, "path", "") {
			var d []float64
			for _, n := range numbers.FindAllString(attributeText(path, "d"), -1) {
				v, err := strconv.ParseFloat(n, 64)
				if err != nil {
					r.Fatal(err)
				}
				d = append(d, v)
			}
			width := attribute(r, path, "stroke-width")
			for _, end := range [][2]float64{{d[0], d[1]}, {d[6], d[7]}} {
				within := false
				for _, box := range columns[end[0]] {
					within = within || end[1]-width/2 > box[0]-1 && end[1]+width/2 < box[1]+1
				}
				if !within {
					r.Fatalf("a band of %g ends at %v, outside of every box", width, end)
				}
				flow[end[0]] += width
			}
		}
		if math.Abs(flow[372]-flow[588]) > 0.05*flow[372]+1 {
			r.Errorf("%g goes in and %g comes out", flow[372], flow[588])
		}
		if rows := len(find(find(part, "tbody", "")[0], "tr", "")); rows != len(columns[372]) {
			r.Errorf("the table has %d rows for %d organisations", rows, len(columns[372]))
		}
	})
}

func attribute(t *rapid.T, n *html.Node, name string) float64 {
	v, err := strconv.ParseFloat(attributeText(n, name), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func attributeText(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestGroupedByPurpose(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: hundred(t)})
	root := parseHTML(t, get(t, h, "/subprocessors?group=purpose").Body)
	ids := map[string]bool{}
	for _, n := range find(root, "", "id") {
		id := attributeText(n, "id")
		if ids[id] {
			t.Errorf("%s is there twice", id)
		}
		ids[id] = true
	}
	infra := find(root, "section", "id=for-infra")
	if len(infra) != 1 || !strings.Contains(textOf(infra[0]), "Computers, networks and storage of others on which the service runs.") {
		t.Error("the purpose is not explained")
	}
	if !ids["for-nothing-stated"] || ids["subprocessors"] {
		t.Error("it is grouped otherwise")
	}
	if r := get(t, h, "/subprocessors?group=colour"); r.StatusCode != 422 {
		t.Errorf("%d for a grouping that is none", r.StatusCode)
	}
	if r := get(t, h, "/subprocessors.json?group=purpose"); r.StatusCode != 422 {
		t.Errorf("%d for JSON, which has no groups", r.StatusCode)
	}
}

// TestAnchorsStay: a vendor keeps its address when it is called otherwise and stands elsewhere.
func TestAnchorsStay(t *testing.T) {
	t.Parallel()
	list := sample(t)
	id := list.Entries[5].VendorID
	r := &records{list: list}
	s, h := start(t, r)
	for _, name := range []string{list.Entries[5].Vendor, "Zzz, Inc."} {
		r.change(func() { r.epoch++; r.list.Entries[5].Vendor = name; r.list.Updated = noon })
		s.Changed()
		for _, path := range []string{"/subprocessors", "/subprocessors/annex-iii"} {
			if !strings.Contains(get(t, h, path).Body, `id="v-`+id+`"`) {
				t.Errorf("%s: %q has lost its address", path, name)
			}
		}
		if !strings.Contains(get(t, h, "/subprocessors/fragment").Body, `id="onward-v-`+id+`"`) {
			t.Errorf("the fragment: %q has lost its address", name)
		}
	}
}
