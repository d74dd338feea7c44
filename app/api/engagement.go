package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry"
)

func (a *API) listEngagements(c *gin.Context) error {
	vendor, limit, cursor, err := listOf(c)
	if err != nil {
		return err
	}
	p, err := a.Registry.Engagements(c.Request.Context(), vendor, limit, cursor)
	return page(c, p, err)
}

func (a *API) createEngagement(c *gin.Context) error {
	var f registry.EngagementFields
	vendor, err := childOf(c, &f)
	if err != nil {
		return err
	}
	e, err := a.Registry.CreateEngagement(c.Request.Context(), login.Actor(c), a.Now(), vendor, f)
	if err != nil {
		s, marshal := creating("engagement", registry.Step{ParentID: &vendor}, f)
		return errors.Join(marshal, a.planned(c, err, s))
	}
	return created(c, "/v1/engagements/"+e.ID.String(), tagOf(e.Version), e)
}

func (a *API) readEngagement(c *gin.Context) error {
	id, asOf, err := a.recordOf(c)
	if err != nil {
		return err
	}
	e, err := a.Registry.Engagement(c.Request.Context(), id, asOf)
	if err != nil {
		return err
	}
	return record(c, tagOf(e.Version), e)
}

func (a *API) changeEngagement(c *gin.Context) error {
	id, patch, err := patching(c)
	if err != nil {
		return err
	}
	step := registry.Step{RecordKind: "engagement", RecordID: id, Action: registry.StepPatch, Fields: patch}
	e, err := change(c, func(version int64) (registry.Engagement, error) {
		step.Version = version
		return a.Registry.ChangeEngagement(c.Request.Context(), login.Actor(c), a.Now(), id, version, patch)
	})
	if err != nil {
		return a.planned(c, err, step)
	}
	return changed(c, tagOf(e.Version), e)
}
