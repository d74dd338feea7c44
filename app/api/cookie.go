package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

func (a *API) scanCookies(c *gin.Context) error {
	var s sharing.CookieScan
	if err := decodeOnly(c, &s); err != nil {
		return err
	}
	found, err := a.Gate.ScanCookies(c.Request.Context(), login.Actor(c), a.Now(), s)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, found)
}
