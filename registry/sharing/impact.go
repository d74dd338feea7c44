package sharing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/policy"
)

// Impact is what a version of the policy would put in breach of an engagement: the reasons that would stand against what it declares, and do
// not stand against it under the version before.
type Impact struct {
	VendorID     uuid.UUID   `json:"vendor_id"`
	VendorName   string      `json:"vendor_name"`
	EngagementID uuid.UUID   `json:"engagement_id"`
	ContractIDs  []uuid.UUID `json:"contract_ids,omitempty"` // by which it was judged under the version before
	Breaches     []Breach    `json:"breaches"`
}

// Breach is a reason, and the purposes and categories of the engagement that it stands against.
type Breach struct {
	policy.Reason
	Purposes   []string `json:"purposes"`
	Categories []string `json:"categories"`
}

// ImpactPlace is where a list of impacts goes on: after an engagement of a vendor.
type ImpactPlace struct{ VendorID, EngagementID uuid.UUID }

// errEnough ends the reading of dossiers.
var errEnough = errors.New("there are enough")

// Impacts lists, in the order of vendor and engagement ids, the engagements that are alive at t, as far as it is known now, and that version
// after would put in breach: at most limit of those after a place. Each purpose is judged with each category and the countries of the locations
// in force, on the ground against which the fewest reasons stand. before is nil where after follows none. Memory holds one vendor at a time.
func (g *Gate) Impacts(ctx context.Context, before, after *policy.Version, t time.Time, place ImpactPlace, limit int) ([]Impact, error) {
	found := []Impact{}
	err := registry.ReadDossiersFrom(ctx, g.db, place.VendorID, func(vendor uuid.UUID, from registry.Dossier) error {
		d := arrange(vendor, 0, from)
		slices.SortFunc(d.engagements, func(a, b engagement) int { return bytes.Compare(a.id[:], b.id[:]) })
		for i := range d.engagements {
			e := &d.engagements[i]
			if vendor == place.VendorID && bytes.Compare(e.id[:], place.EngagementID[:]) <= 0 {
				continue
			}
			if impact, ok := g.impact(d, e, before, after, t); ok {
				found = append(found, impact)
			}
			if len(found) == limit {
				return errEnough
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("judge by version %s: %w", after.Name, err)
	}
	return found, nil
}

// impact judges one engagement by both versions; false where it is not alive at t, or nothing new stands against it.
func (g *Gate) impact(d *dossier, e *engagement, before, after *policy.Version, t time.Time) (Impact, bool) {
	var facts facts
	facts.gather(d, t)
	declared := e.at(t)
	declared.Approvers = e.approvers(t)
	if facts.vendor.State != registry.Active || !declared.InForce {
		return Impact{}, false
	}
	facts.Engagement = declared
	found := Impact{VendorID: d.vendorID, VendorName: facts.vendor.Name, EngagementID: e.id}
	s := policy.Share{OccurredAt: t, Origin: g.settings.HomeCountry, Jurisdiction: g.settings.HomeCountry, DataOrigin: policy.OriginCombined}
	facts.Source = &policy.Source{State: string(registry.Active)} // each share names its own: what is declared is not in breach for that
	for _, l := range declared.Locations {
		if !slices.Contains(s.Countries, l.Place) {
			s.Countries = append(s.Countries, l.Place)
		}
	}
	for _, s.Purpose = range declared.Purposes {
		for _, category := range declared.Categories {
			s.Categories = []string{category}
			facts.Policy = before
			old, ground := best(s, &facts.Facts)
			s.Ground = ground
			for _, id := range policy.Chosen(&s, &facts.Facts) {
				found.chose(uuid.MustParse(id))
			}
			facts.Policy = after
			for _, r := range least(s, &facts.Facts) {
				if !stands(old, r) {
					found.add(r, s.Purpose, category)
				}
			}
		}
	}
	return found, len(found.Breaches) > 0
}

// best judges a share on the ground against which the fewest reasons stand, of equals the first.
func best(s policy.Share, f *policy.Facts) (reasons []policy.Reason, ground string) {
	if f.Policy == nil {
		return policy.Judge(&s, f), ""
	}
	for i := range f.Policy.Grounds {
		s.Ground = f.Policy.Grounds[i].Code
		if r := policy.Judge(&s, f); i == 0 || len(r) < len(reasons) {
			reasons, ground = r, s.Ground
		}
		if len(reasons) == 0 {
			break
		}
	}
	return reasons, ground
}

// least are the reasons against a share on its own ground, or on another where fewer stand against that.
func least(s policy.Share, f *policy.Facts) []policy.Reason {
	own := policy.Judge(&s, f)
	if other, _ := best(s, f); len(other) < len(own) {
		return other
	}
	return own
}

// stands tells whether a reason stands in a list.
func stands(in []policy.Reason, r policy.Reason) bool {
	return slices.ContainsFunc(in, func(o policy.Reason) bool { return o.Code == r.Code && o.On == r.On })
}

func (i *Impact) chose(contract uuid.UUID) {
	if !slices.Contains(i.ContractIDs, contract) {
		i.ContractIDs = append(i.ContractIDs, contract)
	}
}

// add counts a reason against a purpose and a category.
func (i *Impact) add(r policy.Reason, purpose, category string) {
	at := slices.IndexFunc(i.Breaches, func(b Breach) bool { return b.Code == r.Code && b.On == r.On })
	if at < 0 {
		at = len(i.Breaches)
		i.Breaches = append(i.Breaches, Breach{Reason: r})
	}
	b := &i.Breaches[at]
	if !slices.Contains(b.Purposes, purpose) {
		b.Purposes = append(b.Purposes, purpose)
	}
	if !slices.Contains(b.Categories, category) {
		b.Categories = append(b.Categories, category)
	}
}
