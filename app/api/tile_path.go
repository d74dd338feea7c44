package api

import (
	"strconv"
	"strings"

	"onward/app/problem"
)

// tilePath is a tile as a path names it.
type tilePath struct {
	level int
	n     int64
	width int // 256 of a full one
}

const tileWidth = 256

func (t tilePath) full() bool { return t.width == tileWidth }

// parseTile reads the level and the rest of the path of a tile, such as /x001/x234/067.p/5 (C2SP tlog-tiles, Merkle Tree). Each tile has
// exactly one path; whatever else was written is named.
func parseTile(level, rest string) (t tilePath, bad problem.Nowhere) {
	var ok bool
	if t.level, ok = decimal(level, 0, 63); !ok {
		bad = append(bad, problem.Parameter("level", "must be a number from 0 to 63, without leading zeroes"))
	}
	number, width, partial := strings.Cut(strings.TrimPrefix(rest, "/"), ".p/")
	if t.n, ok = tileNumber(number); !ok {
		bad = append(bad, problem.Parameter("n", "must be the number of a tile in groups of three digits, all but the last after an x, such as x001/x234/067"))
	}
	t.width = tileWidth
	if partial {
		if t.width, ok = decimal(width, 1, tileWidth-1); !ok {
			bad = append(bad, problem.Parameter("n", "must have a width from 1 to 255 after .p/, without leading zeroes"))
		}
	}
	return t, bad
}

// tileNumber reads the number of a tile; no log has more than 2⁴⁷ of them.
func tileNumber(text string) (int64, bool) {
	groups := strings.Split(text, "/")
	if len(groups) > 5 { // 10¹⁵ are more than 2⁴⁷
		return 0, false
	}
	var n int64
	for i, g := range groups {
		if i < len(groups)-1 {
			var x bool
			if g, x = strings.CutPrefix(g, "x"); !x || i == 0 && g == "000" {
				return 0, false
			}
		}
		if len(g) != 3 || strings.Trim(g, "0123456789") != "" {
			return 0, false
		}
		v, _ := strconv.ParseInt(g, 10, 64) // three digits
		n = n*1000 + v
	}
	return n, n < 1<<47
}

// decimal reads a number in its one written form.
func decimal(text string, from, to int) (int, bool) {
	v, err := strconv.Atoi(text)
	return v, err == nil && v >= from && v <= to && strconv.Itoa(v) == text
}
