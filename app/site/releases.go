package site

import (
	_ "embed"
	"io"
	"net/url"
	"strconv"
	"time"

	"onward/registry/publishing"
)

//go:embed templates/releases.html
var releasesTemplate string

var releasesHTML = parse(frameTemplate, releasesTemplate)

// releasesData is what the template of all releases shows.
type releasesData struct {
	frame
	Releases []releaseRow
	Past     bool
	Earlier  string
	Newest   string
	Changes  string
	List     string
}

type releaseRow struct {
	Number     int64
	Name       string
	Day        string
	Machine    string
	Lines      string
	SHA256     string
	Page, JSON string
	Difference string // address of the difference to the one before; empty of the first
}

// writeReleases writes the page of all releases, the newest first.
func (s *Site) writeReleases(w io.Writer, v view) error {
	l := v.language
	d := releasesData{
		frame: s.frame(l.Say("releases.title"), releasesPage, v), Past: v.asked.before > 0, Newest: s.addressOf(releasesPage, question{}, l),
		Changes: s.addressOf(changesPage, question{}, l), List: s.addressOf(page, question{}, l),
	}
	d.Description = l.Say("releases.lede")
	for _, r := range v.history.Releases {
		row := releaseRow{
			Number: r.Number, Name: l.Say("release", "n", r.Number), Day: l.instant(r.ReleasedAt), Machine: r.ReleasedAt.Format(time.RFC3339),
			Lines: l.Count("releases.lines", r.Lines), SHA256: r.SHA256.String(), Page: s.addressOf(page, questionOf(r.Number), l), JSON: releasePath(r.Number) + ".json",
		}
		if r.Number > 1 {
			row.Difference = s.differenceAddress(r.Number-1, r.Number, l)
		}
		d.Releases = append(d.Releases, row)
	}
	if v.history.Earlier > 0 {
		d.Earlier = s.addressOf(releasesPage, before(v.history.Releases), l)
	}
	if d.Past {
		d.Robots = "noindex"
	}
	return releasesHTML.ExecuteTemplate(w, "frame", d)
}

// releasePath is where a release stands for good.
func releasePath(number int64) string {
	return formats[releasesPage].path + "/" + strconv.FormatInt(number, 10)
}

// questionOf asks for a release.
func questionOf(number int64) question {
	return question{release: number, query: url.Values{releaseParameter: {strconv.FormatInt(number, 10)}}}
}

// releaseNote names a release at the foot of a page.
type releaseNote struct{ Name, When, Machine, SHA256, Address string }

func (s *Site) releaseNote(l *Language, m *publishing.Mark) *releaseNote {
	if m == nil {
		return nil
	}
	return &releaseNote{
		Name: l.Say("release", "n", m.Number), When: l.instant(m.ReleasedAt), Machine: m.ReleasedAt.Format(time.RFC3339), SHA256: m.SHA256.String(),
		Address: s.addressOf(page, questionOf(m.Number), l),
	}
}
