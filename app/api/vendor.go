package api

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry"
)

func (a *API) listVendors(c *gin.Context) error {
	q := queryOf(c, "q", "state", "kind", "country", "parent", "sort", "limit", "cursor")
	ask := registry.VendorQuery{
		Text: q.text("q"), State: q.text("state"), Kind: q.text("kind"), Country: q.text("country"), Parent: q.id("parent"),
		Sort: q.text("sort"), Limit: q.limit(), Cursor: q.text("cursor"),
	}
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Registry.Vendors(c.Request.Context(), ask)
	return page(c, p, parameters(err, map[string]string{"text": "q"}))
}

func (a *API) createVendor(c *gin.Context) error {
	var f registry.VendorFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	v, err := a.Registry.CreateVendor(c.Request.Context(), login.Actor(c), a.Now(), f)
	if err != nil {
		return err
	}
	return created(c, "/v1/vendors/"+v.ID.String(), tagOf(v.Version), v)
}

func (a *API) readVendor(c *gin.Context) error {
	id, asOf, err := a.recordOf(c)
	if err != nil {
		return err
	}
	v, err := a.Registry.Vendor(c.Request.Context(), id, asOf)
	if err != nil {
		return err
	}
	return record(c, tagOf(v.Version), v)
}

func (a *API) changeVendor(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	patch, err := vendorPatch(c)
	if err != nil {
		return err
	}
	by := login.Actor(c)
	if err := mayChange(by.Role, patch); err != nil {
		return err
	}
	step := registry.Step{RecordKind: "vendor", RecordID: id}
	v, err := change(c, func(version int64) (registry.Vendor, error) {
		step.Version = version
		return a.Registry.ChangeVendor(c.Request.Context(), by, a.Now(), id, version, patch)
	})
	if err != nil {
		return a.plannedVendor(c, err, step, patch)
	}
	return changed(c, tagOf(v.Version), v)
}

// vendorPatch reads the merge patch of a vendor and takes out of it what is besides the fields.
func vendorPatch(c *gin.Context) (registry.VendorPatch, error) {
	var all struct {
		State       registry.VendorState `json:"state"`
		EffectiveAt time.Time            `json:"effective_at"`
		Reason      string               `json:"reason"`
		registry.VendorFields
	}
	var fields map[string]json.RawMessage
	err := withBody(c, []string{patchType, jsonType}, func(body []byte) error {
		if err := registry.Decode(body, &all); err != nil {
			return err
		}
		return registry.Decode(body, &fields)
	})
	if err != nil {
		return registry.VendorPatch{}, err
	}
	delete(fields, "state")
	delete(fields, "effective_at")
	delete(fields, "reason")
	p := registry.VendorPatch{State: all.State, EffectiveAt: all.EffectiveAt, Reason: all.Reason}
	if len(fields) > 0 {
		if p.Fields, err = json.Marshal(fields); err != nil {
			return registry.VendorPatch{}, fmt.Errorf("encode a patch: %w", err)
		}
	}
	return p, nil
}

// mayChange refuses (Forbidden) a change of fields, or a move, that the role does not make: approvers approve and do nothing else; legal
// does everything else.
func mayChange(role string, p registry.VendorPatch) error {
	approves := p.State == registry.Approved
	switch {
	case role == login.Admin:
		return nil
	case role == login.Approver && (!approves || p.Fields != nil):
		return registry.Refuse(registry.Forbidden, "An approver approves, and changes nothing else.")
	case role == login.Legal && approves:
		return registry.Refuse(registry.Forbidden, "An approver or an admin approves, not legal.")
	default:
		return nil
	}
}
