package site

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"net/url"
	"strings"
	"time"

	"onward/app/problem"
	"onward/registry/publishing"
)

//go:embed templates/style.css
var style string

//go:embed templates/icon.svg
var icon string

//go:embed templates/list.html
var listTemplate string

//go:embed templates/problem.html
var problemTemplate string

//go:embed templates/frame.html
var frameTemplate string

var (
	listPage    = parse(listTemplate)
	problemPage = parse(problemTemplate)
)

// The page is one file: its style is inside, allowed by its hash; nothing else may be loaded, from us or from anybody.
var contentSecurityPolicy = "default-src 'none'; style-src 'sha256-" + hashOf(style) + "'; img-src data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func parse(text string) *template.Template {
	return template.Must(template.Must(template.New("page").Parse(frameTemplate)).Parse(text))
}

// frame is what every page has.
type frame struct {
	Title       string
	Description string
	Robots      string
	Canonical   string
	Company     string
	Contact     *link
	Style       template.CSS
	Icon        template.URL
}

// link is somewhere to go.
type link struct{ Text, Address string }

// fact is a number or a date above the list.
type fact struct{ Name, Value, Machine string }

// listData is what the list's template shows.
type listData struct {
	frame
	Facts    []fact
	Past     *past
	Narrowed bool
	Shown    int
	All      int
	Quiet    bool // nothing was ever listed: there is nothing to filter or to count
	ByName   bool // narrowed to a product: entries that name none are left out
	Form     form
	Sections []section
	Files    []link
}

// past says that the page shows another day.
type past struct {
	When    string // in words
	Machine string
	Begins  string // when records begin, where that is later
	Current string // address of the current list with the same filter
}

func (s *Site) frame(title string) frame {
	f := frame{
		Title: title, Company: s.options.Company, Contact: contact(s.options.Contact),
		Style: template.CSS(style),                                                                          //nolint:gosec // our own file
		Icon:  template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(icon))), //nolint:gosec // our own file
	}
	if f.Company != "" {
		f.Title += " · " + f.Company
	}
	return f
}

func contact(address string) *link {
	switch {
	case address == "":
		return nil
	case strings.Contains(address, "://"):
		return &link{address, address}
	default:
		return &link{address, "mailto:" + address}
	}
}

// writePage writes the list as a page.
func (s *Site) writePage(w io.Writer, v view) error {
	d := listData{
		frame:    s.frame("Subprocessors"),
		Facts:    facts(v.list),
		Narrowed: v.list.Filter != nil,
		Shown:    len(v.list.Entries),
		All:      len(v.whole.Entries),
		ByName:   v.asked.filter.Product != "",
		Quiet:    len(v.whole.Entries) == 0 && v.whole.Updated.IsZero() && len(v.asked.query) == 0,
		Form:     newForm(v),
		Sections: sections(v.list.Entries),
	}
	d.Description = description(s.options.Company, v.whole)
	d.Canonical = formats[page].path
	if len(v.asked.query) > 0 {
		d.Robots = "noindex"
	}
	for _, f := range []format{jsonText, csvText} {
		d.Files = append(d.Files, link{strings.ToUpper(strings.TrimPrefix(formats[f].path, "/subprocessors.")), address(f, v.asked.query)})
	}
	if !v.asked.asOf.IsZero() {
		d.Past = newPast(v)
	}
	return listPage.ExecuteTemplate(w, "frame", d)
}

func description(company string, list publishing.List) string {
	var b strings.Builder
	b.WriteString("The organisations that receive personal data from ")
	if company == "" {
		company = "us"
	}
	b.WriteString(company + ": what they do, with which data, and where.")
	if !list.Updated.IsZero() {
		b.WriteString(" Updated " + day(list.Updated) + ".")
	}
	return b.String()
}

func newPast(v view) *past {
	p := &past{When: day(v.asked.asOf) + ", " + v.asked.asOf.Format("15:04:05") + " UTC", Machine: v.asked.asOf.Format(time.RFC3339), Current: formats[page].path}
	if len(v.asked.date) == len(time.DateOnly) {
		p.When, p.Machine = dayOf(v.asked.date), v.asked.date
	}
	if v.whole.Begins.After(v.asked.asOf) {
		p.Begins = day(v.whole.Begins)
	}
	rest := url.Values{}
	for name, values := range v.asked.query {
		if name != "as_of" {
			rest[name] = values
		}
	}
	p.Current = address(page, rest)
	return p
}

// problemData is what the template of a refusal shows.
type problemData struct {
	frame
	Problem problem.Document
}

func (s *Site) writeProblemPage(w io.Writer, p problem.Document) error {
	d := problemData{frame: s.frame(p.Title), Problem: p}
	d.Robots = "noindex"
	return problemPage.ExecuteTemplate(w, "frame", d)
}
