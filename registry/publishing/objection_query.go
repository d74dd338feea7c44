package publishing

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// ObjectionQuery selects objections; zero fields select all. The newest come first.
type ObjectionQuery struct {
	State            string
	Change, Customer uuid.UUID
	Limit            int    // 1..200, 50 when 0
	Cursor           string // of the page before; refused when it belongs to another query
}

// Objections lists objections.
func (d *Desk) Objections(ctx context.Context, q ObjectionQuery) (registry.Page[Objection], error) {
	if !slices.Contains([]string{"", ObjectionOpen, ObjectionUpheld, ObjectionRejected, ObjectionWithdrawn}, q.State) {
		return registry.Page[Objection]{}, registry.InvalidField("/state", "must be one of open, upheld, rejected, withdrawn")
	}
	w, err := registry.NewWindow(q.Limit, q.Cursor, "objections", q.State, q.Change.String(), q.Customer.String())
	if err == nil {
		_, err = w.Instant()
	}
	if err != nil {
		return registry.Page[Objection]{}, err
	}
	found, err := selectObjections(ctx, d.db, q, w)
	if err != nil {
		return registry.Page[Objection]{}, err
	}
	return registry.PageOf(w, found, func(o Objection) (string, uuid.UUID) { return o.ReceivedAt.Format(time.RFC3339Nano), o.ID }), nil
}

// Objection reads an objection; NotFound where there is none.
func (d *Desk) Objection(ctx context.Context, id uuid.UUID) (Objection, error) {
	o, err := registry.Newest[Objection](ctx, d.db, "objection", id, false)
	o.inUTC()
	return o, err
}
