package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/audit"
	"onward/registry"
)

func (a *API) listPolicies(c *gin.Context) error {
	q := queryOf(c, "limit", "cursor")
	limit, cursor := q.limit(), q.text("cursor")
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Registry.Policies(c.Request.Context(), a.Now(), limit, cursor)
	return page(c, p, err)
}

func (a *API) draftPolicy(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	var named struct {
		Name   string `json:"name"`
		CopyOf string `json:"copy_of"`
		registry.PolicyFields
	}
	var fields map[string]json.RawMessage
	err := withBody(c, []string{jsonType}, func(body []byte) error {
		if err := registry.Decode(body, &named); err != nil {
			return err
		}
		return registry.Decode(body, &fields)
	})
	if err != nil {
		return err
	}
	delete(fields, "name")
	delete(fields, "copy_of")
	if fields == nil {
		fields = map[string]json.RawMessage{}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("encode a draft: %w", err)
	}
	p, err := a.Registry.DraftPolicy(c.Request.Context(), login.Actor(c), a.Now(), named.Name, named.CopyOf, text)
	if err != nil {
		return err
	}
	return created(c, "/v1/policies/"+p.Name, policyTag(p), p)
}

func (a *API) readPolicy(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	p, err := a.Registry.Policy(c.Request.Context(), a.Now(), c.Param("name"))
	if err != nil {
		return err
	}
	return record(c, policyTag(p), p)
}

func (a *API) changePolicy(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	patch, err := patchOf(c)
	if err != nil {
		return err
	}
	p, err := change(c, func(version int64) (registry.Policy, error) {
		return a.Registry.ChangePolicy(c.Request.Context(), login.Actor(c), a.Now(), c.Param("name"), version, patch)
	})
	if err != nil {
		return err
	}
	return changed(c, policyTag(p), p)
}

func (a *API) approvePolicy(c *gin.Context) error { return a.movePolicy(c, a.Registry.ApprovePolicy) }

func (a *API) publishPolicy(c *gin.Context) error { return a.movePolicy(c, a.Registry.PublishPolicy) }

func (a *API) withdrawPolicy(c *gin.Context) error { return a.movePolicy(c, a.Registry.WithdrawPolicy) }

// movePolicy puts the version that the caller saw into another state.
func (a *API) movePolicy(c *gin.Context,
	move func(ctx context.Context, by audit.Actor, at time.Time, name string, version int64) (registry.Policy, error),
) error {
	if err := none(c); err != nil {
		return err
	}
	p, err := change(c, func(version int64) (registry.Policy, error) {
		return move(c.Request.Context(), login.Actor(c), a.Now(), c.Param("name"), version)
	})
	if err != nil {
		return err
	}
	return changed(c, policyTag(p), p)
}

// policyTag names the version of the record and its state: a day that begins changes the answer, though not the record.
func policyTag(p registry.Policy) string { return tagOf(p.Revision, string(p.State)) }

func (a *API) listPolicyHistory(c *gin.Context) error {
	name := c.Param("name")
	if c.Request.URL.Query().Has("compare") {
		return compareWith(c, func(earlier, later int64) ([]registry.Difference, error) {
			return a.Registry.ComparePolicyHistory(c.Request.Context(), name, earlier, later)
		})
	}
	return versionsWith(c, func(limit int, cursor string) (registry.Page[registry.Version], error) {
		return a.Registry.PolicyHistory(c.Request.Context(), name, limit, cursor)
	})
}

func (a *API) readPolicyChanges(c *gin.Context) error {
	q := queryOf(c, "from")
	if err := q.err(); err != nil {
		return err
	}
	changes, err := a.Registry.PolicyChanges(c.Request.Context(), c.Param("name"), q.text("from"))
	if err != nil {
		return parameters(err, nil)
	}
	return answer(c, http.StatusOK, changes)
}
