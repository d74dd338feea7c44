// Package sharing is the gate: it gathers the facts in force, judges a share by the policy, and records the verdict in the log.
//
// A share is judged by what was in force at the instant at which it occurred, as far as the registry knew when the entry took its place in
// the log: facts may be remembered from before, but when any fact has changed since, the share is judged again under the log's lock.
// So a change that was acknowledged is seen by every share that is recorded after it, from whatever instance.
//
// A leaf holds codes, ids, dates and the vendor's name; never a person. What people write freely stands beside the log as the entry's detail,
// committed to under a random salt.
//
// # Corrections
//
// An entry never changes. What was wrong is said by another entry, share.corrected, about the same vendor, with all facts as corrected, the
// share's entry_id in corrects, and the names of what differs in corrected. It is judged like a share, at the corrected occurred_at. Each
// correction is made of what was on record before it, the last one counts, and reports show all of them.
//
// # Persons
//
// A subject is found by a lookup, HMAC-SHA-256 of the reference under the subject key. The detail of a share has for each subject a
// commitment to the lookup under a salt of that subject's own (CommitSubject), which stands in the erasable link and nowhere else. To erase
// a person is to delete the lookup, the links and their salts, and the details of shares that are about nobody else any more, with those of
// their corrections. The details of other people's shares still open. A detail that stays, because it is about others too, keeps what was
// written freely: do not write names into notes.
//
// Nothing that cannot be erased may lead back, also not for who holds the subject key and tries references. So a request's hash, which is
// kept for ever, is over codes and the number of subjects. Whether a retry names the same people and says the same is compared with what
// stands in erasable tables, as far as it is still there; of people who were erased only the number counts. So a retry after an erasure
// gets its receipt, and brings nobody back. The hash of a person's report and the number of its rows are not in the log either. An
// idempotency key is part of the entry's id for ever: it must not tell of a person.
//
// A share on the ground legal_process may be sealed_until a day, by an order of silence: until its end, in UTC, the person's report is
// without it, and an erasure keeps its link (Article 17(3)(b) and (e) GDPR), and says so. A correction prolongs the seal, or lifts it by a
// day that has passed. Auditors see in the report of shares that, and until when, something is sealed; of the process itself the leaf says
// nothing.
//
// Whoever is shown rows about a person, a key or a user, has acknowledged the current version of the text on confidentiality first (P-21): Gate
// asks in every method that reads about a person, or answers with a person's recipients. Services are not asked. Reports of shares name nobody
// and need no acknowledgement.
//
// # Reports
//
// A report begins with an entry before its first byte, and selects among the entries before that one: by what leaves say and nothing else,
// so that whoever has the leaves can select the same (Filter.Selects) and make the same rows (RowOf). Only corrected_by is not in the
// share's own leaf: it is the last of the leaves whose corrects names it. Leaves are decoded here and not by JSON in SQL: measured, that is
// as fast in all, leaves the database's processors to those who share, and is the code that checks a report without a database.
//
// # Sources
//
// A share may say where its data came from, and which vendor gave it (P-06); of what others gave, and of what is done by combining it with ours,
// it must. The source is judged as it stood at the share's instant: it had been approved, and what its data sharing agreements in force say of
// purposes and of giving on is kept; of several, one that permits the share is enough. Where it had become a part of another vendor, that one's
// agreements count as well, and that one answers for the data: when data of a source was passed on and nobody active answers for it, an
// exception source_not_active is opened, once for a state of that vendor, by the share or by a reconciliation.
//
// # Choices and flags
//
// What a person chose stands in an erasable table, found by the lookup, with an entry choice.recorded that says purpose, state and instant and
// commits to the person. A share is judged by the last choice about its purpose, or about all, that is not after its occurred_at; of two at
// one instant the one against counts. They are read in one query for each share that names people, and read again under the log's lock when
// the epoch has moved since: so no share that is recorded after an opt-out misses it. Choices move the epoch like every Change, but are
// counted aside (aside_changes), so that a list of a million opt-outs makes no dossier old. Reports, tasks, exceptions, flags and
// disclosures are counted aside as well: what goes through Gate.change must touch nothing that a dossier holds.
//
// Of data that was collected before the policy had the purpose, everybody concerned must have consented (P-01): explicitly, to that very purpose
// and not to all, since the policy that brought it was published. People who are only counted, or were erased, have not.
//
// An erasure keeps opt-outs, restrictions and the flag of a child, unless it is asked to take those too: lookup, code and instant, without
// evidence, are the least by which an objection can be respected afterwards.
//
// # Requests of persons
//
//	open → answered, refused
//
// A request is due a month after its receipt, and by an extension three (DueOn). It leads to its person by the lookup, and to nobody any more when
// that is erased; what was done with it stays. A retry under its key gets what was answered first: whoever did not acknowledge confidentiality learns
// nothing of what became of it. A day that has come out once moves only by an extension.
//
// # Tasks and exceptions
//
// A task's id is made of its kind and its cause, so that one cause makes one task. Tasks about people are stored when they are opened, under the
// log's lock, each with an entry task.opened about the vendor. Tasks that follow from the registry are worked out whenever they are asked
// for, from all contracts and locations, and stored when they are closed. An exception of a kind other than violation is about a vendor:
// there is at most one open. Of mechanisms that fell there is one for each engagement, opened on that day by OpenFallen or by the first share, and
// for one fall not again.
//
// BUG(sharing): people who are only counted, and those of a pseudonymised share, are held to no choice: nobody knows who they are.
//
// BUG(sharing): contracts do not say which way data goes: of the kinds of contract only a data sharing agreement is read as binding us for what the
// vendor gave. What it says of categories and countries is not, since a share does not tell the source's categories from ours. No record says
// that a source consented to giving on, or had notice of it: with_consent and with_notice are not held against a share.
//
// BUG(sharing): a service that does not say when data was collected is not asked whether people consented to a purpose of a later policy.
//
// BUG(sharing): a legal hold (P-23) has no record of its own: apart from sealed disclosures, an erasure that is asked for is done. What a seal
// kept back is erased when somebody asks again after its end, not by itself. Backups and replicas that are restored bring erased persons back.
package sharing
