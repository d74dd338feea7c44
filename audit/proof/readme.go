package proof

import (
	"fmt"
	"strings"
)

// readme is README.txt of a bundle: for whoever opens it and has never seen one.
func readme(m Manifest) []byte {
	about := "of the whole log"
	if m.Scope.VendorID != "" {
		about = "about the vendor " + m.Scope.VendorID
	}
	if from := m.Scope.RecordedFrom; !from.IsZero() {
		about += ", recorded from " + from.Format(instantLayout)
	}
	if until := m.Scope.RecordedUntil; !until.IsZero() {
		about += ", recorded before " + until.Format(instantLayout)
	}
	text := fmt.Sprintf(readmeText, m.ReportID, m.Origin, about, m.Begun, m.Begun, m.CheckpointSize)
	return []byte(strings.TrimPrefix(text, "\n"))
}

const readmeText = `
REPORT %s
from the log %s

This file can be checked without trusting whoever gave it to you.


What is in it

  leaves.ndjson   every entry %s,
                  up to entry %d; one line each: its index in the log, a space, the entry
                  byte for byte as it was hashed. All types of entries are here, whether
                  the report shows them or not: that is how you can tell that none is missing.
                  (Where a period was asked for, the entry before it and the entry after it are
                  here too, and the last line is always the entry report.begun.)
  shares.csv      the report: the entries that the filter in report.json selects.
  report.json     which report this is: the log, the filter, what it is about, how many entries.
  pruned.ndjson   only where the log was pruned: the entry that says so, and up to which index or,
                  of a vendor, up to which number. What it says is missing, and nothing else.
  checkpoint      the log's size and root hash, signed by the log and by its witnesses.
  tile/           hashes that lead from the entries to that root.
  policy          the keys of the log and its witnesses, as the log's owner names them.
                  Do not trust them because they are here: see below.


How to check it

1. Get the log's verifier key in another way than this file: from a contract, from a letter, from an
   earlier report, from a witness. It is one line and looks like NAME+1234abcd+BASE64.

2. With the program:   onward verify --key 'NAME+1234abcd+BASE64' REPORT.zip
   or, with the keys of witnesses too (a file as C2SP tlog-policy describes it):
                       onward verify --policy FILE REPORT.zip
   With a checkpoint that you kept from an earlier report, add --previous FILE: it shows that the log
   was not rewritten in between. So keep the file "checkpoint" of every report.
   The program needs no network, no database and no settings. It ends with status 0 when everything is
   proved, and otherwise names the first bad entry.

3. By hand, or with any tool for transparency logs. Everything follows public specifications:
   - checkpoint is a C2SP signed note (c2sp.org/tlog-checkpoint); check its signature with the key.
   - the hash of an entry is SHA-256 of a zero byte and the entry's bytes (RFC 6962), here for the first:
       (printf '\0'; head -n 1 leaves.ndjson | cut -d ' ' -f 2- | tr -d '\n') | sha256sum
   - entry number I is hash I mod 256 of the tile file tile/0/(I div 256); each hash has 32 bytes.
     File names have groups of three digits: tile 1234 is x001/234; the last tile of a level that is
     not full ends in .p/WIDTH (c2sp.org/tlog-tiles).
   - the RFC 6962 tree hash over the 256 hashes of a tile is one hash of the tile one level above, and
     so on up to the last tiles, which together make the root in the checkpoint.
   - within the entries about one vendor, vendor_seq counts from 000000000001 without a gap. The entry
     report.begun at index %d was written before this report was: its own vendor_seq is the last number
     there was (for a vendor), or its index is (for the whole log).


What it proves

  - every entry in leaves.ndjson is in the log, at its index, unchanged, under the signed root of
    %d entries;
  - no entry that the report is about is missing, up to the moment at which it was asked for;
  - the rows of shares.csv are exactly those that the filter selects, no more and no fewer;
  - with --previous: the log only grew since then;
  - with witnesses: they saw the same log, not one made for you.

What it does not prove

  - that an entry tells the truth, or that everything that happened was entered;
  - when an entry was made: recorded_at is the log owner's own clock. A witness's signature carries the
    witness's own time, and shows that the entries under the checkpoint are older than that;
  - for a report about a period: that recorded_at never went back outside of the period. Checking the
    whole log shows that:   onward verify --key KEY --api-key KEY https://ADDRESS/log
  - without a witness or an earlier checkpoint of your own: that you and others are shown the same log.

Entries hold no personal data; what may be personal is kept elsewhere, and an entry holds only a hash of it
with a random salt.
`
