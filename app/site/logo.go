package site

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Limits of a logo: it is loaded with every page.
const (
	logoBytes  = 256 << 10
	logoPixels = 4000
	logoHeight = 32 // CSS pixels that it is shown with
)

// Logo is a picture that was found to be harmless.
type Logo struct {
	mediaType string
	content   []byte
	width     int // for logoHeight
}

// ReadLogo reads a PNG or SVG file. It refuses other formats, more than 256 KB, and an SVG that has a script, a handler, a reference to
// anything outside itself, or no size.
func ReadLogo(path string) (*Logo, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return newLogo(content)
}

func newLogo(content []byte) (*Logo, error) {
	if len(content) > logoBytes {
		return nil, fmt.Errorf("the file has %d KB; a logo has at most %d", len(content)>>10, logoBytes>>10)
	}
	if bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")) {
		picture, err := png.DecodeConfig(bytes.NewReader(content))
		switch {
		case err != nil:
			return nil, fmt.Errorf("it is no PNG that can be read: %w", err)
		case picture.Width > logoPixels || picture.Height > logoPixels || picture.Width < 1 || picture.Height < 1:
			return nil, fmt.Errorf("it is %d × %d pixels; a logo has at most %d each way", picture.Width, picture.Height, logoPixels)
		}
		return &Logo{"image/png", content, widthOf(float64(picture.Width), float64(picture.Height))}, nil
	}
	width, height, err := checkSVG(content)
	if err != nil {
		return nil, err
	}
	return &Logo{"image/svg+xml", content, widthOf(width, height)}, nil
}

func widthOf(width, height float64) int {
	return int(math.Round(math.Min(math.Max(width/height*logoHeight, 1), 400)))
}

// document is the logo as it is served. Opened by itself it can do nothing either.
func (l *Logo) document() *document {
	level := gzipBest
	if l.mediaType == "image/png" {
		level = gzipNone
	}
	d := newDocument(l.mediaType, l.content, level)
	d.head("Cache-Control", "public, max-age=3600")
	d.only("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox")
	d.finish()
	return d.withBrotli()
}

// svgElements are those that a drawing needs. What is not here (script, foreignObject, animations that could set an address …) is refused.
var svgElements = strings.Fields(`svg g defs symbol use title desc metadata path rect circle ellipse line polyline polygon text tspan textPath
	linearGradient radialGradient stop clipPath mask pattern marker image style switch filter feBlend feColorMatrix feComponentTransfer feFuncA
	feFuncB feFuncG feFuncR feComposite feFlood feGaussianBlur feMerge feMergeNode feOffset feDropShadow feMorphology`)

// checkSVG refuses what is no SVG, or not harmless, and says how large the drawing is.
func checkSVG(content []byte) (width, height float64, err error) {
	d := xml.NewDecoder(bytes.NewReader(content))
	inside, depth := "", 0
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && width > 0:
			return width, height, nil
		case err != nil:
			return 0, 0, errors.New("it is neither a PNG nor an SVG that can be read")
		}
		switch token := token.(type) {
		case xml.Directive:
			if !bytes.HasPrefix(token, []byte("DOCTYPE svg")) || bytes.ContainsRune(token, '[') {
				return 0, 0, errors.New("the SVG declares entities")
			}
		case xml.ProcInst:
			if token.Target != "xml" {
				return 0, 0, fmt.Errorf("the SVG has an instruction %q", token.Target)
			}
		case xml.StartElement:
			if depth == 0 {
				if width, height, err = sizeOf(token); err != nil {
					return 0, 0, err
				}
			}
			depth, inside = depth+1, token.Name.Local
			if err := checkElement(token, depth); err != nil {
				return 0, 0, err
			}
		case xml.EndElement:
			depth, inside = depth-1, ""
		case xml.CharData:
			if inside == "style" && !harmlessStyle(string(token)) {
				return 0, 0, errors.New("the SVG's style loads something")
			}
		}
	}
}

const svgSpace = "http://www.w3.org/2000/svg"

func checkElement(e xml.StartElement, depth int) error {
	if depth > 100 {
		return errors.New("the SVG is nested too deep")
	}
	if e.Name.Space == svgSpace && !slices.Contains(svgElements, e.Name.Local) {
		return fmt.Errorf("the SVG has an element %q, which a logo does not need", e.Name.Local)
	}
	if e.Name.Space != svgSpace && slices.Contains([]string{"script", "iframe", "object", "embed"}, strings.ToLower(e.Name.Local)) ||
		strings.HasSuffix(e.Name.Space, "/xhtml") {
		return fmt.Errorf("the SVG has an element %q, which a logo does not need", e.Name.Local)
	}
	for _, a := range e.Attr {
		name, value := strings.ToLower(a.Name.Local), strings.ToLower(strings.TrimSpace(a.Value))
		switch {
		case strings.HasPrefix(name, "on"):
			return fmt.Errorf("the SVG has a handler %q", a.Name.Local)
		case (name == "href" || name == "src") && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:image/png;") && !strings.HasPrefix(value, "data:image/jpeg;"):
			return fmt.Errorf("the SVG refers to %.60q, which is not inside it", a.Value)
		case a.Name.Space != "xmlns" && name != "xmlns" && name != "href" && !harmlessStyle(value):
			return fmt.Errorf("the SVG's %q loads something", a.Name.Local)
		}
	}
	return nil
}

// harmlessStyle tells whether a style or attribute names only what is inside the file.
func harmlessStyle(text string) bool {
	text = strings.ToLower(text)
	if strings.Contains(text, "@import") || strings.Contains(text, "javascript:") || strings.Contains(text, "expression(") || strings.Contains(text, "\\") {
		return false
	}
	for _, part := range strings.Split(text, "url(")[1:] {
		if !strings.HasPrefix(strings.TrimLeft(part, " \t\r\n'\""), "#") {
			return false
		}
	}
	return true
}

func sizeOf(root xml.StartElement) (width, height float64, err error) {
	if root.Name.Local != "svg" || root.Name.Space != svgSpace {
		return 0, 0, errors.New("it is neither a PNG nor an SVG that can be read")
	}
	said := map[string]string{}
	for _, a := range root.Attr {
		said[a.Name.Local] = a.Value
	}
	width, height = number(said["width"]), number(said["height"])
	if box := strings.FieldsFunc(said["viewBox"], func(r rune) bool { return r == ' ' || r == ',' }); len(box) == 4 {
		width, height = number(box[2]), number(box[3])
	}
	if width <= 0 || height <= 0 {
		return 0, 0, errors.New("the SVG says no size: give it a viewBox")
	}
	return width, height, nil
}

func number(text string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "px"), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
		return 0
	}
	return n
}
