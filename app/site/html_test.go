package site_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/net/html"
)

func parseHTML(t *testing.T, text string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// find are the elements below n with that name and attribute, written name=value or name alone; an empty one fits all.
func find(n *html.Node, name, attribute string) (all []*html.Node) {
	if n == nil {
		return nil
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (name == "" || d.Data == name) && has(d, attribute) {
			all = append(all, d)
		}
	}
	return all
}

func has(n *html.Node, attribute string) bool {
	name, value, exact := strings.Cut(attribute, "=")
	if name == "" {
		return true
	}
	for _, a := range n.Attr {
		if a.Key == name && (!exact || a.Val == value) {
			return true
		}
	}
	return false
}

func first(n *html.Node, attribute string) *html.Node {
	if all := find(n, "", attribute); len(all) > 0 {
		return all[0]
	}
	return nil
}

func one(n *html.Node, attribute string) string { return textOf(first(n, attribute)) }

// textOf is the text below n with single blanks.
func textOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
	}
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func texts(nodes []*html.Node) (all []string) {
	for _, n := range nodes {
		all = append(all, textOf(n))
	}
	return all
}

// placesOf are the names at the beginning of each node, before its notes.
func placesOf(nodes []*html.Node) (all []string) {
	for _, n := range nodes {
		all = append(all, strings.Split(textOf(n.FirstChild), ", ")...)
	}
	return all
}

var (
	streams = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
	shown   = regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) ?Tj`)
)

// pdfText is the text of a PDF whose strings are UTF-16, with single blanks.
func pdfText(t *testing.T, file string) string {
	t.Helper()
	var text []string
	for _, stream := range streams.FindAllStringSubmatch(file, -1) {
		r, err := zlib.NewReader(strings.NewReader(stream[1]))
		if err != nil {
			continue // not packed: no page
		}
		page, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(page, []byte(")Tj")) {
			continue
		}
		for _, piece := range shown.FindAllSubmatch(page, -1) {
			text = append(text, utf16Text(piece[1]))
		}
	}
	return strings.Join(strings.Fields(strings.Join(text, " ")), " ")
}

func utf16Text(escaped []byte) string {
	var raw []byte
	for i := 0; i < len(escaped); i++ {
		b := escaped[i]
		if b == '\\' && i+1 < len(escaped) {
			i++
			b = escaped[i]
			switch b {
			case 'r':
				b = '\r'
			case 'n':
				b = '\n'
			}
		}
		raw = append(raw, b)
	}
	var units []uint16
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}
