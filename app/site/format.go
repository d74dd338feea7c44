package site

import (
	"bytes"
	"encoding/json"
	"fmt"

	"onward/registry/publishing"
)

// format is one of the forms in which the list is given.
type format int

// The formats.
const (
	page format = iota
	jsonText
	csvText
	jsonLD
	fragment
	annexPage
	annexPDF
	formatCount
)

const schemaPath = "/subprocessors/schema.json"

// formats says where each format lives and what it is. One that is worded has a text for each language; the others have codes and the
// list's own words. One that is packed gains nothing from a coding.
var formats = [formatCount]struct {
	path, mediaType string
	worded, packed  bool
}{
	page:      {"/subprocessors", "text/html; charset=utf-8", true, false},
	jsonText:  {"/subprocessors.json", "application/json", false, false},
	csvText:   {"/subprocessors.csv", "text/csv; charset=utf-8; header=present", false, false},
	jsonLD:    {"/subprocessors.jsonld", "application/ld+json", false, false},
	fragment:  {"/subprocessors/fragment", "text/html; charset=utf-8", true, false},
	annexPage: {"/subprocessors/annex-iii", "text/html; charset=utf-8", true, false},
	annexPDF:  {"/subprocessors/annex-iii.pdf", "application/pdf", true, true},
}

// view is what is rendered: a list, the whole that it is a part of, how it was asked for, and the language for a format that is worded.
type view struct {
	list     publishing.List
	whole    publishing.List
	asked    question
	language *Language
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
	case jsonLD:
		err = writeJSON(&text, newLinked(v.list))
	case fragment:
		err = writeFragment(&text, v)
	case annexPage:
		err = s.writeAnnex(&text, v)
	case annexPDF:
		err = writeAnnexPDF(&text, v)
	case formatCount:
	}
	if err != nil {
		return nil, fmt.Errorf("rendering %s: %w", formats[f].path, err)
	}
	return text.Bytes(), nil
}

func writeJSON(w *bytes.Buffer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(value)
}
