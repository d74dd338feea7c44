package api

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"onward/registry"
)

func (a *API) listReleases(c *gin.Context) error {
	q := queryOf(c, "limit", "cursor")
	limit, cursor := q.limit(), q.text("cursor")
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Desk.Releases(c.Request.Context(), limit, cursor)
	return page(c, p, err)
}

// readRelease answers with a release and its list. What is no number names nothing (NotFound).
func (a *API) readRelease(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	text := c.Param("number")
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 1 || strconv.FormatInt(number, 10) != text {
		return registry.Refuse(registry.NotFound, "The path names nothing that exists.")
	}
	r, err := a.Desk.Release(c.Request.Context(), number)
	if err != nil {
		return err
	}
	return record(c, `"`+r.SHA256.String()+`"`, r)
}
