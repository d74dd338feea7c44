package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// VendorQuery selects and orders vendors; zero fields select all.
type VendorQuery struct {
	Text    string // every word must be within a name, an identifier, the address or the website's host; case and accents do not count
	State   string
	Kind    string
	Country string
	Parent  uuid.UUID
	Sort    string // name (default), -name, updated_at, -updated_at, created_at, -created_at
	Limit   int    // 1..200, 50 when 0
	Cursor  string // of the page before; refused when it belongs to another query
}

// vendorSorts are the orders of a list of vendors.
var vendorSorts = []string{"name", "-name", "updated_at", "-updated_at", "created_at", "-created_at"}

// window checks the query and reads its cursor; what nothing could match is refused rather than answered with an empty list.
func (q *VendorQuery) window() (window, error) {
	if q.Sort == "" {
		q.Sort = "name"
	}
	var bad []Field
	if !plainText(q.Text) && strings.TrimSpace(q.Text) != "" || len(q.Text) > 500 {
		bad = append(bad, Field{"/text", "must be readable text of at most 500 bytes"})
	}
	if q.State != "" && !VendorState(q.State).known() {
		bad = append(bad, Field{"/state", "must be one of proposed, approved, active, winding_down, ended"})
	}
	if q.Kind != "" && checker().Var(q.Kind, "vendor_kind") != nil {
		bad = append(bad, Field{"/kind", "must be a kind of vendor"})
	}
	if q.Country != "" && checker().Var(q.Country, "country") != nil {
		bad = append(bad, Field{"/country", "must be a country of ISO 3166-1, two capital letters"})
	}
	if !slices.Contains(vendorSorts, q.Sort) {
		bad = append(bad, Field{"/sort", "must be one of " + strings.Join(vendorSorts, ", ")})
	}
	w, err := newWindow(q.Limit, q.Cursor, "vendors", q.Text, q.State, q.Kind, q.Country, q.Parent.String(), q.Sort)
	if refusal, ok := err.(*Refusal); ok { //nolint:errorlint // newWindow returns nothing else
		bad = append(bad, refusal.Fields...)
	}
	if len(bad) > 0 {
		return window{}, invalid(bad)
	}
	if w.key != "" && !strings.HasSuffix(q.Sort, "name") {
		return w, w.keyIsInstant()
	}
	return w, nil
}

// cursorKey is what a vendor is sorted by.
func (v Vendor) cursorKey(sort string) string {
	switch strings.TrimPrefix(sort, "-") {
	case "updated_at":
		return v.UpdatedAt.Format(time.RFC3339Nano)
	case "created_at":
		return v.CreatedAt.Format(time.RFC3339Nano)
	default:
		return v.Name
	}
}

// Vendor reads a vendor; asOf, when not nil, as it was recorded at that instant. NotFound where there is none, or was none then.
func (r *Registry) Vendor(ctx context.Context, id uuid.UUID, asOf *time.Time) (Vendor, error) {
	if asOf != nil {
		return recordedAt[Vendor](ctx, r.db, vendorKind, id, *asOf)
	}
	return newest[Vendor](ctx, r.db, vendorKind, id, false)
}

// Vendors lists vendors.
func (r *Registry) Vendors(ctx context.Context, q VendorQuery) (Page[Vendor], error) {
	w, err := q.window()
	if err != nil {
		return Page[Vendor]{}, err
	}
	found, err := selectVendors(ctx, r.db, q, w)
	if err != nil {
		return Page[Vendor]{}, err
	}
	return pageOf(w, found, func(v Vendor) (string, uuid.UUID) { return v.cursorKey(q.Sort), v.ID }), nil
}

// pageOf makes a page of up to one more item than it may hold.
func pageOf[T any](w window, found []T, key func(T) (string, uuid.UUID)) Page[T] {
	page := Page[T]{Items: found}
	if found == nil {
		page.Items = []T{}
	}
	if len(found) > w.limit {
		page.Items = found[:w.limit]
		page.Next = w.next(key(page.Items[w.limit-1]))
	}
	return page
}
