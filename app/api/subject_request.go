package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/login"
	"onward/audit"
	"onward/registry/sharing"
)

func (a *API) listRequests(c *gin.Context) error {
	q := queryOf(c, "state", "kind", "limit", "cursor")
	ask := sharing.SubjectRequestQuery{State: q.choice("state", "open", "overdue", "closed"), Limit: q.limit(), Cursor: q.text("cursor")}
	if q.values.Has("kind") {
		ask.Kind = q.choice("kind", sharing.SubjectRequestKinds()...)
	}
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Gate.Requests(c.Request.Context(), login.Actor(c), a.Now(), ask)
	return page(c, p, err)
}

func (a *API) receiveRequest(c *gin.Context) error {
	var f sharing.SubjectRequestFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	r, err := a.Gate.ReceiveRequest(c.Request.Context(), login.Actor(c), a.Now(), c.GetHeader("Idempotency-Key"), f)
	if err != nil {
		return err
	}
	if r.Replayed {
		c.Header("Idempotency-Replayed", "true")
	}
	return created(c, "/v1/requests/"+r.ID.String(), "", r)
}

func (a *API) reportRequests(c *gin.Context) error {
	var q sharing.SubjectQuestion
	if err := decodeOnly(c, &q); err != nil {
		return err
	}
	found, err := a.Gate.RequestsOf(c.Request.Context(), login.Actor(c), a.Now(), q)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, found)
}

func (a *API) readRequest(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	r, err := a.Gate.Request(c.Request.Context(), login.Actor(c), a.Now(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, r)
}

func (a *API) extendRequest(c *gin.Context) error { return stepRequest(a, c, a.Gate.ExtendRequest) }

func (a *API) closeRequest(c *gin.Context) error { return stepRequest(a, c, a.Gate.CloseRequest) }

// stepRequest decodes what a step of a request needs, takes it, and answers with the request.
func stepRequest[T any](a *API, c *gin.Context,
	step func(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID, said T) (sharing.SubjectRequest, error),
) error {
	id, err := idOf(c, "id")
	if err != nil {
		return err
	}
	var said T
	if err := decodeOnly(c, &said); err != nil {
		return err
	}
	r, err := step(c.Request.Context(), login.Actor(c), a.Now(), id, said)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, r)
}
