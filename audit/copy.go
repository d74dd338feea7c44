package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The copy is the file in which the log's checkpoints are kept outside the database. It is a sequence of records, each a signed note and a
// blank line. A note is a checkpoint, as published, or a break:
//
//	onward log break v1
//	ORIGIN
//	SIZE          of the log when the break was acknowledged
//	ROOT          of those entries, base64
//	SHA-256       of all bytes of the copy before this record, base64
//
// After a break the comparison goes on from its size and root: what stands before is acknowledged not to be of this log. The sum binds it to its
// place, so that it cannot be repeated. A record without its blank line was not written to its end, which can only be the last: it is
// dropped. What follows "onward log break v1" cannot be taken for a checkpoint, whose first line has no space.
const breakHeading = "onward log break v1"

// maxRecord is the size in bytes that no record reaches.
const maxRecord = 64 << 10

func breakText(origin string, size int64, root tlog.Hash, sum []byte) string {
	return fmt.Sprintf("%s\n%s\n%d\n%s\n%s\n", breakHeading, origin, size, root, base64.StdEncoding.EncodeToString(sum))
}

// copyState is what the records of a copy say, up to an offset.
type copyState struct {
	origin string
	end    int64     // offset after the last whole record
	last   []byte    // the last whole record
	hash   hash.Hash // SHA-256 of all bytes before end
	base   int64     // offset after the last break
	// size and root are those of the newest checkpoint since the last break; size is 0 while there is none.
	size int64
	root tlog.Hash
	// fault is what is wrong since the last break; empty when nothing is.
	fault string
}

func newCopyState(origin string) *copyState { return &copyState{origin: origin, hash: sha256.New()} }

// sum is the SHA-256 of all whole records.
func (s *copyState) sum() [sha256.Size]byte { return [sha256.Size]byte(s.hash.Sum(nil)) }

// spoil notes what is wrong, unless something was already.
func (s *copyState) spoil(format string, args ...any) {
	if s.fault == "" {
		s.fault = fmt.Sprintf(format, args...)
	}
}

// take reads the next record.
func (s *copyState) take(record []byte, known note.Verifiers) {
	at, before := s.end, s.sum()
	s.hash.Write(record)
	s.last = append(s.last[:0], record...)
	s.end += int64(len(record))
	n, err := note.Open(record[:max(len(record)-1, 0)], known)
	if err != nil {
		s.spoil("the record at byte %d is not signed by a key of the log", at)
		return
	}
	if strings.HasPrefix(n.Text, breakHeading) {
		size, root, err := parseBreak(n.Text)
		if err != nil || n.Text != breakText(s.origin, size, root, before[:]) {
			s.spoil("the record at byte %d marks a break in another copy", at)
			return
		}
		s.base, s.size, s.root, s.fault = s.end, size, root, ""
		return
	}
	size, root, err := parseCheckpointText(s.origin, n.Text)
	switch {
	case err != nil || size < 1:
		s.spoil("the record at byte %d is not a checkpoint of this log", at)
	case size < s.size:
		s.spoil("the record at byte %d goes back from %d entries to %d", at, s.size, size)
	case size == s.size && root != s.root:
		s.spoil("the record at byte %d has another root for %d entries than the one before", at, size)
	default:
		s.size, s.root = size, root
	}
}

func parseBreak(text string) (size int64, root tlog.Hash, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 6 {
		return 0, root, errNoCheckpoint
	}
	return parseSizeAndRoot(lines[2], lines[3])
}

// copyRecord is a checkpoint in a copy.
type copyRecord struct {
	at   int64 // offset of its first byte
	size int64
	root tlog.Hash
}

// recordOf reads a record that take has accepted.
func recordOf(origin string, at int64, record []byte) (copyRecord, bool) {
	text, _, _ := bytes.Cut(record, []byte("\n\n"))
	size, root, err := parseCheckpointText(origin, string(text)+"\n")
	return copyRecord{at, size, root}, err == nil
}

var (
	blankLine     = []byte("\n\n")
	signatureLine = []byte("— ")
)

// splitRecords is a bufio.SplitFunc that finds the end of a record: a blank line after a line of signature, so that a damaged record does not
// take the next one with it. What never ends is cut into pieces, none of which is a record; what has no end yet is no token.
func splitRecords(data []byte, _ bool) (advance int, token []byte, err error) {
	for from := 0; ; {
		i := bytes.Index(data[from:], blankLine)
		if i < 0 || from+i+len(blankLine) > maxRecord {
			break
		}
		i += from
		line := bytes.LastIndexByte(data[:i], '\n') + 1
		if bytes.HasPrefix(data[line:i], signatureLine) {
			end := i + len(blankLine)
			return end, data[:end], nil
		}
		from = i + 1
	}
	if len(data) >= maxRecord {
		return maxRecord, data[:maxRecord], nil
	}
	return 0, nil, nil
}
