package policy

// RulesVersion names the rules of this program; it changes whenever a rule can answer differently on the same facts.
const RulesVersion = "8"

// Rule is one condition of a share. It looks at the share and the facts and at nothing else, and changes neither: it is handed them where they
// stand, since to copy them for each rule took longer than all the rules.
type Rule struct {
	Code   string
	Clause string
	// Judge returns what the rule objects to: nil when it holds, one value (may be empty) for each objection.
	Judge func(*Share, *Facts) []string
}

var rules = []Rule{
	{"policy_not_in_force", "P-32", policyNotInForce},
	{"vendor_not_active", "P-07", vendorNotActive},
	{"vendor_merged", "P-07", vendorMerged},
	{"ground_not_in_policy", "P-07", groundNotInPolicy},
	{"ground_not_for_kind", "P-07", groundNotForKind},
	{"not_affiliate_on_date", "P-08", notAffiliateOnDate},
	{"purpose_not_in_policy", "P-05", purposeNotInPolicy},
	{"needs_consent", "P-01", needsConsent},
	{"category_not_in_policy", "P-02", categoryNotInPolicy},
	{"purpose_not_for_ground", "P-07", purposeNotForGround},
	{"category_not_for_ground", "P-15", categoryNotForGround},
	{"jurisdiction_not_allowed", "P-15", jurisdictionNotAllowed},
	{"category_purpose_mismatch", "P-04", categoryPurposeMismatch},
	{"must_be_pseudonymised", "P-15", mustBePseudonymised},
	{"channel_not_allowed", "P-20", channelNotAllowed},
	{"art14_notice_missing", "P-03", art14NoticeMissing},
	{"source_missing", "P-06", sourceMissing},
	{"source_not_approved", "P-06", sourceNotApproved},
	{"source_forbids_purpose", "P-06", sourceForbidsPurpose},
	{"source_forbids_onward", "P-06", sourceForbidsOnward},
	{"second_person_missing", "P-18", secondPersonMissing},
	{"approvals_missing", "P-18", approvalsMissing},
	{"opted_out", "P-28", optedOut},
	{"child_under_13", "P-26", childUnder13},
	{"processing_restricted", "P-30", processingRestricted},
	{"engagement_missing", "P-12", engagementMissing},
	{"engagement_not_in_force", "P-12", engagementNotInForce},
	{"purpose_not_in_engagement", "P-12", purposeNotInEngagement},
	{"category_not_in_engagement", "P-12", categoryNotInEngagement},
	{"protection_missing", "P-19", protectionMissing},
	{"deal_missing", "P-19", dealMissing},
	{"deal_over", "P-19", dealOver},
	{"no_contract", "P-13", noContract},
	{"contract_not_in_force", "P-13", contractNotInForce},
	{"confidentiality_missing", "P-13", confidentialityMissing},
	{"clause_missing", "P-13", clauseMissing},
	{"document_missing", "P-13", documentMissing},
	{"purpose_not_in_contract", "P-12", purposeNotInContract},
	{"category_not_in_contract", "P-12", categoryNotInContract},
	{"country_not_in_contract", "P-09", countryNotInContract},
	{"lead_outside_territory", "P-10", leadOutsideTerritory},
	{"lead_not_in_contract", "P-10", leadNotInContract},
	{"lead_promised_elsewhere", "P-10", leadPromisedElsewhere},
	{"country_not_covered", "P-09", countryNotCovered},
	{"no_transfer_mechanism", "P-09", noTransferMechanism},
}

// Rules are all rules, in the order in which reasons are given. The list is shared: it is for reading only.
func Rules() []Rule { return rules }

// Judge applies every rule and returns every reason against the share; none means allowed. It changes neither the share nor the facts.
func Judge(s *Share, f *Facts) []Reason { return apply(rules, s, f) }

func apply(rules []Rule, s *Share, f *Facts) []Reason {
	var reasons []Reason
	if f.weighed != s {
		own := *f
		own.Weigh(s)
		f = &own
	}
	for i := range rules {
		r := &rules[i]
		for _, on := range r.Judge(s, f) {
			reasons = append(reasons, Reason{r.Code, r.Clause, on, Sentence(r.Code, on)})
		}
	}
	return reasons
}

// each returns those of codes to which the rule objects.
func each(codes []string, objects func(string) bool) []string {
	var on []string
	for _, code := range codes {
		if objects(code) {
			on = append(on, code)
		}
	}
	return on
}

// objectIf is one objection on that value if it is true.
func objectIf(objects bool, on string) []string {
	if !objects {
		return nil
	}
	return []string{on}
}
