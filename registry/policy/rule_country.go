package policy

import "slices"

// countryNotCovered: data goes where a location of the engagement says that it may be (P-09).
func countryNotCovered(s *Share, f *Facts) []string {
	if f.Engagement == nil || !needsEngagement(s, f) {
		return nil
	}
	return each(s.Countries, func(country string) bool { return !f.covered(country, s) })
}

// noTransferMechanism: across a border data is protected as at home (P-09; GDPR chapter V). A country that no location covers lacks more
// than a mechanism; it is counted here only where no engagement is needed, since nothing else would say no.
func noTransferMechanism(s *Share, f *Facts) []string {
	needed := needsEngagement(s, f)
	if f.Policy == nil || (needed && f.Engagement == nil) {
		return nil
	}
	return each(s.Countries, func(country string) bool {
		if within(s.Origin, country, s.OccurredAt) || (needed && !f.covered(country, s)) {
			return false
		}
		for _, l := range f.locations() {
			if Covers(l.Place, country, s.OccurredAt) && lawful(l.Mechanism, s.Origin, country, f.frameworks(), s.OccurredAt) {
				return false
			}
		}
		return true
	})
}

// frameworks are those under which the vendor is certified for the data of the engagement: that of employees has a certification of its own.
func (f *Facts) frameworks() []string {
	if f.Engagement == nil || len(f.Engagement.Data) == 0 || len(f.Vendor.Uncovered) == 0 {
		return f.Vendor.Frameworks
	}
	return slices.DeleteFunc(slices.Clone(f.Vendor.Frameworks), func(name string) bool {
		return slices.ContainsFunc(f.Engagement.Data, func(data string) bool { return slices.Contains(f.Vendor.Uncovered[name], data) })
	})
}

// locations are those that can be relied on: of an engagement in force.
func (f *Facts) locations() []Location {
	if f.Engagement == nil || !f.Engagement.InForce {
		return nil
	}
	return f.Engagement.Locations
}

func (f *Facts) covered(country string, s *Share) bool {
	for _, l := range f.locations() {
		if Covers(l.Place, country, s.OccurredAt) {
			return true
		}
	}
	return false
}
