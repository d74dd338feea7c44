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
