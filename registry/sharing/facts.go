package sharing

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/policy"
)

// facts are what the rules ask for, as it was in force at an instant, and where it was read from.
type facts struct {
	policy.Facts
	vendor *registry.Vendor
	// newest is the vendor as it was recorded last: what it says with days of its own, such as who owned it, holds on those days, whenever
	// it was written down.
	newest    *registry.Vendor
	contracts []standing // those of Facts.Contracts, in the same order
	signed    []standing // and those of Facts.Signed
}

// standing is a contract as it stood.
type standing struct {
	id      uuid.UUID
	version int64              // of the original
	terms   *registry.Contract // for reading only
}

// reads are the versions that it was read from, appended to others.
func (s *standing) reads(to []reading) []reading {
	to = append(to, reading{"contract", s.id, s.version})
	if s.terms.ID != s.id {
		to = append(to, reading{"contract", s.terms.ID, s.terms.Version})
	}
	return to
}

// reading is a version of a record by which a share was judged.
type reading struct {
	kind    string
	id      uuid.UUID
	version int64
}

// gather gathers what was in force at t, but for the engagement. What it holds is the dossier's own, for reading only.
func (f *facts) gather(d *dossier, t time.Time) {
	f.Policy, _ = policy.At(d.policies, t)
	f.vendor = registry.HeldAt(d.vendor, t)
	f.Vendor = policy.Vendor{ID: d.name, State: string(f.vendor.State), Kinds: f.vendor.Kinds}
	if into := f.vendor.MergedIntoID; into != nil {
		f.Vendor.MergedInto = into.String()
	}
	f.Vendor.Approvers = d.approvers(t)
	f.newest = &d.vendor[len(d.vendor)-1].Value
	if len(f.newest.Ownership)+len(f.newest.DPF) > 0 {
		f.attest(t)
	}
	for i := range d.contracts {
		f.add(&d.contracts[i], t)
	}
}

// attest adds what there is evidence of: whether the vendor was owned within our group at t, and certified under which frameworks, for which data.
func (f *facts) attest(t time.Time) {
	f.Vendor.Affiliated, f.Vendor.Frameworks = f.newest.AffiliatedAt(t), f.newest.FrameworksAt(t)
	for _, name := range f.Vendor.Frameworks {
		for _, data := range []string{registry.HumanResources, registry.OtherData} {
			if !slices.Contains(f.newest.FrameworksAt(t, data), name) {
				if f.Vendor.Uncovered == nil {
					f.Vendor.Uncovered = map[string][]string{}
				}
				f.Vendor.Uncovered[name] = append(f.Vendor.Uncovered[name], data)
			}
		}
	}
}

// approvers are who approved the vendor by t, as a list of one; none where the program itself did, which is nobody.
func (d *dossier) approvers(t time.Time) (ids []string) {
	for i := range d.approved {
		if !d.approved[i].at.After(t) {
			ids = d.approved[i].by
		}
	}
	return ids
}

// approved are the approvals by t of the version that stood then, as far as nothing that was seen with it is looser by then.
func (e *engagement) approved(t time.Time) (found []registry.Approval) {
	v := registry.HeldAt(e.versions, t)
	for _, a := range e.approvals {
		if a.EngagementVersion == v.Version && !a.CreatedAt.After(t) && e.asSeen(a, t) {
			found = append(found, a)
		}
	}
	return found
}

// add adds a contract as it stood at t, its amendments applied.
func (f *facts) add(c *contract, t time.Time) {
	stood, ok := c.at(t)
	if !ok {
		return
	}
	switch stood.terms.StatusAt(t) {
	case registry.ContractInForce:
		f.Contracts = append(f.Contracts, c.said[versionOf(stood.terms)])
		f.contracts = append(f.contracts, stood)
	case registry.ContractDraft:
	default:
		f.Signed = append(f.Signed, c.said[versionOf(stood.terms)])
		f.signed = append(f.signed, stood)
	}
}

