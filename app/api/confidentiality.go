package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

func (a *API) readConfidentiality(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	return answer(c, http.StatusOK, sharing.CurrentConfidentiality())
}

// acknowledgeConfidentiality answers 200 where the caller had acknowledged the version before.
func (a *API) acknowledgeConfidentiality(c *gin.Context) error {
	var f sharing.AcknowledgementFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	done, fresh, err := a.Gate.Acknowledge(c.Request.Context(), login.Actor(c), a.Now(), f)
	if err != nil {
		return err
	}
	if !fresh {
		return answer(c, http.StatusOK, done)
	}
	return created(c, "/v1/audit/entries/"+done.ID.String(), "", done)
}

func (a *API) listAcknowledgements(c *gin.Context) error {
	q := queryOf(c, "limit", "cursor")
	limit, cursor := q.limit(), q.text("cursor")
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Gate.Acknowledgements(c.Request.Context(), limit, cursor)
	return page(c, p, err)
}
