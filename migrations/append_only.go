package migrations

import (
	"regexp"
	"slices"
)

var madeAppendOnly = regexp.MustCompile(`(?m)^SELECT make_append_only\('([a-z_]+)'\);`)

// AppendOnly are the tables that the schema makes append-only, in the order of their names.
func (s Sequence) AppendOnly() []string {
	var tables []string
	for _, f := range s.files {
		for _, match := range madeAppendOnly.FindAllStringSubmatch(f.sql, -1) {
			tables = append(tables, match[1])
		}
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}
