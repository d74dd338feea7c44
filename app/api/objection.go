package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/publishing"
)

func (a *API) listObjections(c *gin.Context) error {
	q := queryOf(c, "state", "change_id", "customer_id", "limit", "cursor")
	ask := publishing.ObjectionQuery{
		State: q.text("state"), Change: q.id("change_id"), Customer: q.id("customer_id"), Limit: q.limit(), Cursor: q.text("cursor"),
	}
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Desk.Objections(c.Request.Context(), ask)
	return page(c, p, err)
}

func (a *API) recordObjection(c *gin.Context) error {
	var f publishing.ObjectionFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	o, err := a.Desk.RecordObjection(c.Request.Context(), login.Actor(c), a.Now(), f)
	if err != nil {
		return err
	}
	return created(c, "/v1/objections/"+o.ID.String(), tagOf(o.Version), o)
}

func (a *API) readObjection(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	o, err := a.Desk.Objection(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return record(c, tagOf(o.Version), o)
}

func (a *API) decideObjection(c *gin.Context) error {
	var d publishing.ObjectionDecision
	id, err := only(c)
	if err != nil {
		return err
	}
	if err := decode(c, &d); err != nil {
		return err
	}
	o, err := change(c, func(version int64) (publishing.Objection, error) {
		return a.Desk.DecideObjection(c.Request.Context(), login.Actor(c), a.Now(), id, version, d)
	})
	if err != nil {
		return err
	}
	return changed(c, tagOf(o.Version), o)
}

func (a *API) acceptChange(c *gin.Context) error {
	var said publishing.Acceptance
	id, err := only(c)
	if err != nil {
		return err
	}
	if err := decode(c, &said); err != nil {
		return err
	}
	reach, err := a.Desk.Accept(c.Request.Context(), login.Actor(c), a.Now(), id, said)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, reach)
}
