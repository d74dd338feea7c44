package registry

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry/policy"
)

// Checklist is what the terms of a contract that stand at an instant hold of what the policy and laws demand.
type Checklist struct {
	ContractID uuid.UUID `json:"contract_id"`
	TermsID    uuid.UUID `json:"terms_id"` // the contract itself, or the amendment whose terms stand
	VendorID   uuid.UUID `json:"vendor_id"`
	At         time.Time `json:"at"`
	Status     string    `json:"status"`           // of the terms, at that instant
	Policy     string    `json:"policy,omitempty"` // the version in force; absent before the first
	// Denies are the codes of the reasons for which the gate refuses shares under these terms: missing clauses that the policy requires, and
	// terms that are not in force. Empty where nothing that is looked at here stands against a share.
	Denies []string     `json:"denies"`
	Lists  []ClauseList `json:"lists"`
}

// ClauseList is what one source demands.
type ClauseList struct {
	Name     string        `json:"name"` // policy, art_28_3 or ccpa_1798_100_d
	Complete bool          `json:"complete"`
	Items    []ClauseCheck `json:"items"`
}

// ClauseCheck is whether one clause stands in the terms, and what follows.
type ClauseCheck struct {
	Code    string `json:"code"`
	Demand  string `json:"demand,omitempty"`
	Present bool   `json:"present"`
	Where   string `json:"where,omitempty"` // it stands in the document
	// RequiredBy are the kinds of the vendor by which the policy requires it. Denies is the reason for which the gate refuses where it is
	// missing; a clause that a law demands and the policy does not require stops no share.
	RequiredBy []string `json:"required_by,omitempty"`
	Denies     string   `json:"denies,omitempty"`
}

// Checklist holds the terms of a contract that stand at an instant against what is demanded, by what is recorded now. Of an amendment it is that
// of its original. NotFound where there is no such contract.
func (r *Registry) Checklist(ctx context.Context, id uuid.UUID, at time.Time) (Checklist, error) {
	c, err := newest[Contract](ctx, r.db, contractKind, id, false)
	if err == nil && c.AmendsID != nil {
		c, err = newest[Contract](ctx, r.db, contractKind, *c.AmendsID, false)
	}
	if err != nil {
		return Checklist{}, err
	}
	v, err := newest[Vendor](ctx, r.db, vendorKind, c.VendorID, false)
	if err != nil {
		return Checklist{}, err
	}
	all, err := readContracts(ctx, r.db, c.VendorID)
	if err != nil {
		return Checklist{}, err
	}
	versions, err := ReadPolicies(ctx, r.db, nil)
	if err != nil {
		return Checklist{}, err
	}
	in, _ := policy.At(versions, at)
	list := checklist(TermsAt(c, all, at), v.Kinds, in, at)
	list.ContractID = c.ID
	return list, nil
}

// checklist holds terms against the version of the policy that is in force, nil where none is, and against the laws.
func checklist(terms Contract, kinds []string, in *policy.Version, at time.Time) Checklist {
	c := Checklist{TermsID: terms.ID, VendorID: terms.VendorID, At: at.UTC(), Status: terms.StatusAt(at), Denies: []string{}}
	if c.Status != ContractInForce {
		c.Denies = append(c.Denies, "contract_not_in_force")
	}
	var required []policy.ClauseDemand
	by := map[string][]string{}
	if in != nil {
		c.Policy = in.Name
		var codes []string
		codes, by = in.RequiredClauses(kinds)
		for _, code := range codes {
			required = append(required, policy.ClauseDemand{Code: code})
		}
	}
	c.add("policy", required, terms, by)
	c.add("art_28_3", policy.Art28(), terms, by)
	c.add("ccpa_1798_100_d", policy.CCPA(), terms, by)
	return c
}

func (c *Checklist) add(name string, demands []policy.ClauseDemand, terms Contract, by map[string][]string) {
	list := ClauseList{Name: name, Complete: true, Items: []ClauseCheck{}}
	for _, d := range demands {
		check := ClauseCheck{Code: d.Code, Demand: d.Demand, RequiredBy: by[d.Code]}
		if i := slices.IndexFunc(terms.Clauses, func(k Clause) bool { return k.Code == d.Code && k.Where != "" }); i >= 0 {
			check.Present, check.Where = true, terms.Clauses[i].Where
		}
		if !check.Present {
			list.Complete = false
			if len(check.RequiredBy) > 0 {
				check.Denies = policy.MissingClause(d.Code)
				if !slices.Contains(c.Denies, check.Denies) {
					c.Denies = append(c.Denies, check.Denies)
				}
			}
		}
		list.Items = append(list.Items, check)
	}
	c.Lists = append(c.Lists, list)
}
