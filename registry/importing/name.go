package importing

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"onward/registry"
)

// otherName finds the words by which a list joins two names of one organisation. Other words in parentheses are left where they are: they
// can be a product, a short form or a group.
var otherName = regexp.MustCompile(`(?i)^(\S.*?),?\s+\(?(d/b/a|dba|d\.b\.a\.|doing business as|trading as|t/a|a/k/a|aka|also known as|f/k/a|fka|formerly known as|formerly)\s+([^()]*[^()\s])\)?$`)

// splitName parts "X dba Y" and its like into the name and the other names that the words themselves say. A name without such
// words is returned as it is.
func splitName(published string) (string, []registry.OtherName) {
	m := otherName.FindStringSubmatch(published)
	if m == nil {
		return published, nil
	}
	return m[1], []registry.OtherName{{Name: m[3], Kind: nameKind(m[2])}}
}

func nameKind(words string) string {
	switch strings.ToLower(words) {
	case "aka", "a/k/a", "also known as":
		return "also_known_as"
	case "fka", "f/k/a", "formerly", "formerly known as":
		return "formerly"
	default:
		return "doing_business_as"
	}
}

// setName names the row's vendor as published, parted into its names.
func (r *Row) setName(published string) {
	name, others := splitName(published)
	r.Vendor.Name = name
	for _, o := range others {
		r.Vendor.OtherNames = append(r.Vendor.OtherNames, o)
		r.note("%q was read as %q, %s %q", published, name, strings.ReplaceAll(o.Kind, "_", " "), o.Name)
	}
}

// fold is the form in which names are compared: fold_text of the database.
func fold(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

// setNumber keeps a registration number. The two letters of a country before it are read as such only where they are the country
// that the row states: "IE 368047" of an Irish company, but "SC 123456" of a Scottish one stays whole.
func (r *Row) setNumber(scheme, number string) {
	id := registry.Identifier{Scheme: scheme, Value: number}
	prefix, rest, found := strings.Cut(number, " ")
	if found && prefix == r.Vendor.Country && prefix != "" {
		id.Country, id.Value = prefix, strings.TrimSpace(rest)
	}
	r.Vendor.Identifiers = append(r.Vendor.Identifiers, id)
}
