package sharing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// Basis is what a share was judged by: what was in force when it occurred, as it was known when its entry took its place in the log. Of people
// it says how many, and never who.
type Basis struct {
	Origin     string           `json:"origin,omitempty"`
	Policy     *PolicyBasis     `json:"policy,omitempty"`    // absent where none was in effect
	Collected  *PolicyBasis     `json:"collected,omitempty"` // that in effect when the data was collected, where the share says when
	Vendor     VendorBasis      `json:"vendor"`
	Engagement *EngagementBasis `json:"engagement,omitempty"` // the one that it was judged by
	Locations  []LocationBasis  `json:"locations"`            // of the engagement, on that day
	Contracts  []ContractBasis  `json:"contracts"`            // all with the vendor, whatever their status
	People     PeopleBasis      `json:"people"`
}

// PolicyBasis is a version of the policy.
type PolicyBasis struct {
	Name        string `json:"name"`
	PublishedOn string `json:"published_on"`
	EffectiveOn string `json:"effective_on"`
}

// VendorBasis is the vendor at that instant.
type VendorBasis struct {
	Version int64    `json:"version"`
	Name    string   `json:"name"`
	State   string   `json:"state"`
	Kinds   []string `json:"kinds"`
}

// EngagementBasis is the engagement at that instant.
type EngagementBasis struct {
	ID         uuid.UUID      `json:"id"`
	Version    int64          `json:"version"`
	InForce    bool           `json:"in_force"`
	From       *registry.Date `json:"from,omitempty"`
	Until      *registry.Date `json:"until,omitempty"`
	Purposes   []string       `json:"purposes"`
	Categories []string       `json:"categories"`
}

// LocationBasis is a location at that instant.
type LocationBasis struct {
	ID        uuid.UUID `json:"id"`
	Version   int64     `json:"version"`
	Place     string    `json:"place"`
	Mechanism string    `json:"mechanism,omitempty"` // valid that day
	Lapsed    string    `json:"lapsed,omitempty"`    // recorded, and not valid that day
	Fallback  string    `json:"fallback,omitempty"`
	Covers    []string  `json:"covers"` // of the countries to which the data went
}

// ContractBasis is a contract at that instant, with the terms of the amendment that stood then.
type ContractBasis struct {
	ID               uuid.UUID      `json:"id"`
	Version          int64          `json:"version"`
	Amendment        *uuid.UUID     `json:"amendment_id,omitempty"`
	AmendmentVersion int64          `json:"amendment_version,omitempty"`
	Kind             string         `json:"kind"`
	Status           string         `json:"status"`
	JudgedBy         bool           `json:"judged_by"` // whether it is one of contract_ids
	SignedOn         *registry.Date `json:"signed_on,omitempty"`
	InForceFrom      *registry.Date `json:"in_force_from,omitempty"`
	LastDay          *registry.Date `json:"last_day,omitempty"`
	Clauses          []string       `json:"clauses"` // that were located
	HasDocument      bool           `json:"has_document"`
	Purposes         []string       `json:"permitted_purposes,omitzero"` // absent: not limited
	Categories       []string       `json:"permitted_categories,omitzero"`
	Countries        []string       `json:"permitted_countries,omitzero"`
}

// PeopleBasis is what counted of the people, by number, as the entry says it.
type PeopleBasis struct {
	OptedOut    int64 `json:"opted_out,omitempty,string"`
	NoMarketing int64 `json:"no_marketing,omitempty,string"`
	Under13     int64 `json:"under_13,omitempty,string"`
	Restricted  int64 `json:"restricted,omitempty,string"`
	Consented   int64 `json:"consented,omitempty,string"` // where their consent alone permits the share
}

// explain gathers what a share was judged by, for all but services. Every version of a record has its entry in the log, so that those that
// were known then are those before the share's.
func (g *Gate) explain(ctx context.Context, by audit.Actor, r *readShare) error {
	if by.Role == "service" {
		return nil
	}
	from, err := registry.ReadDossierBefore(ctx, g.db, r.VendorID, r.Receipt.Index)
	if err != nil {
		return fmt.Errorf("read what share %s was judged by: %w", r.Receipt.EntryID, err)
	}
	if err := g.learn(ctx); err != nil {
		return err
	}
	r.Facts = arrange(r.VendorID, 0, from).basis(r, policiesUntil(g.learned(), r.Policy))
	return nil
}

