// Package witness speaks C2SP tlog-witness in both directions. [New] asks a witness to cosign a checkpoint; [Server] is a small witness
// that an auditor can run on a machine of his own.
//
// A witness keeps, for each log, the size and root of the newest checkpoint that it signed, and signs another only when that is proved to
// be a continuation. What it has signed is on disk before its answer leaves: so it never signs two histories of one log, also when it
// is killed in between.
package witness
