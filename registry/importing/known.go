package importing

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"onward/registry"
)

// page is how many records are read at once.
const page = 200

// known is what the registry holds: every vendor and engagement; locations are read when they are asked for.
type known struct {
	reg          *registry.Registry
	vendors      map[uuid.UUID]*knownVendor
	engagements  map[uuid.UUID]bool
	byID         map[string]*knownVendor
	byLEI        map[string]*knownVendor
	byName       map[string]*knownVendor
	byOtherName  map[string]*knownVendor
	byEngagement map[string]*knownVendor
}

type knownVendor struct {
	registry.Vendor
	engagements []registry.Engagement
}

// load reads the vendors and their engagements.
func load(ctx context.Context, reg *registry.Registry) (*known, error) {
	k := &known{
		reg: reg, vendors: map[uuid.UUID]*knownVendor{}, engagements: map[uuid.UUID]bool{}, byID: map[string]*knownVendor{}, byLEI: map[string]*knownVendor{},
		byName: map[string]*knownVendor{}, byOtherName: map[string]*knownVendor{}, byEngagement: map[string]*knownVendor{},
	}
	vendors, err := all(func(cursor string) (registry.Page[registry.Vendor], error) {
		return reg.Vendors(ctx, registry.VendorQuery{Limit: page, Cursor: cursor})
	})
	if err != nil {
		return nil, err
	}
	for _, v := range vendors {
		engagements, err := all(func(cursor string) (registry.Page[registry.Engagement], error) {
			return reg.Engagements(ctx, v.ID, page, cursor)
		})
		if err != nil {
			return nil, err
		}
		k.add(&knownVendor{v, engagements})
	}
	return k, nil
}

// all reads every page of a list.
func all[T any](read func(cursor string) (registry.Page[T], error)) ([]T, error) {
	var items []T
	for cursor := ""; ; {
		p, err := read(cursor)
		if err != nil {
			return nil, err
		}
		items = append(items, p.Items...)
		if cursor = p.Next; cursor == "" {
			return items, nil
		}
	}
}

// add makes the vendor known by its names and identifiers.
func (k *known) add(v *knownVendor) {
	k.vendors[v.ID] = v
	k.byName[fold(v.Name)] = v
	for _, name := range v.otherNames() {
		if k.byOtherName[fold(name)] == nil {
			k.byOtherName[fold(name)] = v
		}
	}
	if v.ExternalID != "" {
		k.byID[v.ExternalID] = v
	}
	if v.LEI != "" {
		k.byLEI[v.LEI] = v
	}
	for _, e := range v.engagements {
		k.engagements[e.ID] = true
		if e.ExternalID != "" {
			k.byEngagement[e.ExternalID] = v
		}
	}
}

// otherNames are the legal name and the other names.
func (v *knownVendor) otherNames() []string {
	var names []string
	if v.LegalName != "" {
		names = append(names, v.LegalName)
	}
	for _, n := range v.OtherNames {
		names = append(names, n.Name)
	}
	return names
}

// isCalled says whether name is, but for case, one of the vendor's names.
func (v *knownVendor) isCalled(name string) bool {
	return fold(v.Name) == fold(name) ||
		slices.ContainsFunc(v.otherNames(), func(n string) bool { return fold(n) == fold(name) })
}

// locations reads those of an engagement.
func (k *known) locations(ctx context.Context, engagement uuid.UUID) ([]registry.Location, error) {
	return all(func(cursor string) (registry.Page[registry.Location], error) {
		return k.reg.Locations(ctx, engagement, page, cursor)
	})
}
