package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry"
)

func (a *API) listLocations(c *gin.Context) error {
	engagement, limit, cursor, err := listOf(c)
	if err != nil {
		return err
	}
	p, err := a.Registry.Locations(c.Request.Context(), engagement, limit, cursor)
	return page(c, p, err)
}

func (a *API) createLocation(c *gin.Context) error {
	var f registry.LocationFields
	engagement, err := childOf(c, &f)
	if err != nil {
		return err
	}
	l, err := a.Registry.CreateLocation(c.Request.Context(), login.Actor(c), a.Now(), engagement, f)
	if err != nil {
		s, marshal := creating("location", registry.Step{ParentID: &engagement}, f)
		return errors.Join(marshal, a.planned(c, err, s))
	}
	return created(c, "/v1/locations/"+l.ID.String(), tagOf(l.Version), l)
}

func (a *API) readLocation(c *gin.Context) error {
	id, asOf, err := a.recordOf(c)
	if err != nil {
		return err
	}
	l, err := a.Registry.Location(c.Request.Context(), id, asOf)
	if err != nil {
		return err
	}
	return record(c, tagOf(l.Version), l)
}

func (a *API) changeLocation(c *gin.Context) error {
	id, patch, err := patching(c)
	if err != nil {
		return err
	}
	step := registry.Step{RecordKind: "location", RecordID: id, Action: registry.StepPatch, Fields: patch}
	l, err := change(c, func(version int64) (registry.Location, error) {
		step.Version = version
		return a.Registry.ChangeLocation(c.Request.Context(), login.Actor(c), a.Now(), id, version, patch)
	})
	if err != nil {
		return a.planned(c, err, step)
	}
	return changed(c, tagOf(l.Version), l)
}
