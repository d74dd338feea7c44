package policy

import (
	"fmt"
	"strings"
)

// Reason is one cause of a refusal.
type Reason struct {
	Code     string `json:"code"`         // contract_not_in_force
	Clause   string `json:"clause"`       // P-13
	On       string `json:"on,omitempty"` // the code or id that it is about
	Sentence string `json:"sentence"`     // for people; follows from Code and On alone
}

// sentences say for people what each code means. A sentence names what it is about where its rule does.
var sentences = map[string]string{
	"policy_not_in_force":        "No version of the privacy policy was in effect when the share occurred.",
	"vendor_not_active":          "The vendor was in state %s; only an active vendor may receive personal data.",
	"vendor_merged":              "The vendor had become a part of vendor %s: what goes to that one is shared with that one, under its contracts.",
	"ground_not_in_policy":       "The policy has no ground %s on which data may be shared.",
	"ground_not_for_kind":        "The ground %s is not for a vendor of this kind.",
	"not_affiliate_on_date":      "The vendor was not an affiliate when the share occurred: one is of that kind and, on evidence, more than half owned within our group.",
	"purpose_not_in_policy":      "The policy has no purpose %s.",
	"needs_consent":              "The data was collected under policy version %s, which does not have this purpose: it needs an explicit consent.",
	"consent_given":              "The data was collected before the policy had this purpose; all people whose it is, %s, consented explicitly since.",
	"category_not_in_policy":     "The policy has no data category %s.",
	"purpose_not_for_ground":     "The purpose %s is not one that this ground permits.",
	"category_not_for_ground":    "Data of category %s may not be shared on this ground.",
	"jurisdiction_not_allowed":   "Data of people in %s may not be shared on this ground; UNSPECIFIED means that the share does not say where they are.",
	"category_purpose_mismatch":  "Data of category %s may not be used for this purpose.",
	"must_be_pseudonymised":      "Data shared on this ground must be pseudonymised first.",
	"channel_not_allowed":        "Data of category %s must not be sent by this channel.",
	"art14_notice_missing":       "People whose data others gave must be told of it before it is disclosed; informed_at does not say that they were.",
	"source_missing":             "Data that others gave us (%s) is shared only when it is said whether it is theirs alone or combined with ours, and which vendor gave it.",
	"source_not_approved":        "The vendor that gave us the data was in state %s when the share occurred: nobody had approved it.",
	"source_forbids_purpose":     "The agreement with the vendor that gave us the data does not permit the purpose %s.",
	"source_forbids_onward":      "The agreement %s with the vendor that gave us the data prohibits giving it on.",
	"second_person_missing":      "A disclosure under legal process must be prepared by one person and confirmed by another first.",
	"approvals_missing":          "Of the people whom the policy wants to have approved the vendor and what it does for us, there were %s.",
	"opted_out":                  "Of the people whose data this is, %s chose not to have it used for this purpose.",
	"child_under_13":             "Of the people whose data this is, %s are known to be under 13.",
	"processing_restricted":      "Of the people whose data this is, %s have asked that it rest.",
	"opt_out_not_applicable":     "Of the people whose data this is, %s opted out, but this purpose is one that an opt-out does not stop.",
	"no_marketing":               "Of the people whose data this is, %s chose against marketing by partners: the recipient must be told.",
	"engagement_missing":         "No engagement says what the vendor does for us; a share needs one.",
	"engagement_not_in_force":    "The engagement %s was not in force when the share occurred.",
	"purpose_not_in_engagement":  "The engagement does not name the purpose %s.",
	"category_not_in_engagement": "The engagement does not name the data category %s.",
	"protection_missing":         "A share in a business transfer needs a signed agreement that protects the data; there is none.",
	"deal_missing":               "A share in a business transfer names a deal that the vendor is a party of.",
	"deal_over":                  "The deal was over when the share occurred, and the vendor did not buy.",
	"no_contract":                "A vendor of kind %s needs a signed contract; there is none that serves.",
	"contract_not_in_force":      "The contract %s is signed, but was not in force when the share occurred.",
	"confidentiality_missing":    "The contract %s has no confidentiality clause that was located in its text.",
	"clause_missing":             "The contract lacks the required clause %s, located in its text.",
	"document_missing":           "The text of the contract %s is not stored.",
	"purpose_not_in_contract":    "The contract does not permit the purpose %s.",
	"category_not_in_contract":   "The contract does not permit the data category %s.",
	"country_not_in_contract":    "The contract does not permit data to go to %s.",
	"lead_outside_territory":     "The contract gives the vendor no leads from %s: it is outside the agreed territory.",
	"lead_not_in_contract":       "The contract gives the vendor no leads of the kind %s.",
	"lead_promised_elsewhere":    "Leads from there were promised to vendor %s alone, by an agreement that was in force.",
	"country_not_covered":        "No location of the engagement in force covers %s.",
	"no_transfer_mechanism":      "Data would cross a border to %s without a transfer mechanism that is valid there.",
}

// Sentence is the sentence of a reason's code about on. A code that this program does not know, of a newer or older one, is said as it is.
func Sentence(code, on string) string {
	sentence, ok := sentences[code]
	switch {
	case !ok && on == "":
		return fmt.Sprintf("The share was refused: %s.", code)
	case !ok:
		return fmt.Sprintf("The share was refused: %s (%s).", code, on)
	default:
		return strings.Replace(sentence, "%s", on, 1)
	}
}
