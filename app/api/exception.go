package api

import (
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/registry"
)

// exception is what legal must look at: a share that happened although a rule forbids it.
type exception struct {
	ID       uuid.UUID `bun:"id" json:"id"`
	Kind     string    `bun:"kind" json:"kind"`
	EntryID  uuid.UUID `bun:"entry_id" json:"entry_id"`
	VendorID uuid.UUID `bun:"vendor_id" json:"vendor_id"`
	Reasons  []string  `bun:"reasons,array" json:"reasons"`
	OpenedAt time.Time `bun:"opened_at" json:"opened_at"`
}

func (a *API) listExceptions(c *gin.Context) error {
	q := queryOf(c, "limit", "cursor")
	limit := q.limit()
	var after *place
	if cursor := q.text("cursor"); cursor != "" {
		p, err := placeIn(exceptionMark, cursor)
		if err != nil {
			q.refuse("cursor", "belongs to another list")
		}
		after = &p
	}
	if err := q.err(); err != nil {
		return err
	}
	found, err := openExceptions(c.Request.Context(), a.DB, after, limit+1)
	if err != nil {
		return err
	}
	p := registry.Page[exception]{Items: found}
	if len(found) > limit {
		p.Items = found[:limit]
		p.Next = place{p.Items[limit-1].OpenedAt, p.Items[limit-1].ID}.in(exceptionMark)
	}
	return page(c, p, nil)
}
