package site

import _ "embed"

//go:embed schema.json
var schemaText []byte

//go:embed robots.txt
var robotsText []byte

// Paths of what does not depend on the list.
const (
	robotsPath = "/robots.txt"
	iconPath   = "/favicon.svg"
	logoPath   = "/logo"
)

// newSchema is the JSON Schema (2020-12) of /subprocessors.json.
func newSchema() *document { return newFixed("application/schema+json", schemaText) }

// newRobots lets search engines read the list, and keeps them from what is no page.
func newRobots() *document { return newFixed("text/plain; charset=utf-8", robotsText) }

func newIcon(l look) *document { return newFixed("image/svg+xml", []byte(l.icon)) }

func newFixed(mediaType string, text []byte) *document {
	d := newDocument(mediaType, text, gzipBest)
	d.head("Cache-Control", "public, max-age=3600")
	d.finish()
	return d.withBrotli()
}
