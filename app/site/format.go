package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"onward/registry/publishing"
)

// format is one of the forms in which the list is given.
type format int

// The formats.
const (
	page format = iota
	jsonText
	csvText
	formatCount
)

const schemaPath = "/subprocessors/schema.json"

// formats says where each format lives and what it is.
var formats = [formatCount]struct{ path, mediaType string }{
	page:     {"/subprocessors", "text/html; charset=utf-8"},
	jsonText: {"/subprocessors.json", "application/json"},
	csvText:  {"/subprocessors.csv", "text/csv; charset=utf-8; header=present"},
}

// view is what is rendered: a list, the whole that it is a part of, and how it was asked for.
type view struct {
	list  publishing.List
	whole publishing.List
	asked question
}

// body renders v in one format.
func (s *Site) body(f format, v view) ([]byte, error) {
	var text bytes.Buffer
	var err error
	switch f {
	case page:
		err = s.writePage(&text, v)
	case jsonText:
		err = writeJSON(&text, v.list)
	case csvText:
		err = writeCSV(&text, v.list)
	case formatCount:
	}
	if err != nil {
		return nil, fmt.Errorf("rendering %s: %w", formats[f].path, err)
	}
	return text.Bytes(), nil
}

func writeJSON(w *bytes.Buffer, list publishing.List) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(list)
}

// decorate adds the headers that a format has beside its text. asked is the query that it was asked with; name a part of the file's name.
func (d *document) decorate(f format, asked url.Values, name []string) {
	d.only("Link", links(f, asked))
	d.only("Referrer-Policy", "no-referrer")
	switch f {
	case page:
		d.only("Content-Security-Policy", contentSecurityPolicy)
		d.only("X-Frame-Options", "SAMEORIGIN")
	case csvText:
		d.only("Content-Disposition", `attachment; filename="`+strings.Join(append([]string{"subprocessors"}, name...), "-")+`.csv"`)
	case jsonText, formatCount:
	}
}

// links is the Link header: the other formats of the same answer and, for JSON, its schema (RFC 8288).
func links(f format, asked url.Values) string {
	var all []string
	for other := range formats {
		if format(other) != f {
			mediaType, _, _ := strings.Cut(formats[other].mediaType, ";")
			all = append(all, fmt.Sprintf(`<%s>; rel="alternate"; type="%s"`, address(format(other), asked), mediaType))
		}
	}
	if f == jsonText {
		all = append(all, `<`+schemaPath+`>; rel="describedby"; type="application/schema+json"`)
	}
	return strings.Join(all, ", ")
}

// address is the path and query of an answer.
func address(f format, asked url.Values) string {
	if len(asked) == 0 {
		return formats[f].path
	}
	return formats[f].path + "?" + asked.Encode()
}
