package site

import (
	"bytes"
	_ "embed"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"onward/registry"
	"onward/registry/publishing"
)

//go:embed templates/difference.html
var differenceTemplate string

var differenceHTML = parse(frameTemplate, linesTemplate, differenceTemplate)

// difference is what became of one release in another.
type difference struct {
	From  *publishing.Mark            `json:"from"`
	To    *publishing.Mark            `json:"to"`
	Lines []publishing.LineDifference `json:"differences"`
}

// differenceData is what the template of a difference shows.
type differenceData struct {
	frame
	Heading  string
	From, To *releaseNote
	Lines    []changedLine
	JSON     string
	Releases string
}

func (s *Site) differenceAddress(n, m int64, l *Language) string {
	query := ""
	if len(s.languages) > 1 {
		query = "?" + languageParameter + "=" + l.Code
	}
	return differencePath(n, m) + query
}

func differencePath(n, m int64) string {
	return releasePath(n) + "/difference" + strings.TrimPrefix(releasePath(m), formats[releasesPage].path)
}

// serveDifference answers with what became of release n in release m, as a page or, where m ends with .json, as JSON.
func (s *Site) serveDifference(c *gin.Context) {
	text, asJSON := strings.CutSuffix(c.Param("m"), ".json")
	f := page
	if asJSON {
		f = jsonText
	}
	n, ok := releaseNumber(c.Param("n"))
	m, also := releaseNumber(text)
	if !ok || !also {
		s.refuse(c, f, registry.Refuse(registry.NotFound, "There is no such release."))
		return
	}
	d, err := s.differenceDocument(c.Request, f, n, m)
	if err != nil {
		s.refuse(c, f, err)
		return
	}
	d.serve(c.Writer, c.Request, nil)
}

func (s *Site) differenceDocument(r *http.Request, f format, n, m int64) (*document, error) {
	var names []string
	if f == page {
		names = []string{languageParameter}
	}
	asked, err := s.readOnly(r, names, s.options.Now())
	if err != nil {
		return nil, err
	}
	from, err := s.release(r.Context(), n)
	if err != nil {
		return nil, err
	}
	to, err := s.release(r.Context(), m)
	if err != nil {
		return nil, err
	}
	between := difference{From: from.Mark(), To: to.Mark()}
	if between.Lines, err = publishing.Compare(from.Entries, to.Entries); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if f == jsonText {
		if err := writeJSON(&text, between); err != nil {
			return nil, err
		}
		d := newDocument(formats[f].mediaType, text.Bytes(), gzipFast)
		d.head("Cache-Control", forGood)
		return d, nil
	}
	v := view{asked: asked, language: s.languages[asked.language]}
	if err := s.writeDifference(&text, v, between); err != nil {
		return nil, err
	}
	d := newDocument(htmlType, text.Bytes(), gzipFast)
	d.head("Cache-Control", forNow)
	d.only("Referrer-Policy", "no-referrer")
	s.word(d, v.language)
	s.guard(d)
	return d, nil
}

func (s *Site) writeDifference(w io.Writer, v view, between difference) error {
	l := v.language
	heading := l.Say("difference.title", "from", between.From.Number, "to", between.To.Number)
	d := differenceData{
		frame: s.frame(heading, releasesPage, v), Heading: heading, Lines: l.lines(between.Lines),
		From: s.releaseNote(l, between.From), To: s.releaseNote(l, between.To),
		JSON: differencePath(between.From.Number, between.To.Number) + ".json", Releases: s.addressOf(releasesPage, question{}, l),
	}
	d.Description = d.From.Name + ": " + d.From.When + ". " + d.To.Name + ": " + d.To.When + "."
	for i, other := range s.languages {
		if len(d.Languages) > 0 {
			d.Languages[i].Address = s.differenceAddress(between.From.Number, between.To.Number, other)
		}
	}
	return differenceHTML.ExecuteTemplate(w, "frame", d)
}
