package site

import (
	"slices"
	"strings"
)

// form is the page's filter, as it was asked for.
type form struct {
	Text      string
	Selects   []choice
	ByPurpose bool
	Grouped   bool // there are purposes to group by
	Date      string
	Release   int64 // 0 of the current list: then another day can be chosen
}

// choice is a list to choose from.
type choice struct {
	Name, Label, Any string
	Options          []option
}

type option struct {
	Value, Text string
	Chosen      bool
}

// newForm offers what occurs on the whole list.
func newForm(v view) form {
	l, f := v.language, v.asked.filter
	products, places, categories, types := map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}
	data := form{Text: f.Text, ByPurpose: v.asked.byPurpose, Grouped: v.asked.byPurpose, Date: v.asked.date, Release: v.asked.release}
	for _, e := range v.whole.Entries {
		for _, p := range e.Products {
			products[p] = p
		}
		for _, at := range e.Locations {
			places[at.Place] = l.place(at.Place)
		}
		for _, t := range e.Categories {
			categories[t.Code] = l.category(t)
		}
		for _, d := range e.Data {
			if d.Class != "" {
				categories[d.Class] = d.Class
			}
		}
		for _, k := range e.Kinds {
			types[k] = plain(l.kind(k))
		}
		data.Grouped = data.Grouped || len(e.Purposes) > 0
	}
	all := []choice{
		newChoice(l, "kind", types, f.Kind),
		newChoice(l, "product", products, f.Product),
		newChoice(l, "place", places, f.Place),
		newChoice(l, "category", categories, f.Category),
	}
	data.Selects = slices.DeleteFunc(all, func(c choice) bool { return len(c.Options) == 0 })
	if !v.asked.asOf.IsZero() {
		data.Date = v.asked.asOf.Format("2006-01-02")
	}
	return data
}

// newChoice orders the options by their text. What was asked for is among them even where the list has none of it.
func newChoice(l *Language, name string, options map[string]string, chosen string) choice {
	c := choice{Name: name, Label: l.Say("filter." + name), Any: l.Say("filter." + name + ".any")}
	found := false
	for value, text := range options {
		hit := chosen != "" && (strings.EqualFold(value, chosen) || strings.EqualFold(text, chosen)) && !found
		found = found || hit
		c.Options = append(c.Options, option{value, text, hit})
	}
	if chosen != "" && !found {
		text := chosen
		switch name {
		case "place":
			text = labelled(l.Places, strings.ToUpper(chosen))
		case "kind":
			text = l.kind(chosen)
		}
		c.Options = append(c.Options, option{chosen, text, true})
	}
	slices.SortFunc(c.Options, func(x, y option) int {
		return strings.Compare(strings.ToLower(x.Text), strings.ToLower(y.Text))
	})
	return c
}
