package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/login"
	"onward/audit"
	"onward/registry"
)

// hold is a legal hold as the interface shows it.
type hold struct {
	ID       uuid.UUID     `json:"id"`
	Reason   string        `json:"reason"`
	From     registry.Date `json:"from"`
	ReviewOn registry.Date `json:"review_on"`
	PlacedAt time.Time     `json:"placed_at"`
	LiftedAt time.Time     `json:"lifted_at,omitzero"`
}

func holdOf(h audit.Hold) hold {
	return hold{h.ID, h.Reason, registry.DateOf(h.From), registry.DateOf(h.ReviewOn), h.PlacedAt, h.LiftedAt}
}

// holdFields are what places a hold.
type holdFields struct {
	Reason   string         `json:"reason"`
	From     *registry.Date `json:"from"`
	ReviewOn *registry.Date `json:"review_on"`
}

// check names every field that is bad.
func (f *holdFields) check() error {
	var bad []registry.Field
	if !slices.Contains(audit.HoldReasons(), f.Reason) {
		bad = append(bad, registry.Field{Pointer: "/reason", Sentence: "must be one of " + strings.Join(audit.HoldReasons(), ", ")})
	}
	if f.From == nil {
		bad = append(bad, registry.Field{Pointer: "/from", Sentence: "is required"})
	}
	switch {
	case f.ReviewOn == nil:
		bad = append(bad, registry.Field{Pointer: "/review_on", Sentence: "is required"})
	case f.From != nil && f.ReviewOn.Start(time.UTC).Before(f.From.Start(time.UTC)):
		bad = append(bad, registry.Field{Pointer: "/review_on", Sentence: "must not be before from"})
	}
	if len(bad) == 0 {
		return nil
	}
	return &registry.Refusal{Kind: registry.Invalid, Sentence: "That is no legal hold.", Fields: bad}
}

func (a *API) placeHold(c *gin.Context) error {
	var f holdFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	h, err := a.Log.PlaceHold(c.Request.Context(), login.Actor(c), a.Now(), audit.Hold{
		ID: uuid.New(), Reason: f.Reason, From: f.From.Start(time.UTC), ReviewOn: f.ReviewOn.Start(time.UTC),
	})
	if err != nil {
		return err
	}
	return created(c, "/v1/holds", "", holdOf(h))
}

func (a *API) liftHold(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	h, err := a.Log.LiftHold(c.Request.Context(), login.Actor(c), a.Now(), id)
	if errors.Is(err, audit.ErrNotFound) {
		return registry.Refuse(registry.NotFound, "There is no such hold.")
	}
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, holdOf(h))
}

func (a *API) listHolds(c *gin.Context) error {
	q := queryOf(c, "limit", "cursor")
	limit := q.limit()
	var after *audit.Hold
	if cursor := q.text("cursor"); cursor != "" {
		p, err := placeIn(holdMark, cursor)
		if err != nil {
			q.refuse("cursor", "belongs to another list")
		}
		after = &audit.Hold{PlacedAt: p.at, ID: p.id}
	}
	if err := q.err(); err != nil {
		return err
	}
	found, err := a.Log.Holds(c.Request.Context(), after, limit+1)
	if err != nil {
		return err
	}
	var p registry.Page[hold]
	for _, h := range found[:min(len(found), limit)] {
		p.Items = append(p.Items, holdOf(h))
	}
	if len(found) > limit {
		p.Next = place{p.Items[limit-1].PlacedAt, p.Items[limit-1].ID}.in(holdMark)
	}
	return page(c, p, nil)
}
