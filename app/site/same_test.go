package site_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"onward/registry/publishing"
)

// said is what a format says of one engagement, in English words. Its fields are texts, so that formats of any shape can be compared.
type said struct {
	Vendor, Service, Purposes, Data, Places                       string
	Products, Subjects, Condition, Duration, From, Until, Leaving string
}

const not = "Not stated"

// told is what an entry ought to say.
func told(e publishing.Entry) said {
	var purposes, data, places []string
	for _, t := range e.Purposes {
		purposes = append(purposes, t.Label)
	}
	var categories []string
	for _, t := range e.Categories {
		categories = append(categories, t.Label)
	}
	if categories != nil {
		data = append(data, strings.Join(categories, ", "))
	}
	for _, d := range e.Data {
		items := strings.Join(d.Items, ", ")
		if d.Class != "" {
			items = d.Class + ": " + items
		}
		data = append(data, items)
	}
	for _, l := range e.Locations {
		places = append(places, l.Name)
	}
	return said{
		Vendor: e.Vendor, Service: e.Service, Purposes: joined(purposes), Data: joined(data), Places: joined(places),
		Products: strings.Join(e.Products, ", "), Subjects: strings.Join(e.DataSubjects, ", "), Condition: e.Condition, Duration: e.Duration,
		From: inWords(e.From), Until: inWords(e.Until), Leaving: map[bool]string{true: "leaving"}[e.Leaving],
	}
}

// joined is a set of texts as one.
func joined(texts []string) string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), " | ")
}

func inWords(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.Format("2 January 2006")
}

// order puts what was said into an order of its own. JSON-LD parts data that identifies nobody from personal data, so the order of
// kinds of data says nothing.
func order(all []said) []said {
	for i := range all {
		all[i].Data = joined(strings.Split(strings.ReplaceAll(all[i].Data, " | ", ", "), ", "))
	}
	slices.SortFunc(all, func(x, y said) int {
		return cmp.Or(strings.Compare(x.Vendor, y.Vendor), strings.Compare(x.Service, y.Service), strings.Compare(x.Places, y.Places),
			strings.Compare(x.Purposes, y.Purposes), strings.Compare(x.Data, y.Data))
	})
	return all
}

// TestAllFormatsSayTheSame reads every format back and holds it against the one list that all were made of.
func TestAllFormatsSayTheSame(t *testing.T) {
	t.Parallel()
	list := hundred(t)
	list.Entries = append(list.Entries, publishing.Entry{
		ID: "11111111-1111-4111-8111-111111111111", VendorID: "22222222-2222-5222-8222-222222222222", Vendor: "Žluťoučký & Söhne <GmbH>",
		Kinds: []string{"subprocessor"}, Service: `Hosting of "everything"`, From: "2026-01-31", Until: "2027-02-28", Leaving: true, Duration: "a year",
		Condition: "if it is on", Products: []string{"Mail", "Calendar"}, DataSubjects: []string{"users", "guests"},
		Locations: []publishing.Location{{Place: "GLOBAL", Name: "Worldwide", Uses: []string{"storage"}, Transfer: "bcr"}, {Place: "EEA", Name: "European Economic Area"}},
	})
	_, h := start(t, &records{list: list})
	for _, query := range []string{"", "kind=affiliate", "place=DE&q=cloud", "as_of=2026-03-01"} {
		var want []said
		for _, e := range list.Narrow(filterOf(query)).Entries {
			want = append(want, told(e))
		}
		order(want)
		if len(want) < 3 {
			t.Fatalf("%q selects %d entries", query, len(want))
		}
		for format, read := range map[string]func(*testing.T, string) []said{
			".json": fromJSON, ".csv": fromCSV, ".jsonld": fromLinked, "": fromPage, "/fragment": fromFragment, "/annex-iii": fromAnnex,
		} {
			t.Run(format+"?"+query, func(t *testing.T) {
				t.Parallel()
				answer := get(t, h, "/subprocessors"+format+"?"+query)
				if diff := gocmp.Diff(want, order(read(t, answer.Body))); diff != "" {
					t.Errorf("it says something else than the list (-list +format):\n%s", diff)
				}
			})
		}
		t.Run("/annex-iii.pdf?"+query, func(t *testing.T) {
			t.Parallel()
			text := pdfText(t, get(t, h, "/subprocessors/annex-iii.pdf?"+query).Body)
			for _, s := range want {
				for _, part := range append(strings.Split(s.Places, " | "), s.Vendor, s.Service, s.From, s.Until, s.Condition) {
					if !strings.Contains(text, part) {
						t.Errorf("it does not say %q", part)
					}
				}
			}
			if n := strings.Count(text, "Responsible for: "); n != len(want) {
				t.Errorf("it describes %d engagements, not %d", n, len(want))
			}
		})
	}
}

