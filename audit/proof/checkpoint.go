package proof

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxCheckpoint bounds a signed note: a hundred signatures, of whatever sort, have room in it.
const maxCheckpoint = 512 << 10

// maxSize is more entries than a log can have.
const maxSize = math.MaxInt64 >> 8

// Checkpoint is a log's statement of its size and root (C2SP tlog-checkpoint), checked against a policy.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	// Text is what is signed.
	Text string
	// Signers are the log keys of the policy that signed it, at least one.
	Signers []note.Verifier
	// Witnesses are the cosignatures by witnesses of the policy, valid and of different keys.
	Witnesses []Cosignature
}

// Cosignature is a witness's word that the log had grown, and never shrunk or changed, when it saw this checkpoint.
type Cosignature struct {
	Name string    // of the key
	Key  string    // the verifier key
	At   time.Time // by the witness's clock
}

// OpenCheckpoint reads a signed checkpoint and checks its signatures against the policy: one log key whose name is the origin must have
// signed it, and witnesses as the quorum demands. Signature lines of keys that the policy does not name are ignored; a line of one that
// it names must be right. It returns a *Fault.
func OpenCheckpoint(signed []byte, p Policy) (Checkpoint, error) {
	if len(signed) > maxCheckpoint {
		return Checkpoint{}, malformed("a checkpoint of %d bytes", len(signed))
	}
	var known []note.Verifier
	for _, l := range p.logs {
		known = append(known, l.Verifier)
	}
	for _, w := range p.witnesses {
		known = append(known, w.Verifier)
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	var bad *note.InvalidSignatureError
	var none *note.UnverifiedNoteError
	switch {
	case errors.As(err, &bad):
		return Checkpoint{}, &Fault{-1, SignatureBad, fmt.Sprintf("the signature of the key %q is not valid", fmt.Sprintf("%s+%08x", bad.Name, bad.Hash))}
	case errors.As(err, &none):
		return Checkpoint{}, &Fault{-1, SignatureBad, "no key that is trusted signed the checkpoint" + signedBy(none.Note)}
	case err != nil:
		return Checkpoint{}, malformed("the checkpoint is not a signed note")
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	for _, l := range p.logs {
		if signedWith(n, l.Verifier) && l.Verifier.Name() == c.Origin {
			c.Signers = append(c.Signers, l.Verifier)
		}
	}
	if len(c.Signers) == 0 {
		return Checkpoint{}, &Fault{-1, ForeignOrigin, fmt.Sprintf("the checkpoint is of the log %q, and no trusted key of that name signed it", c.Origin)}
	}
	for _, w := range p.witnesses {
		if at, ok := cosigned(n, w.Verifier); ok {
			c.Witnesses = append(c.Witnesses, Cosignature{w.Verifier.Name(), w.Key, at})
		}
	}
	if p.quorum != nil && !p.quorum.met(func(v note.Verifier) bool { return signedWith(n, v) }) {
		return Checkpoint{}, &Fault{-1, QuorumNotMet, fmt.Sprintf("%d of the policy's %d witnesses signed the checkpoint, and they are no quorum",
			len(c.Witnesses), len(p.witnesses))}
	}
	return c, nil
}

// ParseCheckpoint reads a checkpoint without looking at its signatures: what it says is nobody's word. Policy and key are still
// needed to trust it; a witness uses it to find out which log is spoken of.
func ParseCheckpoint(signed []byte) (Checkpoint, error) {
	end := bytes.LastIndex(signed, []byte("\n\n"))
	if len(signed) > maxCheckpoint || end < 0 {
		return Checkpoint{}, malformed("the checkpoint is not a signed note")
	}
	return parseCheckpoint(string(signed[:end+1]))
}

// parseCheckpoint reads the signed text. Lines after the third are allowed by the specification and mean nothing here.
func parseCheckpoint(text string) (Checkpoint, error) {
	var c log.Checkpoint
	rest, err := c.Unmarshal([]byte(text))
	if err != nil || len(c.Hash) != tlog.HashSize || string(c.Marshal())+string(rest) != text {
		return Checkpoint{}, malformed("the checkpoint is not an origin, a size and a root")
	}
	if c.Size > maxSize {
		return Checkpoint{}, malformed("the checkpoint's size is larger than any log")
	}
	return Checkpoint{Origin: c.Origin, Size: int64(c.Size), Root: tlog.Hash(c.Hash), Text: text}, nil
}

// Extended tells whether the checkpoint has lines beside origin, size and root.
func (c Checkpoint) Extended() bool {
	return c.Text != string(log.Checkpoint{Origin: c.Origin, Size: uint64(c.Size), Hash: c.Root[:]}.Marshal()) //nolint:gosec // never negative
}

func signedWith(n *note.Note, v note.Verifier) bool {
	return slices.ContainsFunc(n.Sigs, func(s note.Signature) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() })
}

func cosigned(n *note.Note, v note.Verifier) (time.Time, bool) {
	for _, s := range n.Sigs {
		if s.Name == v.Name() && s.Hash == v.KeyHash() {
			at, err := cosignature.CoSigV1Timestamp(s)
			return at.UTC(), err == nil
		}
	}
	return time.Time{}, false
}

// signedBy names the keys of signatures that were ignored, for whoever gave the wrong key.
func signedBy(n *note.Note) string {
	const most = 4
	text := ""
	for i, s := range n.UnverifiedSigs {
		if i == most {
			return text + ", …"
		}
		if i == 0 {
			text = "; it names "
		} else {
			text += ", "
		}
		text += fmt.Sprintf("%q", fmt.Sprintf("%s+%08x", s.Name, s.Hash))
	}
	return text
}
