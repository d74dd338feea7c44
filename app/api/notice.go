package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/problem"
	"onward/audit"
	"onward/registry/sharing"
)

// noticed handles what is said of a person and leads to tasks for the recipients.
func noticed[T any](a *API, do func(ctx context.Context, by audit.Actor, now time.Time, said T) (sharing.Notice, error)) problem.Handler {
	return func(c *gin.Context) error {
		var said T
		if err := decodeOnly(c, &said); err != nil {
			return err
		}
		done, err := do(c.Request.Context(), login.Actor(c), a.Now(), said)
		if err != nil {
			return err
		}
		return answer(c, http.StatusOK, done)
	}
}