func filterOf(query string) publishing.Filter {
	var f publishing.Filter
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		for n, field := range map[string]*string{"kind": &f.Kind, "place": &f.Place, "q": &f.Text} {
			if n == name {
				*field = value
			}
		}
	}
	return f
}

func fromJSON(t *testing.T, body string) (all []said) {
	t.Helper()
	var list publishing.List
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	for _, e := range list.Entries {
		all = append(all, told(e))
	}
	return all
}

func fromCSV(t *testing.T, body string) (all []said) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		cell := map[string]string{}
		for i, name := range rows[0] {
			cell[name] = strings.TrimPrefix(row[i], "'")
		}
		several := func(name string) []string {
			if cell[name] == "" {
				return nil
			}
			return strings.Split(cell[name], "; ")
		}
		data := several("data")
		if categories := several("categories"); categories != nil {
			data = append(data, strings.Join(categories, ", "))
		}
		var places []string
		for _, code := range several("places") {
			places = append(places, publishing.PlaceName(code))
		}
		all = append(all, said{
			Vendor: cell["vendor"], Service: cell["service"], Purposes: joined(several("purposes")), Data: joined(data), Places: joined(places),
			Products: strings.Join(several("products"), ", "), Subjects: strings.Join(several("data_subjects"), ", "), Condition: cell["condition"],
			Duration: cell["duration"], From: inWords(cell["from"]), Until: inWords(cell["until"]),
			Leaving: map[string]string{"true": "leaving"}[cell["leaving"]],
		})
	}
	return all
}

func fromLinked(t *testing.T, body string) (all []said) {
	t.Helper()
	type named struct {
		Name  string
		Items []string
		Code  string
	}
	var linked struct {
		Processes []struct {
			Name                                         string
			Recipient                                    named
			Products                                     []string
			Purposes, PersonalData, OtherData, Locations []named
			DataSubjects                                 []named
			Condition, Duration, From, Until             string
			Leaving                                      bool
		}
	}
	if err := json.Unmarshal([]byte(body), &linked); err != nil {
		t.Fatal(err)
	}
	names := func(terms []named) (all []string) {
		for _, n := range terms {
			all = append(all, n.Name)
		}
		return all
	}
	for _, p := range linked.Processes {
		// Each category is a node of its own here, and some are no personal data: their order is that of the list's only together.
		e := publishing.Entry{
			Vendor: p.Recipient.Name, Service: p.Name, Products: p.Products, DataSubjects: names(p.DataSubjects), Condition: p.Condition,
			Duration: p.Duration, From: p.From, Until: p.Until, Leaving: p.Leaving,
		}
		for _, n := range p.Purposes {
			e.Purposes = append(e.Purposes, publishing.Term{Label: n.Name})
		}
		for _, n := range append(slices.Clone(p.PersonalData), p.OtherData...) {
			if n.Code != "" {
				e.Categories = append(e.Categories, publishing.Term{Label: n.Name})
			} else {
				e.Data = append(e.Data, publishing.Data{Class: n.Name, Items: n.Items})
			}
		}
		for _, n := range p.Locations {
			e.Locations = append(e.Locations, publishing.Location{Name: n.Name})
		}
		all = append(all, told(e))
	}
	return all
}

