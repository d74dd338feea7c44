package api

import (
	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/publishing"
)

func (a *API) readPublishingSettings(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	s, err := a.Desk.Settings(c.Request.Context())
	if err != nil {
		return err
	}
	return record(c, tagOf(s.Version), s)
}

func (a *API) changePublishingSettings(c *gin.Context) error {
	var f publishing.SettingsFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	s, err := change(c, func(version int64) (publishing.Settings, error) {
		return a.Desk.ChangeSettings(c.Request.Context(), login.Actor(c), a.Now(), version, f)
	})
	if err != nil {
		return err
	}
	return changed(c, tagOf(s.Version), s)
}
