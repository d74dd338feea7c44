package policy

import "slices"

// demand is what the policy requires of the vendor in one of its kinds, on the ground of the share.
type demand struct {
	kind          string
	engagement    bool
	contract      bool
	contractKinds []string // empty: any
	clauses       []string // of the kind
	also          []string // of the ground
	document      bool
	pseudonymised bool
	instrument    bool
	approvals     int
	protection    bool // a contract is wanted as the protection of P-19
	// nearest is the contract in force that meets the demand most nearly: the one against which the fewest objections stand, of equals the
	// first; nil where none serves. One contract must meet the whole demand: what several would permit together, none permits.
	nearest *Contract
}

// demands are those of every kind of the vendor that the ground speaks of; of all its kinds where the ground speaks of none. A vendor of
// several kinds must satisfy each. Without a policy there are none.
func demands(s *Share, f *Facts) []demand {
	switch {
	case f.Policy == nil:
		return nil
	case f.weighed == s:
		return f.demands
	}
	g := s.ground(f)
	serves := g != nil && g.serves(&f.Vendor)
	all := make([]demand, 0, len(f.Vendor.Kinds))
	for _, code := range f.Vendor.Kinds {
		if serves && !slices.Contains(g.Kinds, code) {
			continue
		}
		d := f.Policy.demand(code, g)
		if d.contract {
			d.nearest = d.find(s, f)
		}
		all = append(all, d)
	}
	return all
}

// Weigh works out what the policy says of that share's ground and purpose, and what it demands of the vendor, once for all that is asked of both
// from then on: each question works it out anew otherwise. Whoever changes the share, or the facts' policy, vendor or contracts, weighs again.
func (f *Facts) Weigh(s *Share) {
	f.weighed = nil
	f.ground, f.purpose, f.demands = s.ground(f), s.purpose(f), demands(s, f)
	f.weighed = s
}

// wants tells whether the policy wants that of the vendor in one of its kinds.
func wants(s *Share, f *Facts, that func(*demand) bool) bool {
	all := demands(s, f)
	for i := range all {
		if that(&all[i]) {
			return true
		}
	}
	return false
}

var onlyConfidentiality = []string{Confidentiality}

// demand joins what the kind requires with what the ground requires. A kind of which the policy says nothing needs everything.
func (v *Version) demand(kind string, g *Ground) demand {
	d := demand{kind: kind, engagement: true, contract: true, clauses: onlyConfidentiality, document: true}
	if k := v.Kind(kind); k != nil {
		d = demand{
			kind: kind, engagement: k.Engagement, contract: k.Contract || k.Protection, contractKinds: k.ContractKinds, clauses: k.Clauses,
			document: k.Document, pseudonymised: k.Pseudonymised, instrument: k.Instrument, approvals: k.Approvals, protection: k.Protection,
		}
	}
	if g == nil {
		return d
	}
	d.protection = d.protection || g.Protection
	d.contract = d.contract || g.Contract || g.Protection
	d.document = d.document || g.Document
	d.pseudonymised = d.pseudonymised || g.Pseudonymised
	d.instrument = d.instrument || g.Instrument
	d.approvals = max(d.approvals, g.Approvals)
	d.also = g.Clauses
	return d
}

func (d *demand) accepts(c *Contract) bool {
	return len(d.contractKinds) == 0 || slices.Contains(d.contractKinds, c.Kind)
}

func (d *demand) find(s *Share, f *Facts) *Contract {
	var nearest *Contract
	fewest := 0
	for _, c := range f.Contracts {
		if !d.accepts(c) {
			continue
		}
		n := d.against(c, s, f)
		if nearest == nil || n < fewest {
			nearest, fewest = c, n
		}
		if n == 0 {
			break
		}
	}
	return nearest
}

// against counts the objections to a contract.
func (d *demand) against(c *Contract, s *Share, f *Facts) int {
	return len(d.missingClauses(c)) + len(d.missingDocument(c)) + len(c.forbiddenPurpose(s, f)) + len(c.forbiddenCategories(s, f)) +
		len(c.forbiddenCountries(s)) + len(c.forbiddenTerritory(s)) + len(c.forbiddenLead(s))
}

func (d *demand) missingClauses(c *Contract) []string {
	missing := each(d.clauses, func(code string) bool { return !slices.Contains(c.Clauses, code) })
	for _, code := range d.also {
		if !slices.Contains(d.clauses, code) && !slices.Contains(c.Clauses, code) {
			missing = append(missing, code)
		}
	}
	return missing
}

func (d *demand) missingDocument(c *Contract) []string {
	return objectIf(d.document && !c.HasDocument, c.ID)
}

func (c *Contract) forbiddenPurpose(s *Share, f *Facts) []string {
	return objectIf(c.Purposes != nil && s.purpose(f) != nil && !slices.Contains(c.Purposes, s.Purpose), s.Purpose)
}

func (c *Contract) forbiddenCategories(s *Share, f *Facts) []string {
	if c.Categories == nil {
		return nil
	}
	return each(s.Categories, func(code string) bool {
		return f.Policy.Category(code) != nil && !slices.Contains(c.Categories, code)
	})
}

func (c *Contract) forbiddenCountries(s *Share) []string {
	if c.Countries == nil {
		return nil
	}
	return each(s.Countries, func(country string) bool {
		return !slices.ContainsFunc(c.Countries, func(place string) bool { return Covers(place, country, s.OccurredAt) })
	})
}

// NeedsInstrument tells whether the policy in force wants to see the legal instrument that demands the share (P-17).
func NeedsInstrument(s *Share, f *Facts) bool {
	return wants(s, f, func(d *demand) bool { return d.instrument })
}

// ApprovalsNeeded is how many people the policy in force wants to have approved the share (P-18).
func ApprovalsNeeded(s *Share, f *Facts) int {
	most := 0
	all := demands(s, f)
	for i := range all {
		most = max(most, all[i].approvals)
	}
	return most
}

// Chosen are the ids of the contracts in force by which the share is judged: for each kind of the vendor that needs one, the nearest.
func Chosen(s *Share, f *Facts) []string {
	var ids []string
	all := demands(s, f)
	for i := range all {
		if c := all[i].nearest; c != nil && !slices.Contains(ids, c.ID) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
