package api

import (
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

// recordOf is which record a request reads, and as of when; nil is now.
func (a *API) recordOf(c *gin.Context) (uuid.UUID, *time.Time, error) {
	id, err := idOf(c, "id")
	if err != nil {
		return uuid.Nil, nil, err
	}
	q := queryOf(c, "as_of")
	asOf := q.instant("as_of", a.Zone)
	return id, asOf, q.err()
}

// recordAt is which record a request asks of, and for which instant; now where it does not say.
func (a *API) recordAt(c *gin.Context) (uuid.UUID, time.Time, error) {
	id, err := idOf(c, "id")
	if err != nil {
		return uuid.Nil, time.Time{}, err
	}
	q := queryOf(c, "at")
	at := q.instant("at", a.Zone)
	if at == nil {
		now := a.Now()
		at = &now
	}
	return id, *at, q.err()
}

// listOf is whose records a request lists, and which page of them.
func listOf(c *gin.Context) (owner uuid.UUID, limit int, cursor string, err error) {
	if owner, err = idOf(c, "id"); err != nil {
		return uuid.Nil, 0, "", err
	}
	q := queryOf(c, "limit", "cursor")
	limit, cursor = q.limit(), q.text("cursor")
	return owner, limit, cursor, q.err()
}

// only is the id of a request without query parameters.
func only(c *gin.Context) (uuid.UUID, error) {
	id, err := idOf(c, "id")
	if err != nil {
		return uuid.Nil, err
	}
	return id, none(c)
}

// childOf is to which record a request adds one, whose fields it decodes into the zero value that into points to.
func childOf(c *gin.Context, into any) (uuid.UUID, error) {
	owner, err := idOf(c, "id")
	if err != nil {
		return uuid.Nil, err
	}
	return owner, decodeOnly(c, into)
}

// decodeOnly decodes the body of a request without query parameters.
func decodeOnly(c *gin.Context, into any) error {
	if err := none(c); err != nil {
		return err
	}
	return decode(c, into)
}

// patching is which record a request changes, and its merge patch.
func patching(c *gin.Context) (uuid.UUID, []byte, error) {
	id, err := only(c)
	if err != nil {
		return uuid.Nil, nil, err
	}
	patch, err := patchOf(c)
	return id, patch, err
}
