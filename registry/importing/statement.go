package importing

import (
	"fmt"
	"slices"
	"strings"

	"onward/registry"
)

// statements are what the rows of a file say together, gathered by vendor, in the order in which they are first mentioned.
type statements struct {
	vendors      []*vendorStatement
	byID         map[string]*vendorStatement
	byLEI        map[string]*vendorStatement
	byName       map[string]*vendorStatement
	byEngagement map[string]*engagementStatement
	lines        []*Line
	row          int // that is read now
}

// vendorStatement is what the rows say of one vendor.
type vendorStatement struct {
	fields      registry.VendorFields
	lines       []*Line // one for each row that speaks of it
	engagements []*engagementStatement
}

// engagementStatement is what the rows say of one engagement.
type engagementStatement struct {
	vendor    *vendorStatement
	fields    registry.EngagementFields
	listed    *bool
	lines     []*Line
	locations []*locationStatement
}

// locationStatement is what the rows say of one location.
type locationStatement struct {
	fields registry.LocationFields
	lines  []*Line
}

// gather reads all rows. Each has its lines in the report, in its order; those of refused rows are settled, the others are to be settled by
// comparing with the registry. What they state may name those codes.
func gather(rows []Row, codes registry.Codes) (*statements, error) {
	s := &statements{
		byID: map[string]*vendorStatement{}, byLEI: map[string]*vendorStatement{},
		byName: map[string]*vendorStatement{}, byEngagement: map[string]*engagementStatement{},
	}
	for i, r := range rows {
		s.row = i
		if s.refuse(r, faults(r, codes)) {
			continue
		}
		v, refusals := s.vendorOf(r)
		if s.refuse(r, refusals) {
			continue
		}
		e, refusals := s.engagementOf(r, v)
		if s.refuse(r, refusals) {
			continue
		}
		if err := s.take(r, v, e); err != nil {
			return nil, fmt.Errorf("reading %s: %w", r.Place, err)
		}
	}
	return s, nil
}

// fault is what is wrong with one thing that a row states.
type fault struct {
	what    What
	name    string
	reasons []registry.Field
}

// refuse adds a refused line for each fault and says whether there were any.
func (s *statements) refuse(r Row, faults []fault) bool {
	for _, f := range faults {
		s.lines = append(s.lines, &Line{Row: r.Place, What: f.what, Name: f.name, Outcome: Refused, Reasons: f.reasons, Notes: r.Notes, order: s.row})
	}
	return len(faults) > 0
}

func because(what What, name, pointer, format string, args ...any) []fault {
	return []fault{{what, name, []registry.Field{{Pointer: pointer, Sentence: fmt.Sprintf(format, args...)}}}}
}

// vendorOf finds the statement that the row's vendor belongs to; nil when it is the first of its vendor.
func (s *statements) vendorOf(r Row) (*vendorStatement, []fault) {
	f := r.Vendor
	var found *vendorStatement
	for _, v := range []*vendorStatement{s.byID[f.ExternalID], s.byLEI[f.LEI], s.byName[fold(f.Name)]} {
		if v != nil && found != nil && v != found {
			return nil, because(Vendor, f.Name, "", "by its identifiers it is %s of %s, by its name %s of %s",
				found.fields.Name, found.lines[0].Row, v.fields.Name, v.lines[0].Row)
		}
		if v != nil {
			found = v
		}
	}
	if found == nil {
		return nil, nil
	}
	if first := found.fields.ExternalID; f.ExternalID != "" && first != "" && f.ExternalID != first {
		return nil, because(Vendor, f.Name, "/external_id", "%s gives the same vendor the id %q", found.lines[0].Row, first)
	}
	if first := found.fields.LEI; f.LEI != "" && first != "" && f.LEI != first {
		return nil, because(Vendor, f.Name, "/lei", "%s gives the same vendor the LEI %s", found.lines[0].Row, first)
	}
	return found, nil
}

// engagementOf finds the statement that the row's engagement belongs to; nil when it is the first of its engagement.
func (s *statements) engagementOf(r Row, v *vendorStatement) (*engagementStatement, []fault) {
	if r.Engagement == nil {
		return nil, nil
	}
	id := r.Engagement.ExternalID
	if e := s.byEngagement[id]; e != nil {
		if e.vendor != v || fold(e.fields.Service) != fold(r.Engagement.Service) {
			return nil, because(Engagement, r.Engagement.Service, "/external_id", "%q is the id of another engagement, in %s", id, e.lines[0].Row)
		}
		return e, nil
	}
	if v == nil {
		return nil, nil
	}
	var found *engagementStatement
	for _, e := range v.engagements {
		if !alike(e.fields, *r.Engagement) || id != "" && e.fields.ExternalID != "" {
			continue
		}
		if found != nil {
			return nil, because(Engagement, r.Engagement.Service, "", "it can be that of %s or of %s; give its id", found.lines[0].Row, e.lines[0].Row)
		}
		found = e
	}
	return found, nil
}

// alike says whether both are the same service for the same products.
func alike(a, b registry.EngagementFields) bool {
	key := func(e registry.EngagementFields) string {
		products := slices.Clone(e.Products)
		slices.Sort(products)
		return fold(e.Service + "\n" + strings.Join(products, "\n"))
	}
	return key(a) == key(b)
}
