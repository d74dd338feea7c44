package policy

import "slices"

// demand is what the policy requires of the vendor in one of its kinds, on the ground of the share.
type demand struct {
	kind          string
	engagement    bool
	contract      bool
	contractKinds []string // empty: any
	clauses       []string
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
func demands(s Share, f Facts) []demand {
	if f.Policy == nil || f.demands != nil {
		return f.demands
	}
	all := make([]demand, 0, len(f.Vendor.Kinds))
	eachDemand(s, f, func(d demand) {
		if d.contract {
			d.nearest = d.find(s, f)
		}
		all = append(all, d)
	})
	return all
}

// eachDemand calls use with each demand, before a contract was looked for.
func eachDemand(s Share, f Facts, use func(demand)) {
	if f.Policy == nil {
		return
	}
	g := s.ground(f)
	serves := g != nil && g.serves(f.Vendor)
	for _, code := range f.Vendor.Kinds {
		if !serves || slices.Contains(g.Kinds, code) {
			use(f.Policy.demand(code, g))
		}
	}
}

// demand joins what the kind requires with what the ground requires. A kind of which the policy says nothing needs everything.
func (v *Version) demand(kind string, g *Ground) demand {
	d := demand{kind: kind, engagement: true, contract: true, clauses: []string{Confidentiality}, document: true}
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
	for _, c := range g.Clauses {
		if !slices.Contains(d.clauses, c) {
			d.clauses = append(slices.Clone(d.clauses), c)
		}
	}
	return d
}

func (d demand) accepts(c *Contract) bool {
	return len(d.contractKinds) == 0 || slices.Contains(d.contractKinds, c.Kind)
}

func (d demand) find(s Share, f Facts) *Contract {
	var nearest *Contract
	fewest := 0
	for i := range f.Contracts {
		c := &f.Contracts[i]
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
func (d demand) against(c *Contract, s Share, f Facts) int {
	return len(d.missingClauses(c)) + len(d.missingDocument(c)) + len(c.forbiddenPurpose(s, f)) + len(c.forbiddenCategories(s, f)) +
		len(c.forbiddenCountries(s)) + len(c.forbiddenTerritory(s)) + len(c.forbiddenLead(s))
}

func (d demand) missingClauses(c *Contract) []string {
	return each(d.clauses, func(code string) bool { return !slices.Contains(c.Clauses, code) })
}

func (d demand) missingDocument(c *Contract) []string {
	return objectIf(d.document && !c.HasDocument, c.ID)
}

func (c *Contract) forbiddenPurpose(s Share, f Facts) []string {
	return objectIf(c.Purposes != nil && f.Policy.Purpose(s.Purpose) != nil && !slices.Contains(c.Purposes, s.Purpose), s.Purpose)
}

func (c *Contract) forbiddenCategories(s Share, f Facts) []string {
	if c.Categories == nil {
		return nil
	}
	return each(s.Categories, func(code string) bool {
		return f.Policy.Category(code) != nil && !slices.Contains(c.Categories, code)
	})
}

func (c *Contract) forbiddenCountries(s Share) []string {
	if c.Countries == nil {
		return nil
	}
	return each(s.Countries, func(country string) bool {
		return !slices.ContainsFunc(c.Countries, func(place string) bool { return Covers(place, country, s.OccurredAt) })
	})
}

// NeedsInstrument tells whether the policy in force wants to see the legal instrument that demands the share (P-17).
func NeedsInstrument(s Share, f Facts) bool {
	needs := false
	eachDemand(s, f, func(d demand) { needs = needs || d.instrument })
	return needs
}

// ApprovalsNeeded is how many people the policy in force wants to have approved the share (P-18).
func ApprovalsNeeded(s Share, f Facts) int {
	most := 0
	for i := range f.demands { // worked out already
		most = max(most, f.demands[i].approvals)
	}
	if f.demands != nil {
		return most
	}
	eachDemand(s, f, func(d demand) { most = max(most, d.approvals) })
	return most
}

// Chosen are the ids of the contracts in force by which the share is judged: for each kind of the vendor that needs one, the nearest.
func Chosen(s Share, f Facts) []string {
	var ids []string
	for _, d := range demands(s, f) {
		if c := d.nearest; c != nil && !slices.Contains(ids, c.ID) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
