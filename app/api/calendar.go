package api

import (
	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/problem"
	"onward/registry"
)

func (a *API) listCalendars(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	all, err := a.Registry.Calendars(c.Request.Context())
	return page(c, registry.Page[registry.Calendar]{Items: all}, err)
}

func (a *API) readCalendar(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	k, err := a.Registry.Calendar(c.Request.Context(), c.Param("calendar"))
	if err != nil {
		return err
	}
	return record(c, tagOf(k.Version), k)
}

// putCalendar makes a calendar, or with If-Match replaces it. A name that can be none's names nothing.
func (a *API) putCalendar(c *gin.Context) error {
	var f registry.CalendarFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	name := c.Param("calendar")
	if !registry.CalendarName(name) {
		return registry.Refuse(registry.NotFound, "The path names nothing that exists: a calendar's name is a letter, then letters, digits, _, . or -.")
	}
	put := func(version int64) (registry.Calendar, error) {
		return a.Registry.PutCalendar(c.Request.Context(), login.Actor(c), a.Now(), name, version, f)
	}
	if c.GetHeader("If-Match") != "" {
		k, err := change(c, put)
		if err != nil {
			return err
		}
		return changed(c, tagOf(k.Version), k)
	}
	k, err := put(0)
	if isStale(err) {
		return problem.Refuse(problem.Unconditional, "There is such a calendar: send If-Match with its ETag to replace it.")
	}
	if err != nil {
		return err
	}
	return created(c, "/v1/calendars/"+name, tagOf(k.Version), k)
}
