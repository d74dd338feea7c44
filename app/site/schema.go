package site

import _ "embed"

//go:embed schema.json
var schemaText []byte

// newSchema is the JSON Schema (2020-12) of /subprocessors.json.
func newSchema() *document {
	d := newDocument("application/schema+json", schemaText, gzipBest)
	d.head("Cache-Control", "public, max-age=3600")
	d.finish()
	return d.withBrotli()
}
