package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

func (a *API) listExceptions(c *gin.Context) error {
	q := queryOf(c, "state", "kind", "vendor_id", "limit", "cursor")
	ask := sharing.ExceptionQuery{State: q.choice("state", "open", "closed"), VendorID: q.id("vendor_id"), Limit: q.limit(), Cursor: q.text("cursor")}
	if q.text("kind") != "" {
		ask.Kind = q.choice("kind", "violation", "late_discovery", "vendor_not_approved", "mechanism_fallen", "cookie_unknown", "source_not_active")
	}
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Gate.Exceptions(c.Request.Context(), ask)
	return page(c, p, err)
}

func (a *API) closeException(c *gin.Context) error {
	id, err := idOf(c, "id")
	if err != nil {
		return err
	}
	var r sharing.Closing
	if err := decodeOnly(c, &r); err != nil {
		return err
	}
	done, err := a.Gate.CloseException(c.Request.Context(), login.Actor(c), a.Now(), id, r)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, done)
}
