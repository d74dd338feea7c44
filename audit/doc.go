// Package audit is the record: an append-only Merkle log (RFC 6962) in PostgreSQL, whose entries commit in the same transaction as
// what they tell of. It knows nothing of vendors.
//
// # What the log promises
//
// To whoever appends: when [Log.Change] or [Committer.Append] returns without error, the entry is durable, has its index and is part
// of the tree. Indices start at 0 and have no gaps. The same id is never in the log twice; the same request gets the same
// receipt, whenever and wherever it is repeated. After [ErrReused], [ErrBusy], [ErrFrozen] and [ErrUnavailable] nothing was written, but for one
// case, which the error's text tells: the connection was lost in a commit and the database cannot be asked since. To ask again
// with the same id is right in every case.
//
// To whoever reads: an entry never changes. Its bytes are stored as they were hashed and never written anew. recorded_at never goes
// back. Within a vendor, vendor_seq counts from 1 without gaps, so that a list of all entries about one vendor shows by itself that
// nothing was left out.
//
// To an auditor: every entry is a leaf of the tree of RFC 6962, whose completed tiles are those of C2SP tlog-tiles. [Log.Verify] builds
// the tree again from the leaves and names the first bad index. [Log.Tile] and [Log.EntryBundle] give what his own tools read, [Log.Proof] a
// file that proves one entry, and [Log.Inclusion] and [Log.Consistency] prove an entry or the growth between any two sizes.
//
// # Checkpoints
//
// A [Publisher] signs the log's size and root within a second of its growth (C2SP tlog-checkpoint, Ed25519, the key's name is the log's
// origin), after it has proved from the stored hashes that the log extends the last checkpoint, and keeps every checkpoint in a file outside
// the database before anybody can see it. When database and file disagree, as after a backup was restored or a failover lost what was
// acknowledged, the log freezes itself: it takes no entries, publishes nothing, and can be read, until [Log.Acknowledge] puts on record
// why. A database that contradicts itself freezes the log too, and only a backup mends that. [Witness]es outside may cosign what was
// published; [Keys] tells how a key is replaced.
//
// # Retention
//
// Whole months can be pruned ([Log.Prune]): their leaves go, with all that is kept beside them, and nobody can read them again. Before that an
// entry, retention.pruned, says which month and which indices, and a checkpoint covers it. What stays are the completed tiles, so that every
// proof of every entry and every size can still be made; the keys, so that no id is given twice; and the counters. A legal hold ([Hold]) stops
// it. The program's role cannot delete a line by itself: it may call one function of the owner, which looks for the published entry first.
//
// # What it does not promise
//
// That what an entry says is true, or that everything that happened was said. That nobody can damage it: the program's own role may only
// insert, and triggers refuse the owner, but a superuser can do anything; the log makes it visible, it does not prevent it.
// Whoever rewrites the whole log so that it agrees with itself is found only by a checkpoint kept elsewhere, and not by ours when he has
// our key and can write to our file: that takes a witness, or a reader who kept one. recorded_at is the clock
// of whoever wrote, not proof of time.
//
// # How an entry gets its place
//
// One row, log_head, orders everything: whoever appends locks it as late as he can, takes the next indices, writes, and commits.
// Leaves are written before and hashed under the lock, because they contain the place in the vendor's sequence and the time of
// recording. Who takes other locks takes them before this one; lookups and links alone are locked after it ([Log.Unlink]). The [Committer] shares one such transaction among all that are waiting,
// and sends the next behind it before it has landed: each moves the head from the very size and root that it expects, so that when one fails those
// behind it fail too, and are sent again. Nobody is answered before his own has committed.
// The head's epoch moves with every [Log.Change] and with nothing else: what was judged by facts of one epoch holds in it.
//
// # The leaf, version 1
//
// RFC 8785 canonical JSON of at most 65,535 bytes, an object with these members in this order:
//
//	actor        {"id", "kind", "role"}: who did it; kind is key, user or program
//	body         an object: what the type says
//	commitment   base64 of 32 bytes, if there is something committed to: see [Commit]
//	entry_id     the entry's UUID
//	log          the log's origin
//	occurred_at  when it was true in the world
//	recorded_at  when it was written down
//	type         noun.verb
//	v            "1"
//	vendor_id    UUID of the vendor that it is about, if any
//	vendor_seq   its place among the entries about that vendor: twelve digits, from "000000000001"; if there is vendor_id
//
// Instants are UTC as 2006-01-02T15:04:05.000000Z, always with six digits, from 1900 to 9999. There are no numbers and no null; keys are
// printable ASCII; no string contains U+0000. The leaf's hash is SHA-256(0x00 || leaf). testdata holds leaves that pin all this.
//
// A leaf holds no personal data. What may be personal is kept beside the log, in entry_detail and entry_link or in tables of others,
// and the leaf holds a commitment to it under a random salt: once text and salt are deleted, nobody can tell what it was, and every
// proof still holds.
//
// # How an entry is found, and how that is erased
//
// An entry may be findable under lookups: keyed pseudonyms of whatever its writer wants to find it by. entry_lookup holds a random value
// for each lookup, entry_link which entries have which value, and a salt for each. The entry's detail commits, under these salts, to each
// lookup apart from the others; the leaf commits to the detail. [Log.Unlink] deletes a lookup's links with their salts, and the lookup
// itself: then neither the lookup nor who holds its key leads to an entry, the commitments of others still open, and the same lookup
// starts anew with another value. An entry's request hash cannot be erased: what must be erasable must not be in it.
package audit
