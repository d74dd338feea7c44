package sharing

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// facts are what the rules ask for, as it was in force at an instant, and where it was read from.
type facts struct {
	policy.Facts
	vendor registry.Vendor
	// newest is the vendor as it was recorded last: what it says with days of its own, such as who owned it, holds on those days, whenever
	// it was written down.
	newest    registry.Vendor
	contracts []standing // those of Facts.Contracts, in the same order
	signed    []standing // and those of Facts.Signed
}

// standing is a contract as it stood: the versions that it was read from.
type standing struct {
	id    uuid.UUID
	reads []reading
	// deleteBy is the last day on which the vendor may hold what it got under it; nil where the terms do not say.
	deleteBy *registry.Date
}

// reading is a version of a record by which a share was judged.
type reading struct {
	kind    string
	id      uuid.UUID
	version int64
}

// at gathers what was in force at t, but for the engagement.
func (d *dossier) at(t time.Time) facts {
	var f facts
	f.Policy, _ = policy.At(d.policies, t)
	f.vendor, _ = registry.InForce(d.vendor, t)
	f.Vendor = policy.Vendor{ID: d.vendorID.String(), State: string(f.vendor.State), Kinds: f.vendor.Kinds}
	if into := f.vendor.MergedIntoID; into != nil {
		f.Vendor.MergedInto = into.String()
	}
	f.Vendor.Approvers = d.approvers(t)
	f.newest = d.vendor[len(d.vendor)-1].Value
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
	for i := range d.contracts {
		d.contracts[i].add(&f, t)
	}
	return f
}

// approvers are who approved the vendor by t, as a list of one; none where the program itself did, which is nobody.
func (d *dossier) approvers(t time.Time) (ids []string) {
	before := registry.Proposed
	for i := range d.vendor {
		v := &d.vendor[i]
		if v.Value.State == registry.Approved && before != registry.Approved && !v.EffectiveAt.After(t) && v.ActorID != audit.Program.ID {
			ids = []string{v.ActorID.String()}
		}
		before = v.Value.State
	}
	return ids
}

// approved are the approvals by t of the version that stood then, as far as nothing that was seen with it is looser by then.
func (e *engagement) approved(t time.Time) (found []registry.Approval) {
	v, _ := registry.InForce(e.versions, t)
	for _, a := range e.approvals {
		if a.EngagementVersion == v.Version && !a.CreatedAt.After(t) && e.asSeen(a, t) {
			found = append(found, a)
		}
	}
	return found
}

// add adds the contract as it stood at t, its amendments applied.
func (c *contract) add(f *facts, t time.Time) {
	terms, reads, ok := c.at(t)
	if !ok {
		return
	}
	switch facts := contractFacts(c.name, &terms); terms.StatusAt(t) {
	case registry.ContractInForce:
		f.Contracts = append(f.Contracts, facts)
		f.contracts = append(f.contracts, standing{c.id, reads, deleteBy(&terms)})
	case registry.ContractDraft:
	default:
		f.Signed = append(f.Signed, facts)
		f.signed = append(f.signed, standing{id: c.id, reads: reads})
	}
}

// at are the terms that stood at t, and the versions that they were read from.
func (c *contract) at(t time.Time) (registry.Contract, []reading, bool) {
	original, ok := registry.InForce(c.versions, t)
	if !ok {
		return original, nil, false
	}
	reads := []reading{{"contract", c.id, original.Version}}
	amendments := make([]registry.Contract, 0, len(c.amendments))
	for _, versions := range c.amendments {
		if a, ok := registry.InForce(versions, t); ok {
			amendments = append(amendments, a)
		}
	}
	terms := registry.TermsAt(original, amendments, t)
	if terms.ID != original.ID {
		reads = append(reads, reading{"contract", terms.ID, terms.Version})
	}
	return terms, reads, true
}

// deleteBy is so many days after the contract's last day (P-22).
func deleteBy(terms *registry.Contract) *registry.Date {
	last := terms.LastDay()
	if last == nil || terms.ReturnOrDeleteDays == nil {
		return nil
	}
	by := registry.DateOf(last.Start(time.UTC).AddDate(0, 0, *terms.ReturnOrDeleteDays))
	return &by
}

func contractFacts(id string, terms *registry.Contract) policy.Contract {
	c := policy.Contract{
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

// at is the engagement as it stood at t, with the locations in force. Its days are counted in UTC: it has no zone of its own.
func (e *engagement) at(t time.Time, countries []string) (policy.Engagement, []reading) {
	v, _ := registry.InForce(e.versions, t)
	p := policy.Engagement{
		ID: e.name, InForce: registry.Within(t, v.From, v.Until, time.UTC), Purposes: v.Purposes, Categories: v.Categories,
		Data: v.DataSubjects, // arrange has made sorts of them
	}
	for _, a := range e.approved(t) {
		p.Approvers = append(p.Approvers, a.ApprovedBy.String())
	}
	reads := []reading{{"engagement", e.id, v.Version}}
	for _, versions := range e.locations {
		l, ok := registry.InForce(versions, t)
		if !ok || l.EngagementID != e.id || !registry.Within(t, l.From, l.Until, time.UTC) {
			continue
		}
		p.Locations = append(p.Locations, locationFacts(&l, t)...)
		if slices.ContainsFunc(countries, func(c string) bool { return policy.Covers(l.Place, c, t) }) {
			reads = append(reads, reading{"location", l.ID, l.Version})
		}
	}
	return p, reads
}

// locationFacts is the location by the mechanism that is valid at t, and once more by the one that was agreed to take its place.
func locationFacts(l *registry.Location, t time.Time) []policy.Location {
	p := policy.Location{Place: l.Place}
	if l.Transfer == nil {
		return []policy.Location{p}
	}
	if registry.Within(t, l.Transfer.From, l.Transfer.Until, time.UTC) {
		p.Mechanism = l.Transfer.Mechanism
	} else {
		p.Lapsed = true
	}
	if l.Transfer.Fallback == "" {
		return []policy.Location{p}
	}
	return []policy.Location{p, {Place: l.Place, Mechanism: l.Transfer.Fallback}}
}
