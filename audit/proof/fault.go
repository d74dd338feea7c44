package proof

import "fmt"

// Kind is what sort of thing is wrong.
type Kind string

// The kinds of faults. The words are part of what the program prints for other programs.
const (
	LeafAltered            Kind = "leaf altered"             // a leaf has not the hash that the tree has at its index
	LeafMissing            Kind = "leaf missing"             // an entry that must be there is not
	LeafMalformed          Kind = "leaf malformed"           // a leaf is in the log and is not what its version demands
	OutOfOrder             Kind = "out of order"             // indices or times go back
	HashAltered            Kind = "hash altered"             // a tile is not in the tree that was signed
	CheckpointInconsistent Kind = "checkpoint inconsistent"  // one checkpoint is not a continuation of the other
	SignatureBad           Kind = "signature bad"            // a checkpoint is not signed by a key of the policy
	QuorumNotMet           Kind = "quorum not met"           // too few witnesses signed
	SequenceGap            Kind = "vendor sequence gap"      // a number of a vendor is missing or there twice
	RowsDiffer             Kind = "rows do not match leaves" // shares.csv is not what the filter selects
	ForeignOrigin          Kind = "foreign origin"           // something is of another log
	ScopeIncomplete        Kind = "scope incomplete"         // the leaves do not reach to the ends of what the report is about
	OutOfScope             Kind = "out of scope"             // a leaf is not of what the report is about
	Malformed              Kind = "malformed"                // it cannot be read
)

// Fault is what a check found: it is not as it was written, or not what it says it is.
type Fault struct {
	// Index is the first bad index; -1 where what is wrong belongs to no entry.
	Index int64
	Kind  Kind
	What  string // a sentence without its full stop
}

func (f *Fault) Error() string {
	if f.Index < 0 {
		return fmt.Sprintf("%s: %s", f.Kind, f.What)
	}
	return fmt.Sprintf("%s at index %d: %s", f.Kind, f.Index, f.What)
}

func malformed(format string, args ...any) *Fault {
	return &Fault{-1, Malformed, fmt.Sprintf(format, args...)}
}
