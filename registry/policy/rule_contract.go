package policy

import "slices"

// objections gathers what object says of each demand for a contract; c is the nearest contract in force, nil where none serves.
func objections(s *Share, f *Facts, object func(d *demand, c *Contract) []string) []string {
	var on []string
	all := demands(s, f)
	for i := range all {
		d := &all[i]
		if !d.contract {
			continue
		}
		for _, o := range object(d, d.nearest) {
			if !slices.Contains(on, o) {
				on = append(on, o)
			}
		}
	}
	return on
}

// signed is the last of the signed contracts that would serve if they were in force; nil where there is none.
func (d *demand) signed(f *Facts) *Contract {
	for i := range f.Signed {
		if c := f.Signed[len(f.Signed)-1-i]; d.accepts(c) {
			return c
		}
	}
	return nil
}

// protectionMissing: a purchaser gets nothing before an agreement protects it (P-19).
func protectionMissing(s *Share, f *Facts) []string {
	return objections(s, f, func(d *demand, c *Contract) []string {
		return objectIf(d.protection && c == nil && d.signed(f) == nil, "")
	})
}

// dealMissing: what a purchaser is shown, it is shown for a deal that it takes part in (P-19).
func dealMissing(s *Share, f *Facts) []string {
	return objectIf(!f.Deal.Party && wants(s, f, func(d *demand) bool { return d.protection }), "")
}

// dealOver: once a deal has ended, only the buyer is shown anything for it (P-19).
func dealOver(_ *Share, f *Facts) []string {
	return objectIf(f.Deal.Over && !f.Deal.Buyer, "")
}

// noContract: a share to this kind needs a signed contract (P-13; by setting also P-08, P-10 and P-15).
func noContract(s *Share, f *Facts) []string {
	return objections(s, f, func(d *demand, c *Contract) []string {
		return objectIf(!d.protection && c == nil && d.signed(f) == nil, d.kind)
	})
}

// contractNotInForce: a contract permits from its first day to its last, whenever it was signed (P-13).
func contractNotInForce(s *Share, f *Facts) []string {
	return objections(s, f, func(d *demand, c *Contract) []string {
		if c != nil {
			return nil
		}
		if signed := d.signed(f); signed != nil {
			return []string{signed.ID}
		}
		return nil
	})
}

// confidentialityMissing: the contract binds the vendor to confidentiality, and somebody found where (P-13).
func confidentialityMissing(s *Share, f *Facts) []string {
	return objections(s, f, func(d *demand, c *Contract) []string {
		if c == nil {
			return nil
		}
		return objectIf(slices.Contains(d.missingClauses(c), Confidentiality), c.ID)
	})
}

// clauseMissing: the other clauses that a version of the policy demands of a contract (P-13).
func clauseMissing(s *Share, f *Facts) []string {
	return objections(s, f, func(d *demand, c *Contract) []string {
		if c == nil {
			return nil
		}
		return each(d.missingClauses(c), func(code string) bool { return code != Confidentiality })
	})
}

// documentMissing: an obligation that binds can be shown (P-13).
func documentMissing(s *Share, f *Facts) []string {
	return objections(s, f, func(d *demand, c *Contract) []string {
		if c == nil {
			return nil
		}
		return d.missingDocument(c)
	})
}

// purposeNotInContract: the vendor may use data for what its contract permits (P-12).
func purposeNotInContract(s *Share, f *Facts) []string {
	return objections(s, f, func(_ *demand, c *Contract) []string {
		if c == nil {
			return nil
		}
		return c.forbiddenPurpose(s, f)
	})
}

// categoryNotInContract: and of what its contract permits (P-12).
func categoryNotInContract(s *Share, f *Facts) []string {
	return objections(s, f, func(_ *demand, c *Contract) []string {
		if c == nil {
			return nil
		}
		return c.forbiddenCategories(s, f)
	})
}

// countryNotInContract: and where its contract permits (P-09).
func countryNotInContract(s *Share, f *Facts) []string {
	return objections(s, f, func(_ *demand, c *Contract) []string {
		if c == nil {
			return nil
		}
		return c.forbiddenCountries(s)
	})
}
