// Package sharing is the gate: it gathers the facts in force, judges a share by the policy, and records the verdict in the log.
//
// A share is judged by what was in force at the instant at which it occurred, as far as the registry knew when the entry took its place in
// the log: facts may be remembered from before, but when any fact has changed since, the share is judged again under the log's lock.
// So a change that was acknowledged is seen by every share that is recorded after it, from whatever instance.
//
// A leaf holds codes, ids, dates and the vendor's name; never a person. Subjects are known by a pseudonym under a key, and what people write
// freely stands beside the log, committed to under a random salt; both can be erased, and every proof still holds.
//
// BUG(sharing): consents are not gathered yet: a share of data that was collected under a version of the policy without its purpose is always
// denied with needs_consent. A service that does not say when data was collected is not asked.
//
// BUG(sharing): the choices of people (P-06, P-28), the flag of children (P-26), the notice to those who did not give the data themselves
// (P-03) and the second person of a disclosure (P-18) are not asked for yet.
package sharing
