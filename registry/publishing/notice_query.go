package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// Notices lists notices, newest first, without counting their deliveries.
func (d *Desk) Notices(ctx context.Context, limit int, cursor string) (registry.Page[Notice], error) {
	w, err := registry.NewWindow(limit, cursor, "notices")
	if err != nil {
		return registry.Page[Notice]{}, err
	}
	before, err := w.Instant()
	if err != nil {
		return registry.Page[Notice]{}, err
	}
	found, err := selectNotices(ctx, d.db, w, before)
	if err != nil {
		return registry.Page[Notice]{}, err
	}
	return registry.PageOf(w, found, func(n Notice) (string, uuid.UUID) { return n.OpenedAt.Format(time.RFC3339Nano), n.ID }), nil
}

// Notice reads a notice, with how many of its deliveries are in which state; NotFound where there is none.
func (d *Desk) Notice(ctx context.Context, id uuid.UUID) (Notice, error) {
	return readNotice(ctx, d.db, id)
}
