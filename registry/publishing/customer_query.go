package publishing

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"onward/registry"
)

// CustomerQuery selects customers; zero fields select all. They come in the order of their names.
type CustomerQuery struct {
	Text          string // every word must be within the name or the contract's reference; case and accents do not count
	Authorisation string
	Product       string // that it uses, or no product in particular
	Region        string
	Limit         int    // 1..200, 50 when 0
	Cursor        string // of the page before; refused when it belongs to another query
}

// window checks the query and reads its cursor.
func (q CustomerQuery) window() (registry.Window, error) {
	var bad []registry.Field
	for _, text := range []struct{ at, text string }{{"/text", q.Text}, {"/product", q.Product}, {"/region", q.Region}} {
		if len(text.text) > 500 || !utf8.ValidString(text.text) || strings.ContainsRune(text.text, 0) {
			bad = append(bad, registry.Field{Pointer: text.at, Sentence: "must be readable text of at most 500 bytes"})
		}
	}
	if !slices.Contains([]string{"", General, Specific}, q.Authorisation) {
		bad = append(bad, registry.Field{Pointer: "/authorisation", Sentence: "must be general or specific"})
	}
	if len(bad) > 0 {
		return registry.Window{}, registry.InvalidFields(bad)
	}
	return registry.NewWindow(q.Limit, q.Cursor, "customers", q.Text, q.Authorisation, q.Product, q.Region)
}

// Customers lists customers.
func (d *Desk) Customers(ctx context.Context, q CustomerQuery) (registry.Page[Customer], error) {
	w, err := q.window()
	if err != nil {
		return registry.Page[Customer]{}, err
	}
	found, err := selectCustomers(ctx, d.db, q, w)
	if err != nil {
		return registry.Page[Customer]{}, err
	}
	return registry.PageOf(w, found, func(c Customer) (string, uuid.UUID) { return c.Name, c.ID }), nil
}

// Customer reads a customer; asOf, when not nil, as it was recorded at that instant. NotFound where there is none, or was none then.
func (d *Desk) Customer(ctx context.Context, id uuid.UUID, asOf *time.Time) (c Customer, err error) {
	if asOf != nil {
		c, err = registry.KeptAt[Customer](ctx, d.db, "customer", id, *asOf)
	} else {
		c, err = registry.Newest[Customer](ctx, d.db, "customer", id, false)
	}
	c.inUTC()
	return c, err
}
