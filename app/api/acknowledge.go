package api

import (
	"github.com/gin-gonic/gin"

	"onward/app/login"
)

// acknowledge opens a frozen log again, with an entry that tells why it was frozen.
func (a *API) acknowledge(c *gin.Context) error {
	var said struct {
		Reason string `json:"reason"`
	}
	if err := decodeOnly(c, &said); err != nil {
		return err
	}
	r, err := a.Log.Acknowledge(c.Request.Context(), login.Actor(c), a.Now(), said.Reason)
	if err != nil {
		return err
	}
	return created(c, "/v1/audit/entries/"+r.EntryID.String(), "", r)
}