// policiesUntil are the versions up to the one by which a share was judged: what is published later is effective later.
func policiesUntil(all []policy.Version, name string) []policy.Version {
	i := slices.IndexFunc(all, func(v policy.Version) bool { return v.Name == name })
	if i < 0 {
		return nil
	}
	last := all[i].Effective()
	return slices.DeleteFunc(slices.Clone(all), func(v policy.Version) bool { return v.Effective().After(last) })
}

func (d *dossier) basis(r *readShare, known []policy.Version) *Basis {
	t := r.OccurredAt
	v, _ := registry.InForce(d.vendor, t)
	b := &Basis{
		Origin: r.leaf.Body.Origin, Locations: []LocationBasis{}, Contracts: []ContractBasis{}, People: peopleOf(r.Reasons, r.Notes),
		Vendor: VendorBasis{Version: v.Version, Name: v.Name, State: string(v.State), Kinds: v.Kinds},
	}
	if p, ok := policy.At(known, t); ok {
		b.Policy = policyBasis(p)
	}
	if at := r.leaf.Body.CollectedAt; at != nil {
		if p, ok := policy.At(known, *at); ok {
			b.Collected = policyBasis(p)
		}
	}
	for i := range d.engagements {
		if e := &d.engagements[i]; r.EngagementID != nil && e.id == *r.EngagementID {
			b.Engagement, b.Locations = e.basis(t, r.leaf.Body.Countries)
		}
	}
	for i := range d.contracts {
		if c, ok := d.contracts[i].basis(t); ok {
			c.JudgedBy = slices.Contains(r.ContractIDs, c.ID)
			b.Contracts = append(b.Contracts, c)
		}
	}
	return b
}

func policyBasis(v *policy.Version) *PolicyBasis {
	return &PolicyBasis{Name: v.Name, PublishedOn: v.PublishedOn, EffectiveOn: v.EffectiveOn}
}

func (e *engagement) basis(t time.Time, countries []string) (*EngagementBasis, []LocationBasis) {
	v, _ := registry.InForce(e.versions, t)
	locations := []LocationBasis{}
	for _, versions := range e.locations {
		l, ok := registry.InForce(versions, t)
		if !ok || l.EngagementID != e.id || !registry.Within(t, l.From, l.Until, time.UTC) {
			continue
		}
		b := LocationBasis{ID: l.ID, Version: l.Version, Place: l.Place, Covers: []string{}}
		if tr := l.Transfer; tr != nil {
			b.Fallback = tr.Fallback
			if registry.Within(t, tr.From, tr.Until, time.UTC) {
				b.Mechanism = tr.Mechanism
			} else {
				b.Lapsed = tr.Mechanism
			}
		}
		for _, c := range countries {
			if policy.Covers(l.Place, c, t) {
				b.Covers = append(b.Covers, c)
			}
		}
		locations = append(locations, b)
	}
	return &EngagementBasis{
		ID: e.id, Version: v.Version, InForce: registry.Within(t, v.From, v.Until, time.UTC), From: v.From, Until: v.Until,
		Purposes: some(v.Purposes), Categories: some(v.Categories),
	}, locations
}

// basis is false where the contract was not there at t.
func (c *contract) basis(t time.Time) (ContractBasis, bool) {
	original, terms, ok := c.standing(t)
	if !ok {
		return ContractBasis{}, false
	}
	facts := contractFacts(c.name, &terms)
	b := ContractBasis{
		ID: original.ID, Version: original.Version, Kind: terms.Kind, Status: terms.StatusAt(t), SignedOn: terms.SignedOn,
		InForceFrom: terms.InForceFrom, LastDay: terms.LastDay(), Clauses: some(facts.Clauses), HasDocument: facts.HasDocument,
		Purposes: terms.PermittedPurposes, Categories: terms.PermittedCategories, Countries: terms.PermittedCountries,
	}
	if terms.ID != original.ID {
		b.Amendment, b.AmendmentVersion = &terms.ID, terms.Version
	}
	return b, true
}

// some makes no codes an empty list.
func some(codes []string) []string {
	if codes == nil {
		return []string{}
	}
	return codes
}

// peopleOf reads numbers of people back from reasons and notes.
func peopleOf(words ...[]policy.Reason) PeopleBasis {
	var p PeopleBasis
	for _, of := range words {
		for _, r := range of {
			n, err := strconv.ParseInt(r.On, 10, 64)
			if err != nil {
				continue
			}
			switch r.Code {
			case "opted_out", "opt_out_not_applicable":
				p.OptedOut = n
			case "no_marketing":
				p.NoMarketing = n
			case "child_under_13":
				p.Under13 = n
			case "consent_given":
				p.Consented = n
			case "processing_restricted":
				p.Restricted = n
			}
		}
	}
	return p
}
