package policy

import "slices"

// Exclusive is an agreement in force by which another vendor alone gets the leads of a territory.
type Exclusive struct {
	Vendor    string
	Territory []string // empty: everywhere
}

// forbiddenTerritory: a partner gets the leads of the territory that was agreed (P-10).
func (c *Contract) forbiddenTerritory(s *Share) []string {
	return objectIf(s.LeadCountry != "" && len(c.Territory) > 0 && !coveredBy(c.Territory, s), s.LeadCountry)
}

// forbiddenLead: and of the kinds that were agreed (P-10).
func (c *Contract) forbiddenLead(s *Share) []string {
	return objectIf(s.LeadCountry != "" && len(c.Leads) > 0 && !slices.Contains(c.Leads, s.LeadKind), s.LeadKind)
}

func coveredBy(territory []string, s *Share) bool {
	return slices.ContainsFunc(territory, func(place string) bool { return Covers(place, s.LeadCountry, s.OccurredAt) })
}

func leadOutsideTerritory(s *Share, f *Facts) []string {
	return objections(s, f, func(_ *demand, c *Contract) []string {
		if c == nil {
			return nil
		}
		return c.forbiddenTerritory(s)
	})
}

func leadNotInContract(s *Share, f *Facts) []string {
	return objections(s, f, func(_ *demand, c *Contract) []string {
		if c == nil {
			return nil
		}
		return c.forbiddenLead(s)
	})
}

// leadPromisedElsewhere: what was promised to one partner alone goes to no other, while that agreement is in force (P-10).
func leadPromisedElsewhere(s *Share, f *Facts) []string {
	if s.LeadCountry == "" {
		return nil
	}
	var on []string
	for _, e := range f.Exclusives {
		if e.Vendor != f.Vendor.ID && !slices.Contains(on, e.Vendor) && (len(e.Territory) == 0 || coveredBy(e.Territory, s)) {
			on = append(on, e.Vendor)
		}
	}
	return on
}
