package site

import (
	"slices"
	"strings"

	"onward/registry/publishing"
)

// form is the page's filter, as it was asked for.
type form struct {
	Text    string
	Selects []choice
	Date    string
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
	products, places, categories, types := map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}
	for _, e := range v.whole.Entries {
		for _, p := range e.Products {
			products[p] = p
		}
		for _, l := range e.Locations {
			places[l.Place] = l.Name
		}
		for _, t := range e.Categories {
			categories[t.Code] = t.Label
		}
		for _, d := range e.Data {
			if d.Class != "" {
				categories[d.Class] = d.Class
			}
		}
		for _, k := range e.Kinds {
			types[k] = kindLabel(k)
		}
	}
	f := v.asked.filter
	all := []choice{
		newChoice("kind", "Kind", "Every kind", types, f.Kind),
		newChoice("product", "Product", "Every product", products, f.Product),
		newChoice("place", "Place", "Every place", places, f.Place),
		newChoice("category", "Personal data", "All data", categories, f.Category),
	}
	date := v.asked.date
	if !v.asked.asOf.IsZero() {
		date = v.asked.asOf.Format("2006-01-02")
	}
	return form{Text: f.Text, Selects: slices.DeleteFunc(all, func(c choice) bool { return len(c.Options) == 0 }), Date: date}
}

// newChoice orders the options by their text. What was asked for is among them even where the list has none of it.
func newChoice(name, label, anyLabel string, options map[string]string, chosen string) choice {
	c := choice{Name: name, Label: label, Any: anyLabel}
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
			text = publishing.PlaceName(strings.ToUpper(chosen))
		case "kind":
			text = kindLabel(chosen)
		}
		c.Options = append(c.Options, option{chosen, text, true})
	}
	slices.SortFunc(c.Options, func(x, y option) int {
		return strings.Compare(strings.ToLower(x.Text), strings.ToLower(y.Text))
	})
	return c
}
