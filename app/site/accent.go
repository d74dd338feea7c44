package site

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
)

// readable is the least contrast between a text and its ground (WCAG 2.2, 1.4.3, level AA).
const readable = 4.5

// defaultAccent is the shipped colour in the light scheme; it stands in style.css and icon.svg.
const defaultAccent = "#0b5c54"

// The grounds that the accent stands on, as text or as a surface under text of the ground's colour: they stand in style.css, for each scheme.
var (
	lightGrounds = []colour{{0xff, 0xff, 0xff}, {0xfb, 0xfa, 0xf8}}
	darkGrounds  = []colour{{0x1a, 0x1f, 0x22}, {0x14, 0x18, 0x1a}}
)

type colour [3]uint8

func (c colour) String() string { return "#" + hex.EncodeToString(c[:]) }

// Accent is the colour of links, buttons and marks in the light scheme and in the dark one. The zero value is the shipped one.
type Accent struct{ light, dark colour }

// ParseAccent reads one colour such as #0b5c54, or two with a blank between: for the light scheme and for the dark one. Where one is given,
// the dark scheme has it mixed with as much white as it needs. It refuses a colour that cannot be read on the pages' ground.
func ParseAccent(text string) (Accent, error) {
	given := strings.Fields(text)
	if len(given) == 0 {
		return Accent{}, nil
	}
	if len(given) > 2 {
		return Accent{}, errors.New("it is one colour, or two with a blank between")
	}
	light, err := parseColour(given[0])
	if err != nil {
		return Accent{}, err
	}
	if err := light.readableOn(lightGrounds, "light"); err != nil {
		return Accent{}, err
	}
	if len(given) == 1 {
		return Accent{light, light.lighter(darkGrounds)}, nil
	}
	dark, err := parseColour(given[1])
	if err != nil {
		return Accent{}, err
	}
	return Accent{light, dark}, dark.readableOn(darkGrounds, "dark")
}

func parseColour(text string) (colour, error) {
	digits, marked := strings.CutPrefix(text, "#")
	b, err := hex.DecodeString(digits)
	if !marked || err != nil || len(b) != 3 {
		return colour{}, fmt.Errorf("%q is no colour written as #0b5c54", text)
	}
	return colour(b), nil
}

// readableOn refuses a colour that cannot be read on one of the grounds, or on its own soft shade of it.
func (c colour) readableOn(grounds []colour, scheme string) error {
	for _, ground := range append(grounds[:len(grounds):len(grounds)], c.soft(grounds[1])) {
		if k := contrast(c, ground); k < readable {
			return fmt.Errorf("%s cannot be read on the %s ground %s: their contrast is %.1f, and must be at least %.1f", c, scheme, ground, k, readable)
		}
	}
	return nil
}

// lighter is c mixed with no more white than it takes to be read on dark grounds; white itself always can.
func (c colour) lighter(grounds []colour) colour {
	for white := 0.0; white < 1; white += 0.02 {
		if mixed := c.mix(colour{255, 255, 255}, white); mixed.readableOn(grounds, "dark") == nil {
			return mixed
		}
	}
	return colour{255, 255, 255}
}

// soft is the shade that marks something on ground.
func (c colour) soft(ground colour) colour { return ground.mix(c, 0.14) }

// mix is c with a share of other, from 0 to 1.
func (c colour) mix(other colour, share float64) colour {
	for i := range c {
		c[i] = uint8(math.Round(float64(c[i])*(1-share) + float64(other[i])*share))
	}
	return c
}

// contrast is between 1 and 21 (WCAG 2.2, contrast ratio).
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func (c colour) luminance() float64 {
	var parts [3]float64
	for i, v := range c {
		parts[i] = float64(v) / 255
		if parts[i] <= 0.04045 {
			parts[i] /= 12.92
		} else {
			parts[i] = math.Pow((parts[i]+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*parts[0] + 0.7152*parts[1] + 0.0722*parts[2]
}

// css puts the accent in the place of the shipped one. Paper keeps its black.
func (a Accent) css() string {
	if a == (Accent{}) {
		return ""
	}
	scheme := func(c colour, ground colour) string {
		return fmt.Sprintf(":root { --accent: %s; --accent-soft: %s; --focus: %s; }", c, c.soft(ground), c)
	}
	return "@media screen { " + scheme(a.light, lightGrounds[1]) + " }\n" +
		"@media screen and (prefers-color-scheme: dark) { " + scheme(a.dark, darkGrounds[1]) + " }\n"
}
