package api

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

// endedDeal is a deal that has ended, and what must be done now.
type endedDeal struct {
	Deal  sharing.Deal   `json:"deal"`
	Tasks []sharing.Task `json:"tasks"`
}

func (a *API) listDeals(c *gin.Context) error {
	q := queryOf(c, "limit", "cursor")
	limit, cursor := q.limit(), q.text("cursor")
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Gate.Deals(c.Request.Context(), limit, cursor)
	return page(c, p, err)
}

func (a *API) openDeal(c *gin.Context) error {
	var f sharing.DealFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	d, err := a.Gate.OpenDeal(c.Request.Context(), login.Actor(c), a.Now(), f)
	if err != nil {
		return err
	}
	return created(c, "/v1/deals/"+url.PathEscape(d.Name), tagOf(d.Version), d)
}

func (a *API) readDeal(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	d, err := a.Gate.Deal(c.Request.Context(), c.Param("name"))
	if err != nil {
		return err
	}
	return record(c, tagOf(d.Version), d)
}

func (a *API) stepDeal(c *gin.Context) error {
	var s sharing.DealStep
	if err := decodeOnly(c, &s); err != nil {
		return err
	}
	d, err := change(c, func(version int64) (sharing.Deal, error) {
		return a.Gate.StepDeal(c.Request.Context(), login.Actor(c), a.Now(), c.Param("name"), version, s)
	})
	if err != nil {
		return err
	}
	return changed(c, tagOf(d.Version), d)
}

func (a *API) endDeal(c *gin.Context) error {
	var e sharing.DealEnd
	if err := decodeOnly(c, &e); err != nil {
		return err
	}
	d, err := change(c, func(version int64) (ended endedDeal, err error) {
		ended.Deal, ended.Tasks, err = a.Gate.EndDeal(c.Request.Context(), login.Actor(c), a.Now(), c.Param("name"), version, e)
		return ended, err
	})
	if err != nil {
		return err
	}
	if d.Tasks == nil {
		d.Tasks = []sharing.Task{}
	}
	c.Header("ETag", tagOf(d.Deal.Version))
	return answer(c, http.StatusOK, d)
}
