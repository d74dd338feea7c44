package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry"
	"onward/registry/publishing"
)

// planned answers with the change that is proposed in the place of an edit which the public list does not take by the way; with err itself
// where that is not why there is one.
func (a *API) planned(c *gin.Context, err error, steps ...registry.Step) error {
	var held *publishing.Held
	if !errors.As(err, &held) {
		return err
	}
	p, err := a.Desk.Propose(c.Request.Context(), login.Actor(c), a.Now(), publishing.ChangeFields{Steps: steps})
	if err != nil {
		return err
	}
	c.Header("Location", "/v1/changes/"+p.ID.String())
	c.Header("ETag", tagOf(p.Version))
	return answer(c, http.StatusAccepted, p)
}

// plannedVendor is planned for a patch of a vendor.
func (a *API) plannedVendor(c *gin.Context, err error, s registry.Step, p registry.VendorPatch) error {
	var held *publishing.Held
	if errors.As(err, &held) && !p.EffectiveAt.IsZero() {
		return registry.Refuse(registry.Conflict, "It would change the public list in the past: leave effective_at out.")
	}
	var steps []registry.Step
	if p.Fields != nil {
		s.Action, s.Fields = registry.StepPatch, p.Fields
		steps = append(steps, s)
	}
	if p.State != "" {
		s.Action, s.Fields, s.State = registry.StepMove, nil, p.State
		if len(steps) > 0 {
			s.Version = 0 // the step before makes another
		}
		steps = append(steps, s)
	}
	return a.planned(c, err, steps...)
}

// creating is the step that creates a record with these fields.
func creating(kind string, s registry.Step, fields any) (registry.Step, error) {
	text, err := json.Marshal(fields)
	s.RecordKind, s.Action, s.Fields = kind, registry.StepCreate, text
	return s, err
}

func (a *API) listChanges(c *gin.Context) error {
	q := queryOf(c, "state", "kind", "vendor_id", "limit", "cursor")
	ask := publishing.ChangeQuery{
		State: q.text("state"), Kind: q.text("kind"), VendorID: q.id("vendor_id"), Limit: q.limit(), Cursor: q.text("cursor"),
	}
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Desk.Changes(c.Request.Context(), ask)
	return page(c, p, err)
}

func (a *API) proposeChange(c *gin.Context) error {
	var f publishing.ChangeFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	p, err := a.Desk.Propose(c.Request.Context(), login.Actor(c), a.Now(), f)
	if err != nil {
		return err
	}
	return created(c, "/v1/changes/"+p.ID.String(), tagOf(p.Version), p)
}

func (a *API) readChange(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	p, err := a.Desk.Change(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return record(c, tagOf(p.Version), p)
}

func (a *API) editChange(c *gin.Context) error {
	id, patch, err := patching(c)
	if err != nil {
		return err
	}
	p, err := change(c, func(version int64) (publishing.Change, error) {
		return a.Desk.EditChange(c.Request.Context(), login.Actor(c), a.Now(), id, version, patch)
	})
	if err != nil {
		return err
	}
	return changed(c, tagOf(p.Version), p)
}

func (a *API) approveChange(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	p, err := change(c, func(version int64) (publishing.Change, error) {
		return a.Desk.ApproveChange(c.Request.Context(), login.Actor(c), a.Now(), id, version)
	})
	if err != nil {
		return err
	}
	return changed(c, tagOf(p.Version), p)
}

func (a *API) withdrawChange(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	var why publishing.Withdrawal
	if err := decode(c, &why); err != nil {
		return err
	}
	p, err := change(c, func(version int64) (publishing.Change, error) {
		return a.Desk.WithdrawChange(c.Request.Context(), login.Actor(c), a.Now(), id, version, why)
	})
	if err != nil {
		return err
	}
	return changed(c, tagOf(p.Version), p)
}

func (a *API) postponeChange(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	var to publishing.Postponement
	if err := decode(c, &to); err != nil {
		return err
	}
	p, err := change(c, func(version int64) (publishing.Change, error) {
		return a.Desk.PostponeChange(c.Request.Context(), login.Actor(c), a.Now(), id, version, to)
	})
	if err != nil {
		return err
	}
	return changed(c, tagOf(p.Version), p)
}

func (a *API) listChangeCustomers(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	p, err := a.Desk.Change(c.Request.Context(), id)
	if err != nil {
		return err
	}
	all, err := a.Desk.Standings(c.Request.Context(), a.Now(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, standings{Items: all, Later: p.LaterOf(all)})
}

// standings are the customers whom a change concerns, and how many of them start later than it takes effect.
type standings struct {
	Items []publishing.Standing `json:"items"`
	Later publishing.Later      `json:"later"`
}
