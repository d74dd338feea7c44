package api

import (
	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry"
)

func (a *API) listApprovals(c *gin.Context) error {
	engagement, limit, cursor, err := listOf(c)
	if err != nil {
		return err
	}
	p, err := a.Registry.Approvals(c.Request.Context(), engagement, limit, cursor)
	return page(c, p, err)
}

func (a *API) approveEngagement(c *gin.Context) error {
	id, err := idOf(c, "id")
	if err != nil {
		return err
	}
	if err := none(c); err != nil {
		return err
	}
	var f registry.ApprovalFields
	if c.Request.ContentLength != 0 { // what was seen may be said
		if err := decode(c, &f); err != nil {
			return err
		}
	}
	done, err := change(c, func(version int64) (registry.Approval, error) {
		return a.Registry.ApproveEngagement(c.Request.Context(), login.Actor(c), a.Now(), id, version, f)
	})
	if err != nil {
		return err
	}
	return created(c, "/v1/audit/entries/"+done.ID.String(), "", done)
}
