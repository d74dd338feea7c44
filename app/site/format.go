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
	changesPage
	releasesPage
	atomFeed
	jsonFeed
	formatCount
)

const schemaPath = "/subprocessors/schema.json"

// formats says where each format lives and what it is. One that is worded has a text for each language; the others have codes and the
// list's own words. One that is packed gains nothing from a coding. One that is history tells what became of the list, and is neither narrowed nor of
// another day.
var formats = [formatCount]struct {
	path, mediaType         string
	worded, packed, history bool
}{
	page:         {"/subprocessors", htmlType, true, false, false},
	jsonText:     {"/subprocessors.json", "application/json", false, false, false},
	csvText:      {"/subprocessors.csv", "text/csv; charset=utf-8; header=present", false, false, false},
	jsonLD:       {"/subprocessors.jsonld", "application/ld+json", false, false, false},
	fragment:     {"/subprocessors/fragment", htmlType, true, false, false},
	annexPage:    {"/subprocessors/annex-iii", htmlType, true, false, false},
	annexPDF:     {"/subprocessors/annex-iii.pdf", "application/pdf", true, true, false},
	changesPage:  {"/subprocessors/changes", htmlType, true, false, true},
	releasesPage: {"/subprocessors/releases", htmlType, true, false, true},
	atomFeed:     {"/subprocessors.atom", "application/atom+xml; charset=utf-8", true, false, true},
	jsonFeed:     {"/subprocessors/changes.json", "application/feed+json", true, false, true},
}

const htmlType = "text/html; charset=utf-8"

// isPage tells whether a format is a page for readers, with the frame that every page has.
func (f format) isPage() bool {
	return f == page || f == annexPage || f == changesPage || f == releasesPage
}

// view is what is rendered: a list, the whole that it is a part of, its history, how it was asked for, and the language for a format that is worded.
type view struct {
	list     publishing.List
	whole    publishing.List
	history  history
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
	case changesPage:
		err = s.writeChanges(&text, v)
	case releasesPage:
		err = s.writeReleases(&text, v)
	case atomFeed:
		err = s.writeAtom(&text, v)
	case jsonFeed:
		err = s.writeJSONFeed(&text, v)
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
