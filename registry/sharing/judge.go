package sharing

import (
	"slices"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/policy"
)

// judgement is how a share was judged, and by what.
type judgement struct {
	share        policy.Share
	verdict      Verdict
	reasons      []policy.Reason
	notes        []policy.Reason
	facts        facts
	vendorID     uuid.UUID
	engagementID *uuid.UUID
	contractIDs  []uuid.UUID
	approvals    []uuid.UUID // of the engagement, where the policy wants any
	reads        []reading
	room         [4]reading // of reads: mostly there is a vendor, an engagement, a location and a contract
	origin       string
	source       *source        // the vendor that gave the data; nil where none is named
	deleteBy     *registry.Date // the last day on which the recipient may hold the data, as far as contracts say
}

// judge judges a share by a dossier: by the engagement that it names, else by that of the vendor's engagements against which the fewest
// reasons stand, of equals the first created. It refuses (Invalid) an engagement that is not the vendor's, and a share without the
// instrument that the policy wants to see.
func (g *Gate) judge(d *dossier, r *Request, known *known) (*judgement, error) {
	j := &judgement{vendorID: d.vendorID, share: policy.Share{
		OccurredAt: r.OccurredAt, Purpose: r.Purpose, Ground: r.Ground, Categories: r.Categories, Countries: r.Countries,
		Origin: r.Origin, Jurisdiction: r.Origin, Pseudonymised: r.Pseudonymised, Channel: r.Channel, Intended: r.State != occurred,
		LeadCountry: r.LeadCountry, LeadKind: r.LeadKind, DataOrigin: r.DataOrigin,
	}}
	s := &j.share
	if r.InformedAt != nil {
		s.InformedAt = *r.InformedAt
	}
	if r.CollectedAt != nil {
		s.CollectedAt = *r.CollectedAt
	}
	if s.Origin == "" {
		s.Origin = g.settings.HomeCountry
	}
	candidates := d.engagements
	if r.EngagementID != nil {
		i := slices.IndexFunc(d.engagements, func(e engagement) bool { return e.id == *r.EngagementID })
		if i < 0 {
			return nil, invalidField("/engagement_id", "is no engagement of this vendor")
		}
		candidates = d.engagements[i : i+1]
	}
	j.origin = s.Origin
	j.facts.gather(d, r.OccurredAt)
	if r.CollectedAt != nil {
		j.facts.Collected, _ = policy.At(d.policies, *r.CollectedAt)
	}
	if r.LeadCountry != "" {
		j.facts.Exclusives = d.promisedAt(r.OccurredAt)
	}
	j.facts.Weigh(s)
	if r.LegalProcess == nil && r.DisclosureID == nil && policy.NeedsInstrument(s, &j.facts.Facts) {
		return nil, invalidField("/legal_process", "is required by the policy on this ground, or of this kind of vendor: instrument, issuer and reference (P-17)")
	}
	j.facts.People, j.facts.Deciders, j.facts.Deal = known.people, known.deciders, known.deal
	if j.source = sourceAt(known.lineage, r.OccurredAt); j.source != nil {
		j.facts.Source = &j.source.Source
	}
	j.facts.Confirmed = len(known.deciders) == 2
	if known.consented != nil && r.CollectedAt != nil {
		from, ok := policy.ConsentFrom(d.policies, r.Purpose, r.OccurredAt)
		j.facts.Consented = ok && !known.consented.Before(from)
	}
	j.reads = append(j.room[:0], reading{"vendor", d.vendorID, j.facts.vendor.Version})
	if newest := j.facts.newest.Version; newest != j.facts.vendor.Version && len(j.facts.newest.Ownership)+len(j.facts.newest.DPF) > 0 {
		j.reads = append(j.reads, reading{"vendor", d.vendorID, newest})
	}
	j.choose(candidates)
	j.verdict = verdict(r.State, j.reasons)
	j.notes = policy.Notes(s, &j.facts.Facts)
	j.chooseContracts()
	j.chooseApprovals(candidates)
	if j.source != nil {
		j.reads = append(j.reads, j.source.reads...)
	}
	return j, nil
}

// choose judges by each candidate until one permits the share, and keeps the best.
func (j *judgement) choose(candidates []engagement) {
	s := &j.share
	if len(candidates) == 0 {
		j.reasons = policy.Judge(s, &j.facts.Facts)
		return
	}
	needed := policy.ApprovalsNeeded(s, &j.facts.Facts) > 0
	best := 0
	var by *policy.Engagement
	for i := range candidates {
		e := candidates[i].at(s.OccurredAt)
		if needed {
			e.Approvers = candidates[i].approvers(s.OccurredAt)
		}
		j.facts.Engagement = e
		if reasons := policy.Judge(s, &j.facts.Facts); i == 0 || len(reasons) < len(j.reasons) {
			j.reasons, best, by = reasons, i, e
		}
		if len(j.reasons) == 0 {
			break
		}
	}
	j.facts.Engagement, j.engagementID = by, &candidates[best].id
	j.reads = candidates[best].reads(j.reads, s.OccurredAt, s.Countries)
}

// chooseContracts keeps the contracts in force that the share was judged by.
func (j *judgement) chooseContracts() {
	for _, name := range policy.Chosen(&j.share, &j.facts.Facts) {
		i := slices.IndexFunc(j.facts.Contracts, func(c *policy.Contract) bool { return c.ID == name })
		stood := &j.facts.contracts[i]
		j.contractIDs = append(j.contractIDs, stood.id)
		j.reads = stood.reads(j.reads)
		if by := deleteBy(stood.terms); by != nil && (j.deleteBy == nil || by.Before(*j.deleteBy)) {
			j.deleteBy = by
		}
	}
	for _, r := range j.reasons { // what was signed and not in force decided too
		if i := slices.IndexFunc(j.facts.Signed, func(c *policy.Contract) bool { return r.Code == "contract_not_in_force" && r.On == c.ID }); i >= 0 {
			j.reads = j.facts.signed[i].reads(j.reads)
		}
	}
}

// chooseApprovals keeps the approvals that the share was judged by.
func (j *judgement) chooseApprovals(candidates []engagement) {
	if j.engagementID == nil || policy.ApprovalsNeeded(&j.share, &j.facts.Facts) == 0 {
		return
	}
	i := slices.IndexFunc(candidates, func(e engagement) bool { return e.id == *j.engagementID })
	for _, a := range candidates[i].approved(j.share.OccurredAt) {
		j.approvals = append(j.approvals, a.ID)
	}
}

// heldUntil is deleteBy of what was not denied.
func (j *judgement) heldUntil() *registry.Date {
	if j.verdict == Denied {
		return nil
	}
	return j.deleteBy
}

// decision is the answer to who asked, without a receipt.
func (j *judgement) decision() Decision {
	d := Decision{
		Verdict: j.verdict, Reasons: j.reasons, VendorID: j.vendorID, EngagementID: j.engagementID, ContractIDs: j.contractIDs,
		DeleteBy: j.heldUntil(), Notes: j.notes, NoMarketing: noMarketing(j.notes),
	}
	if d.Reasons == nil {
		d.Reasons = []policy.Reason{}
	}
	if j.facts.Policy != nil {
		d.Policy = j.facts.Policy.Name
	}
	return d
}