// at is the contract by the terms that stood at t.
func (c *contract) at(t time.Time) (standing, bool) {
	original := registry.HeldAt(c.versions, t)
	if original == nil {
		return standing{}, false
	}
	amendments := make([]*registry.Contract, 0, len(c.amendments))
	for _, versions := range c.amendments {
		if a := registry.HeldAt(versions, t); a != nil {
			amendments = append(amendments, a)
		}
	}
	return standing{c.id, original.Version, registry.TermsOf(original, amendments, t)}, true
}

// deleteBy is the last day on which the vendor may hold what it got under those terms: so many days after the contract's last day (P-22). It
// is nil where the terms do not say.
func deleteBy(terms *registry.Contract) *registry.Date {
	last := terms.LastDay()
	if last == nil || terms.ReturnOrDeleteDays == nil {
		return nil
	}
	by := registry.DateOf(last.Start(time.UTC).AddDate(0, 0, *terms.ReturnOrDeleteDays))
	return &by
}

// contractFacts is what the rules need of a contract's terms.
func contractFacts(id string, terms *registry.Contract) *policy.Contract {
	c := &policy.Contract{
		ID: id, Kind: terms.Kind, HasDocument: terms.Document != nil, Onward: terms.OnwardTransfer,
		Purposes: terms.PermittedPurposes, Categories: terms.PermittedCategories, Countries: terms.PermittedCountries,
	}
	for i := range terms.Clauses {
		if terms.Clauses[i].Where != "" {
			c.Clauses = append(c.Clauses, terms.Clauses[i].Code)
		}
	}
	if terms.Commercial != nil {
		c.Territory, c.Leads = terms.Commercial.Territory, terms.Commercial.Leads
	}
	return c
}

// at is the engagement as it stood at t, with the locations in force, but for its approvers. Its days are counted in UTC: it has no zone of
// its own.
func (e *engagement) at(t time.Time) *policy.Engagement {
	v := registry.HeldAt(e.versions, t)
	p := &policy.Engagement{
		ID: e.name, InForce: registry.Within(t, v.From, v.Until, time.UTC), Purposes: v.Purposes, Categories: v.Categories,
		Data: v.DataSubjects, // arrange has made sorts of them
	}
	for _, versions := range e.locations {
		if l := e.locatedAt(versions, t); l != nil {
			p.Locations = appendLocation(p.Locations, l, t)
		}
	}
	return p
}

// approvers are who had approved the engagement, by t and as it stood then.
func (e *engagement) approvers(t time.Time) (ids []string) {
	for _, a := range e.approved(t) {
		ids = append(ids, a.ApprovedBy.String())
	}
	return ids
}

// reads are the versions that the engagement was read from at t, with those of its locations that cover any of the countries; appended to others.
func (e *engagement) reads(to []reading, t time.Time, countries []string) []reading {
	to = append(to, reading{"engagement", e.id, registry.HeldAt(e.versions, t).Version})
	for _, versions := range e.locations {
		l := e.locatedAt(versions, t)
		if l != nil && slices.ContainsFunc(countries, func(c string) bool { return policy.Covers(l.Place, c, t) }) {
			to = append(to, reading{"location", l.ID, l.Version})
		}
	}
	return to
}

// locatedAt is the location as it stood at t, for reading only; nil where it was not in force or of another engagement.
func (e *engagement) locatedAt(versions []registry.Recorded[registry.Location], t time.Time) *registry.Location {
	l := registry.HeldAt(versions, t)
	if l == nil || l.EngagementID != e.id || !registry.Within(t, l.From, l.Until, time.UTC) {
		return nil
	}
	return l
}

// appendLocation appends the location by the mechanism that is valid at t, and once more by the one that was agreed to take its place.
func appendLocation(to []policy.Location, l *registry.Location, t time.Time) []policy.Location {
	p := policy.Location{Place: l.Place}
	if l.Transfer == nil {
		return append(to, p)
	}
	if registry.Within(t, l.Transfer.From, l.Transfer.Until, time.UTC) {
		p.Mechanism = l.Transfer.Mechanism
	} else {
		p.Lapsed = true
	}
	to = append(to, p)
	if l.Transfer.Fallback != "" {
		to = append(to, policy.Location{Place: l.Place, Mechanism: l.Transfer.Fallback})
	}
	return to
}
