package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/audit"
	"onward/registry"
)

// acknowledge opens a frozen log again, with an entry that tells why it was frozen.
func (a *API) acknowledge(c *gin.Context) error {
	var said struct {
		Reason string `json:"reason"`
	}
	if err := decodeOnly(c, &said); err != nil {
		return err
	}
	r, err := a.Log.Acknowledge(c.Request.Context(), login.Actor(c), a.Now(), said.Reason)
	switch {
	case errors.Is(err, audit.ErrReason):
		return &registry.Refusal{
			Kind: registry.Invalid, Sentence: "A reason is needed.",
			Fields: []registry.Field{{Pointer: "/reason", Sentence: "must have 1 to 2,000 printable characters"}},
		}
	case errors.Is(err, audit.ErrNotFrozen):
		return registry.Refuse(registry.Conflict, "The log is not frozen.")
	case errors.Is(err, audit.ErrContradicted):
		return registry.Refuse(registry.Conflict, "The database contradicts its own checkpoints. That cannot be acknowledged: restore it from a backup.")
	case err != nil:
		return err
	}
	return created(c, "/v1/audit/entries/"+r.EntryID.String(), "", r)
}
