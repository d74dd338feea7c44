package site

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"onward/registry/publishing"
)

// mapText is the world as a grid: one place for each country of ISO 3166-1, near its neighbours.
//
//go:embed map.txt
var mapText string

// tile is the length of a square's side and the gap to the next, in the map's own units.
const tile = 10

// grid is where each country is, and the path of all squares.
var grid, land, gridWidth, gridHeight = readGrid(mapText)

type point struct{ x, y int }

func readGrid(text string) (at map[string]point, path string, width, height int) {
	at = map[string]point{}
	var d strings.Builder
	for y, row := range strings.Split(strings.TrimSpace(text), "\n") {
		for x, code := range strings.Fields(row) {
			width, height = max(width, (x+1)*tile), (y+1)*tile
			if code != ".." {
				at[code] = point{x * tile, y * tile}
				fmt.Fprintf(&d, "M%d %dh9v9h-9z", x*tile, y*tile)
			}
		}
	}
	return at, d.String(), width, height
}

// worldMap is the picture of where data is handled, and the same in words.
type worldMap struct {
	Width, Height int
	Land          string // path of every square
	Marks         []mark
	Alt           string
	Countries     []placed // those on the map, most organisations first
	Beside        []placed // statements that name no single country
}

// mark is a square with a number on it.
type mark struct {
	X, Y  int
	Code  string
	Count int
}

// placed is a place, how many organisations handle data there, and the address of the list narrowed to it.
type placed struct {
	code, Name, Address string
	Count               int
}

// newMap counts organisations by the places that they name. A statement such as EEA marks no square: it names no country.
func (s *Site) newMap(v view) worldMap {
	m := worldMap{Width: gridWidth, Height: gridHeight, Land: land}
	for code, vendors := range vendorsByPlace(v.list.Entries) {
		p := placed{code, v.language.place(code), s.addressOf(page, v.asked.with("place", code), v.language), len(vendors)}
		at, there := grid[code]
		if !there {
			m.Beside = append(m.Beside, p)
			continue
		}
		m.Countries = append(m.Countries, p)
		m.Marks = append(m.Marks, mark{at.x, at.y, code, len(vendors)})
	}
	for _, list := range [][]placed{m.Countries, m.Beside} {
		slices.SortFunc(list, func(x, y placed) int {
			if x.Count != y.Count {
				return y.Count - x.Count
			}
			return strings.Compare(x.Name, y.Name)
		})
	}
	slices.SortFunc(m.Marks, func(x, y mark) int { return strings.Compare(x.Code, y.Code) })
	m.Alt = v.language.Say("map.none")
	if len(m.Countries) > 0 {
		var names []string
		for _, p := range m.Countries {
			names = append(names, fmt.Sprintf("%s (%d)", p.Name, p.Count))
		}
		m.Alt = v.language.Say("map.alt", "places", strings.Join(names, ", "))
	}
	return m
}

func vendorsByPlace(entries []publishing.Entry) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, e := range entries {
		for _, at := range e.Locations {
			if all[at.Place] == nil {
				all[at.Place] = map[string]bool{}
			}
			all[at.Place][e.VendorID+e.Vendor] = true
		}
	}
	return all
}
