package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

// correctShare answers 201 whatever the verdict: the correction is on record.
func (a *API) correctShare(c *gin.Context) error {
	id, err := idOf(c, "entry_id")
	if err != nil {
		return err
	}
	var r sharing.Correction
	if err := decodeOnly(c, &r); err != nil {
		return err
	}
	d, err := a.Gate.Correct(c.Request.Context(), login.Actor(c), a.Now(), c.GetHeader("Idempotency-Key"), id, r)
	if err != nil {
		return err
	}
	withReasons(&d)
	c.Header("Location", "/v1/shares/"+d.Receipt.EntryID.String())
	if d.Receipt.Replayed {
		c.Header("Idempotency-Replayed", "true")
	}
	return answer(c, http.StatusCreated, d)
}
