package importing

import (
	"fmt"

	"onward/registry"
)

// vendor finds the vendor of the registry that the statement is about: by external id, LEI, the external id of an engagement, or name. It
// is nil when the registry has none. Where these contradict each other, it says why.
func (k *known) vendor(s *vendorStatement) (*knownVendor, []registry.Field) {
	f := s.fields
	var found *knownVendor
	for _, v := range []*knownVendor{k.byID[f.ExternalID], k.byLEI[f.LEI], k.byName[fold(f.Name)]} {
		if v != nil && found != nil && v != found {
			return nil, contradiction("", "by its identifiers it is %s, by its name %s", found.Name, v.Name)
		}
		if v != nil {
			found = v
		}
	}
	if found == nil {
		return k.vendorByEngagement(s)
	}
	if f.ExternalID != "" && found.ExternalID != "" && f.ExternalID != found.ExternalID {
		return nil, contradiction("/external_id", "the registry knows %s by the id %q", found.Name, found.ExternalID)
	}
	if f.LEI != "" && found.LEI != "" && f.LEI != found.LEI {
		return nil, contradiction("/lei", "the registry knows %s by the LEI %s", found.Name, found.LEI)
	}
	return found, nil
}

// vendorByEngagement finds the vendor by the id of an engagement, if it also has the name among its own.
func (k *known) vendorByEngagement(s *vendorStatement) (*knownVendor, []registry.Field) {
	var found *knownVendor
	for _, e := range s.engagements {
		v := k.byEngagement[e.fields.ExternalID]
		switch {
		case v == nil:
		case !v.isCalled(s.fields.Name):
			return nil, contradiction("/external_id", "%q is the id of an engagement of %s", e.fields.ExternalID, v.Name)
		case found != nil && found != v:
			return nil, contradiction("/external_id", "by its engagements it is %s and %s", found.Name, v.Name)
		default:
			found = v
		}
	}
	return found, nil
}

// engagement finds the engagement of v that the statement is about; nil when there is none.
func (k *known) engagement(v *knownVendor, s *engagementStatement) (*registry.Engagement, []registry.Field) {
	id := s.fields.ExternalID
	if of := k.byEngagement[id]; of != nil && of != v {
		return nil, contradiction("/external_id", "%q is the id of an engagement of %s", id, of.Name)
	}
	if v == nil {
		return nil, nil
	}
	var found *registry.Engagement
	for i := range v.engagements {
		e := &v.engagements[i]
		if id != "" && e.ExternalID == id {
			return e, nil
		}
		if !alike(e.EngagementFields, s.fields) || id != "" && e.ExternalID != "" {
			continue
		}
		if found != nil {
			return nil, contradiction("", "%s has several engagements of this service for these products; give the id", v.Name)
		}
		found = e
	}
	return found, nil
}

// locationOf finds the statement's location among those of its engagement. One that is over on today is found only by a statement that
// ends it on the same day.
func locationOf(among []registry.Location, s registry.LocationFields, today registry.Date) *registry.Location {
	for i := range among {
		l := &among[i]
		if samePlace(l.LocationFields, s) && (l.Until == nil || !l.Until.Before(today) || same(l.Until, s.Until)) {
			return l
		}
	}
	return nil
}

func contradiction(pointer, format string, args ...any) []registry.Field {
	return []registry.Field{{Pointer: pointer, Sentence: fmt.Sprintf(format, args...)}}
}
