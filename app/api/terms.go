package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

func (a *API) readVendorTerms(c *gin.Context) error {
	id, at, err := a.recordAt(c)
	if err != nil {
		return err
	}
	v, err := a.Registry.VendorTerms(c.Request.Context(), id, at)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, v)
}

func (a *API) readChecklist(c *gin.Context) error {
	id, at, err := a.recordAt(c)
	if err != nil {
		return err
	}
	list, err := a.Registry.Checklist(c.Request.Context(), id, at)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, list)
}
