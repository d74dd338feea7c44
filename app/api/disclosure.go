package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

func (a *API) prepareDisclosure(c *gin.Context) error {
	var f sharing.DisclosureFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	d, err := a.Gate.PrepareDisclosure(c.Request.Context(), login.Actor(c), a.Now(), f)
	if err != nil {
		return err
	}
	return created(c, "/v1/disclosures/"+d.ID.String(), "", d)
}

func (a *API) listDisclosures(c *gin.Context) error {
	q := queryOf(c, "state", "sealed", "vendor_id", "prepared_from", "prepared_until", "limit", "cursor")
	ask := sharing.DisclosureQuery{
		VendorID: q.id("vendor_id"), PreparedFrom: q.from("prepared_from", a.Zone), PreparedUntil: q.until("prepared_until", a.Zone),
		Limit: q.limit(), Cursor: q.text("cursor"),
	}
	if q.values.Has("state") {
		ask.State = q.choice("state", "prepared", "confirmed")
	}
	if q.values.Has("sealed") {
		sealed := q.choice("sealed", "true", "false") == "true"
		ask.Sealed = &sealed
	}
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Gate.Disclosures(c.Request.Context(), login.Actor(c), a.Now(), ask)
	return page(c, p, err)
}

func (a *API) readDisclosure(c *gin.Context) error {
	id, err := idOf(c, "id")
	if err != nil {
		return err
	}
	if err := none(c); err != nil {
		return err
	}
	d, err := a.Gate.Disclosure(c.Request.Context(), login.Actor(c), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, d)
}

func (a *API) confirmDisclosure(c *gin.Context) error {
	id, err := idOf(c, "id")
	if err != nil {
		return err
	}
	if err := none(c); err != nil {
		return err
	}
	d, err := a.Gate.ConfirmDisclosure(c.Request.Context(), login.Actor(c), a.Now(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, d)
}
