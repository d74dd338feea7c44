package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/audit"
	"onward/registry"
)

var healthy = map[string]string{"status": "ok"}

// readHealth says that the program runs, and nothing about what it stands on: a restart would not mend that.
func (a *API) readHealth(c *gin.Context) error { return answer(c, http.StatusOK, healthy) }

// readReadiness says whether shares can be recorded now. It refuses (Busy) when the database does not answer within two seconds, only
// reads, or does not have the log, and when the log is frozen.
func (a *API) readReadiness(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	writable, err := isWritable(ctx, a.DB)
	var head audit.Head
	if err == nil {
		head, err = a.Log.Head(ctx)
	}
	switch {
	case err != nil:
		a.Faults.WarnContext(ctx, "not ready", "request", problem.Instance(c), "error", err)
		return registry.Refuse(registry.Busy, "The database does not answer.")
	case !writable:
		return registry.Refuse(registry.Busy, "The database only reads.")
	case head.Frozen != "":
		return registry.Refuse(registry.Busy, "The log is frozen until an administrator acknowledges why. %s", head.Frozen)
	default:
		return answer(c, http.StatusOK, a.readiness(ctx))
	}
}

// ready says that the program is, and what nevertheless wants somebody's attention.
type ready struct {
	Status string   `json:"status"`
	Notes  []string `json:"notes,omitempty"`
}

func (a *API) readiness(ctx context.Context) ready {
	r := ready{Status: "ok"}
	if a.MailAway == nil || a.MailAway() == "" {
		return r
	}
	if n, err := a.Desk.WaitingMail(ctx); err == nil && n > 0 {
		r.Notes = append(r.Notes, a.MailAway()+" Mail waits to be sent.")
	}
	return r
}
