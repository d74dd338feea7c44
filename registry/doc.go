// Package registry is what we know of the organisations that may receive personal data from us, and the one way to change it.
//
// # Glossary
//
//   - vendor: any organisation that may receive personal data from us.
//   - engagement: what a vendor does for us, with which data, for which purposes, on the public list or not.
//   - approval: that somebody approved a version of an engagement, who did not write it, and what was seen with it: where it happens, and the
//     contracts with the vendor. It counts while none of that became looser. The policy says how many people must have approved (P-18).
//   - location: where an engagement happens, and by which mechanism data may cross the border to it.
//   - contract: an agreement with a vendor and its terms. An amendment is a contract that names the original.
//   - document: the stored bytes of a contract, under their SHA-256.
//   - calendar: which days of a span are holidays. Of days outside it knows nothing.
//   - policy: a version of the privacy policy as data. The first comes with the program.
//   - version: a record as one change left it. Versions are never changed; each is committed to by an entry of the log.
//   - dossier: every version of every record of one vendor.
//   - refusal: an answer for the person who asked. Every other error is a fault.
//
// # Life of a vendor
//
//	proposed → approved → active → winding_down → ended
//	proposed → ended, approved → ended      it never received data
//	approved → winding_down                 it received data, and was never active here
//
// Somebody other than the proposer approves. A vendor that winds down ends only with a deletion certificate or a recorded exception.
//
// A vendor that became a part of another is merged into it, which changes nothing of the above: it keeps its name, its id and its state, and from
// that instant on its data flows to the other. A merger can be undone. Whoever asks who a vendor is now follows the chain to its end.
//
// # Status of a contract, at an instant
//
//	draft          not signed, or signed later
//	signed         signed, its first day has not begun
//	in_force       from its first day to its last, both whole, in the contract's zone
//	expired        its last day is over, and it does not renew itself
//	terminated     the day of its termination is over
//
// # Life of a version of the policy
//
//	draft → approved → published → effective → superseded
//	draft → withdrawn, approved → withdrawn
//
// Somebody other than who drafted it, or changed it last, approves. A version is approved with a decision about every change that permits more
// than the version before it, by which it was compared: whether people whose data was collected before must consent (P-32). Nothing that
// was approved changes. It is published on the day on which it is published, at least five minutes before the first instant of its effective
// day in its zone, and after every other effective day: so no order of publications changes a verdict that was given. From that instant
// on it is effective, until the next one is: that is a matter of the clock and of no record. What was published cannot be withdrawn;
// a later version can be published to follow it.
//
// # Clauses of the policy
//
// What keeps each clause: a rule of the gate by its code, or a part of the program by its name; the tests that show it; and the conversations
// that play its example.
//
//	P-01  needs_consent, consent_given; TestConsentRule, TestConsentFrom, TestConsents; policies.txt
//	P-02  category_not_in_policy; TestPolicyRules; policies.txt
//	P-03  art14_notice_missing; TestPersonRules; disclosures.txt
//	P-04  category_purpose_mismatch; TestPolicyRules; policy-clauses.txt
//	P-05  purpose_not_in_policy; TestPolicyRules; policies.txt
//	P-06  source_missing, source_not_approved, source_forbids_purpose, source_forbids_onward, opted_out; TestSourceRules, TestSources,
//	      TestPersonRules, TestChoices; sources.txt, choices.txt
//	P-07  vendor_not_active, vendor_merged, ground_not_in_policy, ground_not_for_kind, purpose_not_for_ground; TestVendorAndGroundRules,
//	      TestMergedVendors; policy-clauses.txt
//	P-08  not_affiliate_on_date; TestVendorAndGroundRules, TestSoldOutOfTheGroup; affiliates.txt
//	P-09  country_not_in_contract, country_not_covered, no_transfer_mechanism; TestCoverage, TestTransfers; policy-clauses.txt
//	P-10  no_contract, lead_outside_territory, lead_not_in_contract, lead_promised_elsewhere; TestContractRules, TestLeadRules,
//	      TestExclusiveTerritory; policy-clauses.txt, leads.txt
//	P-11  no_marketing; TestNotes, TestChoices; choices.txt
//	P-12  engagement_missing, engagement_not_in_force, purpose_not_in_engagement, category_not_in_engagement, purpose_not_in_contract,
//	      category_not_in_contract; TestEngagementRules, TestContractRules; policy-clauses.txt
//	P-13  no_contract, contract_not_in_force, confidentiality_missing, clause_missing, document_missing; TestContractRules;
//	      policy-clauses.txt
//	P-14  EngagementFields.ListedReason, EngagementFields.Excluded; TestEngagement, TestInclusion; policy-clauses.txt
//	P-15  category_not_for_ground, must_be_pseudonymised, jurisdiction_not_allowed; TestVendorAndGroundRules, TestJurisdictions;
//	      advertising.txt
//	P-16  Request.ReferringHosts; TestBadRequests; disclosures.txt
//	P-17  policy.NeedsInstrument, Gate.PrepareDisclosure; TestRequirementsOfTheVersion; disclosures.txt
//	P-18  second_person_missing, approvals_missing, Gate.ConfirmDisclosure, Registry.ApproveEngagement; TestPersonRules, TestApprovals,
//	      TestLooserLocation, TestLooserContract; disclosures.txt, approvals.txt
//	P-19  protection_missing, deal_missing, deal_over, Gate.EndDeal; TestContractRules, TestDeal; policy-clauses.txt, deals.txt
//	P-20  channel_not_allowed; TestPolicyRules; policy-clauses.txt
//	P-21  Confidentiality.Admits, Gate.Acknowledge; TestConfidentiality, TestAcknowledgement; acknowledgements.txt
//	P-22  Decision.DeleteBy, Gate.Tasks; TestTasks; tasks.txt, disclosures.txt
//	P-23  Log.PlaceHold; TestHold; holds.txt
//	P-24  category_purpose_mismatch, Gate.ScanCookies; TestPolicyRules; policy-clauses.txt, cookies.txt
//	P-25  SubjectReport.Collectors; TestCollectors; policy-clauses.txt
//	P-26  child_under_13, Gate.FlagChild; TestPersonRules, TestTasks; tasks.txt
//	P-27  publishing.Build; TestWhatIsPublic; policy-clauses.txt
//	P-28  opted_out; TestPersonRules, TestChoices; choices.txt
//	P-29  opt_out_not_applicable; TestNotes, TestChoices; choices.txt
//	P-30  processing_restricted, Gate.BeginSubjectReport, Gate.ReceiveRequest, sharing.DueOn; TestPersonRules, TestSubjectReport, TestDueOn,
//	      TestRequestZones, TestSubjectRequests; tasks.txt, reports.txt, requests.txt
//	P-31  Gate.CorrectSubject; TestTasks; tasks.txt
//	P-32  policy_not_in_force, Policy.Begins; TestPolicyLife, TestPolicyRefusals, TestPolicyOrder, TestCompare; policies.txt
//
// # Two times
//
// Every version has the instant at which it was recorded and the instant since which it holds in the world. They are one, unless a change
// of a vendor's state, or a merger, says since when. InForce reads by the second, KnownAt by the first.
//
// # One way to change
//
// Each operation loads and locks the record, applies the rule, validates, writes the record and its version, and returns the entry of the
// log that tells of it; all of it is durable when the operation returns, or none. The entry holds names of fields, codes and the vendor's
// name. What the fields say is in the version, and the entry commits to that with a salt: Commit("onward/record/v1", salt, body).
package registry
