package login

import (
	"strings"

	"github.com/google/uuid"

	"onward/registry"
)

// pageOf is the page of a list, newest first by id, that read gives when asked for n records before an id; name is what its cursors begin
// with. It refuses a cursor of another list (Invalid).
func pageOf[T any](limit int, cursor, name string, read func(before uuid.UUID, n int) ([]T, error), id func(T) uuid.UUID) (registry.Page[T], error) {
	before := uuid.Max
	if cursor != "" {
		text, ours := strings.CutPrefix(cursor, name)
		var err error
		if before, err = uuid.Parse(text); err != nil || !ours {
			return registry.Page[T]{}, &registry.Refusal{
				Kind: registry.Invalid, Sentence: "The cursor belongs to another list.",
				Fields: []registry.Field{{Pointer: "/cursor", Sentence: "belongs to another list"}},
			}
		}
	}
	found, err := read(before, limit+1)
	if err != nil {
		return registry.Page[T]{}, err
	}
	page := registry.Page[T]{Items: found}
	if len(found) > limit {
		page.Items = found[:limit]
		page.Next = name + id(page.Items[limit-1]).String()
	}
	return page, nil
}
