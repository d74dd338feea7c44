package importing

import (
	"fmt"
	"slices"
	"strings"

	"onward/registry"
)

// faults are everything wrong with the row by itself.
func faults(r Row, codes registry.Codes) []fault {
	var all []fault
	add := func(what What, name string, reasons []registry.Field) {
		if len(reasons) > 0 {
			all = append(all, fault{what, name, reasons})
		}
	}
	if len(r.Bad) > 0 {
		if r.Engagement == nil {
			add(Vendor, r.Vendor.Name, r.Bad)
		} else {
			add(Engagement, engagementName(*r.Engagement), r.Bad)
		}
	}
	add(Vendor, r.Vendor.Name, unread(r, check(codes, r.Vendor)))
	if r.Engagement == nil {
		return all
	}
	e := *r.Engagement
	if e.Listed = r.Listed != nil && *r.Listed; e.ListedReason == "" {
		e.ListedReason = listedReason(e, nil)
	}
	add(Engagement, engagementName(e), unread(r, check(codes, e)))
	for i, l := range r.Locations {
		reasons := check(codes, l)
		for j, f := range reasons {
			reasons[j].Pointer = fmt.Sprintf("/locations/%d%s", i, f.Pointer)
		}
		add(Location, placeName(l), unread(r, reasons))
	}
	return all
}

// unread leaves out what is wrong only because it could not be read, which the row says already.
func unread(r Row, reasons []registry.Field) []registry.Field {
	return slices.DeleteFunc(reasons, func(f registry.Field) bool {
		return slices.ContainsFunc(r.Bad, func(b registry.Field) bool {
			return strings.HasPrefix(f.Pointer, b.Pointer) || strings.HasPrefix(f.Pointer, "/locations/") && strings.Contains(b.Pointer, "locations")
		})
	})
}

// check is what the registry's rules find wrong with fields.
func check(codes registry.Codes, fields any) []registry.Field {
	return reasonsOf(codes.Validate(fields))
}

// take adds what the row states to what is known of its vendor and engagement; nil ones are made.
func (s *statements) take(r Row, v *vendorStatement, e *engagementStatement) error {
	line := s.line(r, Vendor, r.Vendor.Name)
	line.Notes = r.Notes
	if v == nil {
		v = &vendorStatement{fields: r.Vendor}
		s.vendors = append(s.vendors, v)
	} else if err := join(&v.fields, r.Vendor, line); err != nil {
		return err
	}
	line.Kept = withoutSameName(line.Kept, v.fields.Name, r.Vendor.Name)
	v.lines = append(v.lines, line)
	s.name(r.Vendor, v)
	if r.Engagement == nil {
		return nil
	}
	line = s.line(r, Engagement, engagementName(*r.Engagement))
	if e == nil {
		e = &engagementStatement{vendor: v, fields: *r.Engagement, listed: r.Listed}
		v.engagements = append(v.engagements, e)
	} else if err := e.join(r, line); err != nil {
		return err
	}
	e.lines = append(e.lines, line)
	if id := e.fields.ExternalID; id != "" {
		s.byEngagement[id] = e
	}
	for _, l := range r.Locations {
		if err := e.takeLocation(l, s.line(r, Location, placeName(l))); err != nil {
			return err
		}
	}
	return nil
}

func (s *statements) line(r Row, what What, name string) *Line {
	l := &Line{Row: r.Place, What: what, Name: name, order: s.row}
	s.lines = append(s.lines, l)
	return l
}

// name makes the vendor known by every identifier that the row gives it.
func (s *statements) name(f registry.VendorFields, v *vendorStatement) {
	s.byName[fold(f.Name)] = v
	if f.ExternalID != "" {
		s.byID[f.ExternalID] = v
	}
	if f.LEI != "" {
		s.byLEI[f.LEI] = v
	}
}

func (e *engagementStatement) join(r Row, line *Line) error {
	later := *r.Engagement
	if e.listed == nil {
		e.listed = r.Listed
	}
	e.fields.Listed = e.listed != nil && *e.listed
	if later.Listed = e.fields.Listed; r.Listed != nil {
		later.Listed = *r.Listed
	}
	return join(&e.fields, later, line)
}

func (e *engagementStatement) takeLocation(l registry.LocationFields, line *Line) error {
	for _, known := range e.locations {
		if samePlace(known.fields, l) {
			known.lines = append(known.lines, line)
			return join(&known.fields, l, line)
		}
	}
	e.locations = append(e.locations, &locationStatement{l, []*Line{line}})
	return nil
}

// join adds later to have; what have states otherwise is kept, and said on the line.
func join[T any](have *T, later T, line *Line) error {
	a, err := objectOf(*have)
	if err != nil {
		return err
	}
	b, err := objectOf(later)
	if err != nil {
		return err
	}
	line.Kept = a.combine(b)
	var joined T
	if err := a.into(&joined); err != nil {
		return err
	}
	*have = joined
	return nil
}

// withoutSameName leaves out a difference of case only.
func withoutSameName(kept []registry.Difference, a, b string) []registry.Difference {
	if fold(a) != fold(b) {
		return kept
	}
	var rest []registry.Difference
	for _, d := range kept {
		if d.Pointer != "/name" {
			rest = append(rest, d)
		}
	}
	return rest
}

func samePlace(a, b registry.LocationFields) bool {
	return a.Place == b.Place && a.AppliesTo == b.AppliesTo && a.Detail == b.Detail
}

func engagementName(e registry.EngagementFields) string {
	return strings.TrimSpace(e.ExternalID + " " + e.Service)
}

func placeName(l registry.LocationFields) string {
	name := l.Place
	if l.Detail != "" {
		name += " (" + l.Detail + ")"
	}
	if l.AppliesTo != "" {
		name += " for " + l.AppliesTo
	}
	return name
}