func fromPage(t *testing.T, body string) (all []said) {
	t.Helper()
	for _, vendor := range find(parseHTML(t, body), "tbody", "role=rowgroup") {
		name := strings.TrimSpace(strings.TrimSuffix(one(vendor, "class=name"), "#"))
		leaving := ""
		if len(find(vendor, "", "class=tag leaving")) > 0 {
			leaving = "leaving"
		}
		for _, row := range find(vendor, "tr", "") {
			s := said{
				Vendor: name, Service: one(row, "class=service"), Purposes: joined(texts(find(first(row, "class=purposes"), "li", ""))),
				Places: joined(placesOf(find(row, "", "class=place"))), Condition: one(row, "class=condition"), Leaving: leaving,
			}
			var data []string
			for _, d := range find(row, "", "class=data") {
				if class := find(d, "b", ""); len(class) > 0 {
					label := textOf(class[0])
					data = append(data, label+": "+strings.TrimSpace(strings.TrimPrefix(textOf(d), label)))
				} else {
					data = append(data, textOf(d))
				}
			}
			s.Data = joined(data)
			for _, cell := range find(row, "td", "") {
				for _, note := range append(find(cell, "", "class=note"), find(cell, "", "class=note until")...) {
					label := textOf(find(note, "b", "")[0])
					s.take(map[string]string{"For": "products", "About": "subjects", "Since": "from", "Until": "until", "How long": "duration"}[label],
						strings.TrimSpace(strings.TrimPrefix(textOf(note), label)))
				}
			}
			all = append(all, s)
		}
	}
	return all
}

// take sets one field by its name.
func (s *said) take(field, text string) {
	for name, to := range map[string]*string{
		"products": &s.Products, "subjects": &s.Subjects, "from": &s.From, "until": &s.Until, "duration": &s.Duration, "condition": &s.Condition,
	} {
		if name == field {
			*to = text
		}
	}
}

func fromFragment(t *testing.T, body string) (all []said) {
	t.Helper()
	for _, never := range []string{"<html", "<head", "<body", "<script", "<style", "<!"} {
		if strings.Contains(body, never) {
			t.Errorf("it has %s", never)
		}
	}
	for _, row := range find(parseHTML(t, "<!doctype html>"+body), "tr", "")[1:] {
		s := said{
			Vendor: one(row, "class=onward-name"), Service: one(row, "class=onward-service"), Purposes: joined(texts(find(row, "", "class=onward-purpose"))),
			Data: joined(texts(find(row, "", "class=onward-item"))), Places: joined(placesOf(find(row, "", "class=onward-place"))),
			Condition: one(row, "class=onward-condition"),
		}
		if len(find(row, "", "class=onward-leaving")) > 0 {
			s.Leaving = "leaving"
		}
		for _, field := range []struct{ class, name, label string }{
			{"products", "products", "For"}, {"subjects", "subjects", "About"}, {"since", "from", "Since"}, {"until", "until", "Until"}, {"duration", "duration", "How long"},
		} {
			s.take(field.name, strings.TrimSpace(strings.TrimPrefix(one(row, "class=onward-"+field.class), field.label)))
		}
		all = append(all, s)
	}
	return all
}

var notes = regexp.MustCompile(` \([^)]*\)`)

func fromAnnex(t *testing.T, body string) (all []said) {
	t.Helper()
	for _, vendor := range find(parseHTML(t, body), "li", "value") {
		name := one(vendor, "class=name")
		if usual := one(vendor, "class=usual"); usual != "" {
			name = strings.TrimSuffix(strings.TrimPrefix(usual, "("), ")")
		}
		for _, description := range find(vendor, "ul", "") {
			s := said{Vendor: name}
			for _, line := range find(description, "li", "") {
				label, text := textOf(find(line, "b", "")[0]), textOf(find(line, "span", "")[0])
				if text == not {
					text = ""
				}
				several := func() []string { return strings.Split(text, "; ") }
				switch label {
				case "Responsible for":
					var leaving bool
					if s.Service, leaving = strings.CutSuffix(text, ". Leaving: receives no more data"); leaving {
						s.Leaving = "leaving"
					}
				case "Purposes":
					s.Purposes = joined(several())
				case "Personal data":
					s.Data = joined(several())
				case "Places":
					s.Places = joined(strings.Split(strings.ReplaceAll(notes.ReplaceAllString(text, ""), "; ", ", "), ", "))
				default:
					s.take(map[string]string{
						"For the products": "products", "Data subjects": "subjects", "From": "from", "Until": "until", "Duration": "duration", "Condition": "condition",
					}[label], text)
				}
			}
			all = append(all, s)
		}
	}
	return all
}
