// Package registry is what we know of the organisations that may receive personal data from us, and the one way to change it.
//
// # Glossary
//
//   - vendor: any organisation that may receive personal data from us.
//   - engagement: what a vendor does for us, with which data, for which purposes, on the public list or not.
//   - approval: that somebody approved a version of an engagement, who did not write it. The policy says how many people must have (P-18).
//   - location: where an engagement happens, and by which mechanism data may cross the border to it.
//   - contract: an agreement with a vendor and its terms. An amendment is a contract that names the original.
//   - document: the stored bytes of a contract, under their SHA-256.
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
//	P-01  needs_consent                              policies.txt, TestConsentRule, TestGateAcrossVersions
//	P-02  category_not_in_policy                     policies.txt, TestPolicyRules
//	P-05  purpose_not_in_policy                      policies.txt, TestPolicyRules
//	P-32  policy_not_in_force, Policy.publish          policies.txt, TestPolicyLife, TestPolicyRefusals, TestPolicyOrder, TestCompare
//
// # Two times
//
// Every version has the instant at which it was recorded and the instant since which it holds in the world. They are one, unless a change
// of a vendor's state says since when. InForce reads by the second, KnownAt by the first.
//
// # One way to change
//
// Each operation loads and locks the record, applies the rule, validates, writes the record and its version, and returns the entry of the
// log that tells of it; all of it is durable when the operation returns, or none. The entry holds names of fields, codes and the vendor's
// name. What the fields say is in the version, and the entry commits to that with a salt: Commit("onward/record/v1", salt, body).
package registry
