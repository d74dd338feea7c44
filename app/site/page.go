package site

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
	"time"

	"onward/app/problem"
	"onward/registry/publishing"
)

//go:embed templates/list.html
var listTemplate string

//go:embed templates/picture.html
var pictureTemplate string

//go:embed templates/problem.html
var problemTemplate string

//go:embed templates/frame.html
var frameTemplate string

var (
	listPage    = parse(frameTemplate, pictureTemplate, listTemplate)
	problemPage = parse(frameTemplate, problemTemplate)
)

func parse(texts ...string) *template.Template {
	t := template.New("page")
	for _, text := range texts {
		template.Must(t.Parse(text))
	}
	return t
}

// fact is a number or a date above the list.
type fact struct{ Name, Value, Machine string }

// listData is what the list's template shows.
type listData struct {
	frame
	Lede     string
	Nobody   string // what an empty list says
	Facts    []fact
	Past     *past
	Upcoming *upcomingNote
	Narrowed bool
	Shown    int
	All      int
	Quiet    bool // nothing was ever listed: there is nothing to filter or to count
	ByName   bool // narrowed to a product: entries that name none are left out
	Form     form
	Reset    string // address without the filter
	Sections []section
	Map      worldMap
	Flow     *flow
	Purposes []meaning
	Files    []file
}

// file is another form of the list.
type file struct{ Key, Address, Type string }

// past says that the page shows another day.
type past struct {
	Was     string // which day, or which release
	Begins  string // when records begin, where that is later
	Current string // address of the current list with the same filter
}

// writePage writes the list as a page.
func (s *Site) writePage(w io.Writer, v view) error {
	l := v.language
	d := listData{
		frame:    s.frame(l.Say("title"), page, v),
		Lede:     s.named(l, "lede"),
		Nobody:   s.named(l, "empty.new"),
		Facts:    facts(l, v.list),
		Narrowed: v.list.Filter != nil,
		Shown:    len(v.list.Entries),
		All:      len(v.whole.Entries),
		ByName:   v.asked.filter.Product != "",
		Quiet:    len(v.whole.Entries) == 0 && v.whole.Updated.IsZero() && v.asked.whole(),
		Form:     newForm(v),
		Sections: sections(l, v.list.Entries, v.asked.byPurpose),
		Map:      s.newMap(v),
		Flow:     newFlow(l, v.list.Entries),
		Purposes: meanings(l, v.list.Entries),
		Files:    s.files(v),
	}
	if !v.asked.past() {
		d.Upcoming = s.upcomingNote(v)
	}
	d.Description = d.Lede
	if !v.whole.Updated.IsZero() {
		d.Description += " " + l.Say("updated", "day", l.day(v.whole.Updated))
	}
	reset := v.asked
	for _, name := range []string{"q", "kind", "product", "place", "category", groupParameter} {
		reset = reset.without(name)
	}
	d.Reset = s.addressOf(page, reset, l)
	if v.asked.whole() {
		s.found(&d.frame, l)
	} else {
		d.Robots = "noindex"
	}
	if v.asked.past() {
		d.Past = s.newPast(v)
	}
	return listPage.ExecuteTemplate(w, "frame", d)
}

// named is a text that names the company, or the one that stands for it where it is not to be named.
func (s *Site) named(l *Language, key string) string {
	if s.options.Company == "" {
		return l.Say(key + ".us")
	}
	return l.Say(key, "company", s.options.Company)
}

func (s *Site) files(v view) []file {
	var all []file
	for _, f := range []struct {
		key string
		of  format
	}{{"annex", annexPage}, {"pdf", annexPDF}, {"json", jsonText}, {"csv", csvText}, {"jsonld", jsonLD}, {"fragment", fragment}} {
		mediaType, _, _ := strings.Cut(formats[f.of].mediaType, ";")
		all = append(all, file{"file." + f.key, s.address(f.of, v), mediaType})
	}
	all = append(all, file{"file.schema", schemaPath, "application/schema+json"}, file{"file.changes", s.addressOf(changesPage, question{}, v.language), "text/html"},
		file{"file.releases", s.addressOf(releasesPage, question{}, v.language), "text/html"})
	return append(all, s.feeds(v.language)...)
}

// upcomingNote tells of changes that are announced, and where they stand.
type upcomingNote struct{ Text, Address string }

func (s *Site) upcomingNote(v view) *upcomingNote {
	all := v.history.Upcoming
	if len(all) == 0 {
		return nil
	}
	l := v.language
	return &upcomingNote{l.Count("upcoming", len(all), "day", l.dayOf(all[0].EffectiveOn.String())), s.addressOf(changesPage, question{}, l)}
}

func (s *Site) newPast(v view) *past {
	l, asked := v.language, v.asked
	p := &past{Current: s.addressOf(page, asked.without("as_of").without(releaseParameter), l)}
	switch {
	case asked.release > 0:
		p.Was = l.Say("release.was", "n", asked.release, "when", l.instant(v.whole.AsOf))
	case len(asked.date) == len(time.DateOnly):
		p.Was = l.Say("past.was", "when", l.dayOf(asked.date))
	default:
		p.Was = l.Say("past.was", "when", l.instant(asked.asOf))
	}
	if v.whole.Begins.After(asked.asOf) && asked.release == 0 {
		p.Begins = l.day(v.whole.Begins)
	}
	return p
}

// meaning is a purpose in plain words.
type meaning struct{ Label, Means string }

// meanings explain the purposes that occur, in the order of their labels. One that the language has no words for is left out.
func meanings(l *Language, entries []publishing.Entry) []meaning {
	seen := map[string]meaning{}
	for _, e := range entries {
		for _, t := range e.Purposes {
			if words, ok := l.Purposes[t.Code]; ok {
				seen[t.Code] = meaning{l.purpose(t), words.Means}
			}
		}
	}
	return sorted(seen, func(m meaning) string { return m.Label })
}

// problemData is what the template of a refusal shows.
type problemData struct {
	frame
	Problem problem.Document
}

func (s *Site) writeProblemPage(w io.Writer, p problem.Document, l *Language) error {
	d := problemData{frame: s.frame(p.Title, page, view{language: l}), Problem: p}
	d.Robots = "noindex"
	return problemPage.ExecuteTemplate(w, "frame", d)
}
