// Package proof is what a stranger needs: everything about the log that can be checked, or written so that it can be checked, without the
// database and without trusting whoever runs it. It reads files and whatever a function fetches; it opens no connection by itself.
//
// # What is trusted
//
// A [Policy] alone: the verifier keys of the log and of its witnesses, and how many witnesses must have signed. Whoever checks must have
// got it in another way than what is checked. From it everything follows: a [Checkpoint] is signed under the policy, a tile is proved by
// the checkpoint, a leaf by its tile, a row of a report by its leaf.
//
// # What is checked
//
//   - [OpenCheckpoint]: who signed a checkpoint, and whether enough witnesses did (C2SP tlog-checkpoint, tlog-cosignature, tlog-policy).
//   - [CheckReceipt]: one entry is in the log (C2SP tlog-proof, with the leaf as extra data).
//   - [Bundle.Check]: every line of a report is in the log and none of its scope is missing.
//   - [Follow]: a whole log, read as C2SP tlog-tiles, is what it signed; no index and no number of a vendor is missing.
//
// A [*Fault] says what is wrong and names the first bad index. Every other error means that something could not be read, and says
// nothing about the log. Bad input is never worse than an error.
//
// # The bundle
//
// A zip file with these members and no others:
//
//	leaves.ndjson    one line per entry of the scope, in the order of the log: INDEX SPACE LEAF; a leaf has no newline
//	tile/L/N[.p/W]   the hash tiles (C2SP tlog-tiles) that lead from the leaves to the checkpoint's root
//	checkpoint       the signed note, with its cosignatures
//	policy           C2SP tlog-policy: the keys as the log's owner names them
//	report.json      a [Manifest]
//	shares.csv       the rows that the report's filter selects
//	README.txt       all this in plain words
//
// The leaves are all entries of the scope whatever their type, and whoever checks applies the filter himself: so completeness needs no
// trust either. The last leaf is the entry report.begun, which was in the log before the first byte of the report was written.
package proof
