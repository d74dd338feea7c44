package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/registry"
	"onward/registry/policy"
)

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
