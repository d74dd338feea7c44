package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/registry"
)

var healthy = map[string]string{"status": "ok"}

// readHealth says that the program runs, and nothing about what it stands on: a restart would not mend that.
func (a *API) readHealth(c *gin.Context) error { return answer(c, http.StatusOK, healthy) }

// readReadiness says whether shares can be recorded now. It refuses (Busy) when the database does not answer within two seconds, only
// reads, or does not have the log.
func (a *API) readReadiness(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	writable, err := isWritable(ctx, a.DB)
	if err == nil {
		_, err = a.Log.Head(ctx)
	}
	switch {
	case err != nil:
		a.Faults.WarnContext(ctx, "not ready", "request", problem.Instance(c), "error", err)
		return registry.Refuse(registry.Busy, "The database does not answer.")
	case !writable:
		return registry.Refuse(registry.Busy, "The database only reads.")
	default:
		return answer(c, http.StatusOK, healthy)
	}
}
