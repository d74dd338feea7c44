// Package policy holds the versions of the privacy policy, the taxonomy and the rules: pure functions from facts to a verdict. It knows
// no database and no other room.
//
// Sharing is forbidden unless a clause permits it (P-07). Every rule cites the clause that it comes from; the clauses are called
// P-01 to P-32, in the order of the policy's text. What a rule does not know counts against the share: a missing fact never permits.
package policy
