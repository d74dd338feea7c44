package api

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/login"
	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
	"onward/registry/sharing"
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

// impactPage is a part of what a version would put in breach, compared with the one before it.
type impactPage struct {
	From  string           `json:"from"`
	To    string           `json:"to"`
	At    time.Time        `json:"at"`
	Items []sharing.Impact `json:"items"`
	Next  string           `json:"next,omitempty"`
}

func (a *API) listPolicyImpact(c *gin.Context) error {
	q := queryOf(c, "at", "limit", "cursor")
	limit, at := q.limit(), q.instant("at", a.Zone)
	mark := fmt.Sprintf("impact-%08x-", crc32.ChecksumIEEE([]byte(c.Param("name")+"\x00"+q.text("at"))))
	place, ours := impactPlace(q.text("cursor"), mark)
	if !ours {
		q.refuse("cursor", "belongs to another list")
	}
	if err := q.err(); err != nil {
		return err
	}
	after, err := a.Registry.Policy(c.Request.Context(), a.Now(), c.Param("name"))
	if err != nil {
		return err
	}
	before, err := a.Registry.PolicyBefore(c.Request.Context(), after)
	if err != nil {
		return err
	}
	p := impactPage{To: after.Name, At: a.Now().UTC()}
	if before != nil {
		p.From = before.Name
	}
	if begins, ok := after.Begins(); ok && begins.After(p.At) {
		p.At = begins
	}
	if at != nil {
		p.At = at.UTC()
	}
	if p.Items, err = a.Gate.Impacts(c.Request.Context(), before, &after.Version, p.At, place, limit+1); err != nil {
		return err
	}
	if len(p.Items) > limit {
		p.Items = p.Items[:limit]
		last := p.Items[limit-1]
		p.Next = mark + last.VendorID.String() + "." + last.EngagementID.String()
	}
	return answer(c, http.StatusOK, p)
}

// impactPlace is where a cursor goes on; false where it is one of another list.
func impactPlace(cursor, mark string) (sharing.ImpactPlace, bool) {
	if cursor == "" {
		return sharing.ImpactPlace{}, true
	}
	text, ours := strings.CutPrefix(cursor, mark)
	vendor, engagement, _ := strings.Cut(text, ".")
	v, errV := uuid.Parse(vendor)
	e, errE := uuid.Parse(engagement)
	return sharing.ImpactPlace{VendorID: v, EngagementID: e}, ours && errV == nil && errE == nil
}

// taxonomy is every code that can be used at an instant.
type taxonomy struct {
	Policy        string            `json:"policy"` // the version that is effective; empty when none is
	Categories    []policy.Category `json:"categories"`
	Purposes      []policy.Purpose  `json:"purposes"`
	Grounds       []policy.Ground   `json:"grounds"`
	Kinds         []policy.Kind     `json:"kinds"`
	ContractKinds []string          `json:"contract_kinds"`
	Clauses       []string          `json:"clauses"`
	Reasons       []reason          `json:"reasons"`
}

// reason is a cause for which a share can be denied.
type reason struct {
	Code   string `json:"code"`
	Clause string `json:"clause"`
}

func (a *API) readTaxonomy(c *gin.Context) error {
	q := queryOf(c, "at")
	at := q.instant("at", a.Zone)
	if err := q.err(); err != nil {
		return err
	}
	if at == nil {
		now := a.Now()
		at = &now
	}
	versions, err := registry.ReadPolicies(c.Request.Context(), a.DB, nil)
	if err != nil {
		return err
	}
	t := taxonomy{
		Categories: []policy.Category{}, Purposes: []policy.Purpose{}, Grounds: []policy.Ground{}, Kinds: []policy.Kind{},
		ContractKinds: policy.ContractKinds(), Clauses: policy.ClauseCodes(),
	}
	if v, ok := policy.At(versions, *at); ok {
		t.Policy, t.Categories, t.Purposes, t.Grounds, t.Kinds = v.Name, v.Categories, v.Purposes, v.Grounds, v.Kinds
	}
	for _, r := range policy.Rules() {
		t.Reasons = append(t.Reasons, reason{r.Code, r.Clause})
	}
	return answer(c, http.StatusOK, t)
}
