package policy

import "slices"

var vendorKinds = []string{
	"subprocessor", "service_provider", "contractor", "agent", "partner", "reseller", "distributor", "affiliate", "advertiser",
	"authority", "acquirer",
}

// VendorKinds are the kinds of vendor.
func VendorKinds() []string { return slices.Clone(vendorKinds) }

var contractKinds = []string{
	"data_processing_agreement",
	"sub_processing_agreement",
	"master_services_agreement",
	"services_agreement",
	"confidentiality_agreement",
	"joint_controller_arrangement",
	"intra_group_agreement",
	"data_sharing_agreement",
	"standard_contractual_clauses",
	"business_associate_agreement",
	"reseller_agreement",
	"distribution_agreement",
	"partner_agreement",
	"agency_agreement",
	"contractor_agreement",
	"advertising_agreement",
	"purchase_agreement",
	"other",
}

// ContractKinds are the kinds of contract.
func ContractKinds() []string { return slices.Clone(contractKinds) }

// Confidentiality is the code of the clause that P-13 demands.
const Confidentiality = "confidentiality"

var clauseCodes = []string{
	Confidentiality,
	// What Article 28(3) GDPR demands of a contract with a processor.
	"art28_3_a", "art28_3_b", "art28_3_c", "art28_3_d", "art28_3_e", "art28_3_f", "art28_3_g", "art28_3_h",
	// What the terms of a contract are read from.
	"permitted_purposes", "permitted_categories", "permitted_countries", "onward_transfer", "breach_notice", "audit_right",
	"return_or_delete", "security_measures", "data_subject_rights", "term", "liability", "governing_law", "notice_of_change",
	"third_party_beneficiary", "transfer_clauses", "commercial_terms", "no_marketing",
	// What section 1798.100(d) of the Californian Civil Code demands.
	"ccpa_limited_purposes", "ccpa_same_protection", "ccpa_right_to_check", "ccpa_notice_of_inability", "ccpa_right_to_stop",
}

// ClauseCodes are the clauses of contracts that have codes: confidentiality, art28_3_a … art28_3_h and the others that Onward knows.
func ClauseCodes() []string { return slices.Clone(clauseCodes) }
