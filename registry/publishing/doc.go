// Package publishing makes the public list, and knows who must be told before it changes and what they answered.
//
// What is public has types of its own, List and Entry, with public fields only, and Question, which the holder of a notice's link sees: nothing
// internal can reach a page through them. Customers, changes and objections are internal.
//
// # Glossary
//
//   - customer: who must be told before the list changes, in which mode it authorises subprocessors, and by which clocks.
//   - clock: a period of calendar or business days in a zone, as a contract words it.
//   - calendar: which days of a span are holidays. Of days outside it knows nothing, and no period is counted through them.
//   - desk: where all of this is changed; each change is an entry of the log that names nobody.
//   - case: a change as it reaches one customer, with its objections: all that says whether and when it starts for that customer.
//   - notice: what is told of changes, frozen: one for all that were approved while it waited. One that follows it tells its receivers that a change was
//     withdrawn, or comes on a later day.
//   - delivery: one message to one address, tried until it is sent or given up.
//   - subscriber: somebody who asked to be told, and confirmed it.
//   - letter: a delivery with all that its text says.
//   - link: the signed address by which a customer answers a notice.
//
// # Life of a delivery
//
//	queued → sent, bounced, failed, dropped
//
// Whoever tries one takes it for a while; should that instance die, another one goes on after it. It bounces where the other side will never take it,
// fails after seven attempts in a day and a half, and is dropped where nobody waits for it any more. Periods that run from when a notice was sent run from
// the first delivery that was, and from none where all of a customer's ended otherwise: its silence means nothing then. What follows a notice waits for the
// delivery of that one to the same receiver, and is dropped where nothing was said that could be taken back.
//
// # Life of a subscriber
//
//	asked → told → left, asked → left
//	told → paused → left                     notice after notice came back
//
// Asking writes one question to the address, and changes nothing of what it was told before. Who left, was erased or did not confirm in two days is
// forgotten, with all that was sent.
//
// # Releases
//
// Build alone says what the list shows at an instant. Whenever that differs from the newest release, Current makes the next one: its number, the
// lines as canonical JSON, what they changed, and the entry list.released commit together, and those of a change that takes effect commit with it.
// A release never changes: triggers refuse it, and CheckReleases holds each against its SHA-256 and the log. Of an instant of the past the list is
// that of the release in force then (AsOf); what Build makes of it counts only before the first release.
//
// # Life of an objection
//
//	open → upheld, rejected, withdrawn
//	upheld → withdrawn
//
// A customer has at most one that is open or upheld to a change. While it has one, the change does not start for it. One that was rejected or
// withdrawn is no answer: silence counts on.
//
// # What silence means (GDPR, Article 28(2))
//
//	general authorisation    yes, once the period to object is over
//	specific authorisation   no; the change starts for nobody who has not said yes
package publishing
