package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

func (a *API) listTasks(c *gin.Context) error {
	q := queryOf(c, "state", "kind", "vendor_id", "owner", "due_before", "limit", "cursor")
	ask := sharing.TaskQuery{
		State: q.choice("state", "open", "closed"), VendorID: q.id("vendor_id"), Owner: q.some("owner"), DueBefore: q.from("due_before", a.Zone),
		Limit: q.limit(), Cursor: q.text("cursor"),
	}
	if q.text("kind") != "" {
		ask.Kind = q.choice("kind", sharing.TaskKinds()...)
	}
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Gate.Tasks(c.Request.Context(), a.Now(), ask)
	return page(c, p, err)
}

func (a *API) closeTask(c *gin.Context) error {
	id, err := idOf(c, "id")
	if err != nil {
		return err
	}
	var r sharing.TaskClosing
	if err := decodeOnly(c, &r); err != nil {
		return err
	}
	done, err := a.Gate.CloseTask(c.Request.Context(), login.Actor(c), a.Now(), id, r)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, done)
}

func (a *API) sendTask(c *gin.Context) error {
	id, err := idOf(c, "id")
	if err != nil {
		return err
	}
	if err := none(c); err != nil {
		return err
	}
	done, err := a.Gate.SendTask(c.Request.Context(), login.Actor(c), a.Now(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, done)
}
