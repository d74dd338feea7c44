package policy

import (
	"slices"
	"strconv"
)

// People is what is known of those whose data is shared, at the instant of the share, by number. It is zero where nobody is named: of
// people who are only counted no choice can be known.
type People struct {
	OptedOut   int // whose last choice about the purpose, or about all, is against it
	Unmarketed int // whose last choice is against marketing by partners
	Children   int // of whom it was known that they are under 13
	Restricted int // whose data must rest (Article 18 GDPR)
	Consented  int // whose explicit consent to the purpose stands
}

// legalProcess is the ground of P-17.
const legalProcess = "legal_process"

// PartnerMarketing is the purpose of P-11.
const PartnerMarketing = "PARTNER_MARKETING"

func number(n int) []string { return objectIf(n > 0, strconv.Itoa(n)) }

// CanOptOut tells whether an opt-out of the purpose binds: where the policy gives it or the law does.
func (p *Purpose) CanOptOut() bool { return p.OptOut != "no" }

// optedOut: an opt-out holds from its instant on (P-28), for data of others too (P-06). What is demanded by law is not asked for (P-17).
func optedOut(s *Share, f *Facts) []string {
	if p := s.purpose(f); p == nil || !p.CanOptOut() || s.Ground == legalProcess {
		return nil
	}
	return number(f.People.OptedOut)
}

// childUnder13: what is known to be a child's is not shared, but by law (P-26).
func childUnder13(s *Share, f *Facts) []string {
	if s.Ground == legalProcess {
		return nil
	}
	return number(f.People.Children)
}

// processingRestricted: data that must rest is not shared, but for legal claims (P-30; Article 18(2) GDPR).
func processingRestricted(s *Share, f *Facts) []string {
	if s.Ground == legalProcess {
		return nil
	}
	return number(f.People.Restricted)
}

var notes = []Rule{
	{"opt_out_not_applicable", "P-29", optOutNotApplicable},
	{"no_marketing", "P-11", noMarketing},
	{"consent_given", "P-01", consentGiven},
}

// NoteRules are what notes can say; the list is shared: it is for reading only.
func NoteRules() []Rule { return notes }

// Notes are what holds of a share and denies nothing.
func Notes(s *Share, f *Facts) []Reason { return apply(notes, s, f) }

// optOutNotApplicable: some purposes are required, and an opt-out does not stop them (P-29); nor does it stop legal process (P-17).
func optOutNotApplicable(s *Share, f *Facts) []string {
	if s.purpose(f) == nil || len(optedOut(s, f)) > 0 {
		return nil
	}
	return number(f.People.OptedOut)
}

// noMarketing: an opt-out of marketing by partners goes with the data, so that the partner can keep it (P-11).
func noMarketing(s *Share, f *Facts) []string {
	g := s.ground(f)
	if g == nil || g.Code != "partner" || s.Purpose == PartnerMarketing || !slices.ContainsFunc(f.Vendor.Kinds, sells) {
		return nil
	}
	return number(f.People.Unmarketed)
}

// consentGiven: a share that an explicit consent alone permits says so (P-01).
func consentGiven(s *Share, f *Facts) []string {
	if !f.Consented || len(consentWanted(s, f)) == 0 {
		return nil
	}
	return number(f.People.Consented)
}

func sells(kind string) bool {
	return slices.Contains([]string{"partner", "agent", "distributor", "reseller"}, kind)
}
