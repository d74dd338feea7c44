package api

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/login"
	"onward/audit"
	"onward/registry"
	"onward/registry/publishing"
)

func (a *API) mergeVendor(c *gin.Context) error {
	return turnVendor(a, c, registry.StepMerge, a.Registry.MergeVendor, func(f registry.MergerFields) bool { return f.Since != nil })
}

func (a *API) unmergeVendor(c *gin.Context) error {
	return turnVendor(a, c, registry.StepUnmerge, a.Registry.UnmergeVendor, func(f registry.UnmergerFields) bool { return f.Since != nil })
}

// turnVendor makes another version of the vendor that the caller saw. Where the public list does not take it by the way, it is planned, unless
// it is about the past.
func turnVendor[F any](a *API, c *gin.Context, action string,
	turn func(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, f F) (registry.Vendor, error), past func(F) bool,
) error {
	var f F
	id, err := childOf(c, &f)
	if err != nil {
		return err
	}
	step := registry.Step{RecordKind: "vendor", RecordID: id, Action: action}
	v, err := change(c, func(version int64) (registry.Vendor, error) {
		step.Version = version
		return turn(c.Request.Context(), login.Actor(c), a.Now(), id, version, f)
	})
	if err == nil {
		return changed(c, tagOf(v.Version), v)
	}
	var held *publishing.Held
	if errors.As(err, &held) && past(f) {
		return registry.Refuse(registry.Conflict, "It would change the public list in the past: leave since out.")
	}
	if step.Fields, _ = json.Marshal(f); step.Fields == nil {
		return err // what was decoded can be encoded
	}
	return a.planned(c, err, step)
}
