package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
)

// createdKey is a key with its secret, which is shown this once.
type createdKey struct {
	login.Key
	Secret string `json:"secret"`
}

func (a *API) listKeys(c *gin.Context) error {
	q := queryOf(c, "limit", "cursor")
	limit, cursor := q.limit(), q.text("cursor")
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Keys.List(c.Request.Context(), limit, cursor)
	return page(c, p, err)
}

func (a *API) createKey(c *gin.Context) error {
	var f login.KeyFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	k, secret, err := a.Keys.Create(c.Request.Context(), login.Actor(c), a.Now(), f)
	if err != nil {
		return err
	}
	return created(c, "/v1/keys/"+k.ID.String(), "", createdKey{k, secret})
}

func (a *API) readKey(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	k, err := a.Keys.Read(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, k)
}

func (a *API) revokeKey(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	if _, err := a.Keys.Revoke(c.Request.Context(), login.Actor(c), a.Now(), id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
