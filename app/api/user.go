package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry"
)

func (a *API) listUsers(c *gin.Context) error {
	q := queryOf(c, "limit", "cursor")
	limit, cursor := q.limit(), q.text("cursor")
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Users.List(c.Request.Context(), limit, cursor)
	return page(c, p, err)
}

func (a *API) createUser(c *gin.Context) error {
	var f login.UserFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	u, err := a.Users.Create(c.Request.Context(), login.Actor(c), a.Now(), f)
	if err != nil {
		return err
	}
	return created(c, "/v1/users/"+u.ID.String(), tagOf(u.Version), u)
}

func (a *API) readUser(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	u, err := a.Users.Read(c.Request.Context(), id)
	if err != nil {
		return err
	}
	c.Header("ETag", tagOf(u.Version))
	return answer(c, http.StatusOK, u) // signing in changes the answer and not the version
}

func (a *API) changeUser(c *gin.Context) error {
	id, body, err := patching(c)
	if err != nil {
		return err
	}
	var patch login.UserPatch
	if err := registry.Decode(body, &patch); err != nil {
		return err
	}
	u, err := change(c, func(version int64) (login.User, error) {
		return a.Users.Change(c.Request.Context(), login.Actor(c), a.Now(), id, version, patch)
	})
	if err != nil {
		return err
	}
	return changed(c, tagOf(u.Version), u)
}
