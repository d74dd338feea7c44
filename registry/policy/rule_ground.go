package policy

import "slices"

// ground is the share's ground; nil where no policy is in force or it has no such ground.
func (s *Share) ground(f *Facts) *Ground {
	switch {
	case f.Policy == nil:
		return nil
	case f.weighed == s:
		return f.ground
	default:
		return f.Policy.Ground(s.Ground)
	}
}

// groundNotInPolicy: nothing is shared except as the policy provides, so a share names the clause that provides it (P-07).
func groundNotInPolicy(s *Share, f *Facts) []string {
	return objectIf(f.Policy != nil && s.ground(f) == nil, s.Ground)
}

// groundNotForKind: each clause speaks of its own kinds of recipient (P-07).
func groundNotForKind(s *Share, f *Facts) []string {
	g := s.ground(f)
	return objectIf(g != nil && !g.Group && !g.serves(&f.Vendor), s.Ground)
}

// notAffiliateOnDate: a company that was sold is no affiliate from that day on, and without evidence of who owns it none is one (P-08).
func notAffiliateOnDate(s *Share, f *Facts) []string {
	g := s.ground(f)
	return objectIf(g != nil && g.Group && (!g.serves(&f.Vendor) || !f.Vendor.Affiliated), "")
}

func (g *Ground) serves(v *Vendor) bool {
	return slices.ContainsFunc(v.Kinds, func(k string) bool { return slices.Contains(g.Kinds, k) })
}

// purposeNotForGround: a ground may permit some purposes only, and a purpose may need a ground of its own (P-07).
func purposeNotForGround(s *Share, f *Facts) []string {
	g := s.ground(f)
	if g == nil {
		return nil
	}
	p := s.purpose(f)
	if p == nil {
		return nil
	}
	fits := (len(g.Purposes) == 0 || slices.Contains(g.Purposes, p.Code)) && (len(p.Grounds) == 0 || slices.Contains(p.Grounds, g.Code))
	return objectIf(!fits, s.Purpose)
}

// categoryNotForGround: for advertising, interests in products and nothing else (P-15).
func categoryNotForGround(s *Share, f *Facts) []string {
	g := s.ground(f)
	if g == nil || len(g.Categories) == 0 {
		return nil
	}
	return each(s.Categories, func(c string) bool { return f.Policy.Category(c) != nil && !slices.Contains(g.Categories, c) })
}

// jurisdictionNotAllowed: for advertising, only where that is allowable, and nobody guesses where people are (P-15).
func jurisdictionNotAllowed(s *Share, f *Facts) []string {
	g := s.ground(f)
	if g == nil || len(g.Jurisdictions) == 0 {
		return nil
	}
	from := s.Jurisdiction
	if from == "" {
		from = unspecified
	}
	allowed := slices.ContainsFunc(g.Jurisdictions, func(place string) bool { return Covers(place, from, s.OccurredAt) })
	return objectIf(!allowed, from)
}

// mustBePseudonymised: interests go to advertisers under a pseudonym only (P-15).
func mustBePseudonymised(s *Share, f *Facts) []string {
	return objectIf(!s.Pseudonymised && wants(s, f, func(d *demand) bool { return d.pseudonymised }), "")
}
