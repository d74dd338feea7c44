package policy

import "slices"

// Where data came from.
const (
	OriginDirect     = "direct"      // from the person it is about
	OriginThirdParty = "third_party" // from a vendor
	OriginCombined   = "combined"    // from both
)

// The category and the purpose of P-06.
const (
	thirdPartyData = "THIRD_PARTY_DATA"
	enrich         = "ENRICH"
)

// dataSharing is the kind of contract that says what may be done with the data of the other side.
const dataSharing = "data_sharing_agreement"

// FromOthers tells whether data of that origin was given by a vendor.
func FromOthers(origin string) bool { return origin == OriginThirdParty || origin == OriginCombined }

// TermsOfSource are those of the contracts with a source that say what we may do with its data. Of all other kinds the terms bind the vendor,
// and say nothing of what it gives us.
func TermsOfSource(contracts []*Contract) []*Contract {
	return slices.DeleteFunc(slices.Clone(contracts), func(c *Contract) bool { return c.Kind != dataSharing })
}

// sourceMissing: what others gave us, and what is done by combining it with ours, names whose it is (P-06). What the law demands is not held
// back for that (P-17).
func sourceMissing(s *Share, f *Facts) []string {
	if s.Ground == legalProcess || (FromOthers(s.DataOrigin) && f.Source != nil) {
		return nil
	}
	on := each(s.Categories, func(code string) bool { return code == thirdPartyData })
	return append(on, objectIf(s.Purpose == enrich, enrich)...)
}

// sourceNotApproved: data comes to us from vendors that somebody approved (P-06). One that is winding down or has ended gave what it gave.
func sourceNotApproved(s *Share, f *Facts) []string {
	if s.Ground == legalProcess || f.Source == nil {
		return nil
	}
	return objectIf(f.Source.State == "proposed", f.Source.State)
}

// sourceForbidsPurpose: we use the data of others for what they permit (P-06).
func sourceForbidsPurpose(s *Share, f *Facts) []string {
	a := s.nearestAgreement(f)
	return objectIf(a != nil && a.forbidsUse(s), s.Purpose)
}

// sourceForbidsOnward: and give it on where they do not prohibit that (P-06); to give it back is not to give it on.
func sourceForbidsOnward(s *Share, f *Facts) []string {
	a := s.nearestAgreement(f)
	if a == nil || !a.forbidsOnward(f) {
		return nil
	}
	return []string{a.ID}
}

// nearestAgreement is the agreement with the source that forbids the least, of equals the first; nil where there is none.
func (s *Share) nearestAgreement(f *Facts) (nearest *Contract) {
	if s.Ground == legalProcess || f.Source == nil {
		return nil
	}
	least := 3
	for _, a := range f.Source.Agreements {
		n := 0
		if a.forbidsUse(s) {
			n++
		}
		if a.forbidsOnward(f) {
			n++
		}
		if n < least {
			nearest, least = a, n
		}
	}
	return nearest
}

func (c *Contract) forbidsUse(s *Share) bool {
	return c.Purposes != nil && !slices.Contains(c.Purposes, s.Purpose)
}

func (c *Contract) forbidsOnward(f *Facts) bool {
	return c.Onward == "prohibited" && f.Vendor.ID != f.Source.ID
}
