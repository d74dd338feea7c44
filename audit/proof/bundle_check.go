package proof

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// BundleOptions are what a check of a bundle may go by.
type BundleOptions struct {
	// Previous is an earlier checkpoint, signed; nil when there is none. The bundle must show that the log only grew since.
	Previous []byte
	// Selector says what the filter selects; without it the rows are not checked.
	Selector Selector
}

// Proved is what a check proved.
type Proved struct {
	Checkpoint Checkpoint
	// Previous is the earlier checkpoint with which consistency was proved; nil when none was given.
	Previous *Checkpoint
	// Leaves is how many entries were proved to be in the log, from First to Last; of a log of which only hashes were read, how many
	// hashes.
	Leaves, First, Last int64
	// Pruned is how many entries from the log's beginning on were pruned, as an entry tells; of a vendor's bundle, how many of its
	// numbers. Unread is how many after them could not be read, because they share a tile with pruned ones: their hashes are proved.
	Pruned, Unread int64
	// Vendors is how many vendors' sequences were followed.
	Vendors int
	// Unknown is how many leaves are of a version that this program does not know: proved, but not read.
	Unknown int64
	// Types counts the entries by type.
	Types map[string]int64
	// Rows is how many rows of shares.csv were compared; -1 when they were not.
	Rows int64
	// HashesOnly is true when the leaves themselves were not read.
	HashesOnly bool
}

// Check proves the bundle against a policy: the checkpoint is signed, every leaf is in its tree, the leaves are the whole scope up to
// report.begun, and shares.csv is what the filter selects. It reads leaves.ndjson once, and once more for the rows; memory does not
// grow with it. It returns a *Fault for what is wrong.
func (b *Bundle) Check(ctx context.Context, p Policy, o BundleOptions) (Proved, error) {
	c, err := OpenCheckpoint(b.Checkpoint, p)
	if err != nil {
		return Proved{}, err
	}
	switch {
	case c.Origin != b.Manifest.Origin:
		return Proved{}, &Fault{-1, ForeignOrigin, "report.json and checkpoint are of two logs"}
	case c.Size != b.Manifest.CheckpointSize:
		return Proved{}, malformed("report.json and checkpoint disagree about the size of the log")
	case c.Size <= b.Manifest.Begun:
		return Proved{}, &Fault{b.Manifest.Begun, LeafMissing, "the checkpoint does not cover report.begun"}
	}
	t, err := openTree(ctx, c.Size, c.Root, b.tile)
	if err != nil {
		return Proved{}, err
	}
	proved := Proved{Checkpoint: c, Rows: -1}
	if o.Previous != nil {
		if proved.Previous, err = since(ctx, t, o.Previous, p); err != nil {
			return Proved{}, err
		}
	}
	begun, err := b.checkLeaves(ctx, t, &proved)
	if err != nil {
		return Proved{}, err
	}
	if o.Selector != nil && b.HasRows {
		if proved.Rows, err = b.checkRows(ctx, o.Selector, begun); err != nil {
			return Proved{}, err
		}
	}
	return proved, nil
}

// since proves that an earlier checkpoint is of a beginning of the tree. Witnesses may not have signed it yet when it was kept.
func since(ctx context.Context, t *tree, signed []byte, p Policy) (*Checkpoint, error) {
	p.quorum = nil
	earlier, err := OpenCheckpoint(signed, p)
	if err != nil {
		return nil, fmt.Errorf("the previous checkpoint: %w", err)
	}
	return &earlier, t.consistent(ctx, earlier)
}

// checkLeaves proves every leaf and the scope, and returns the last one.
func (b *Bundle) checkLeaves(ctx context.Context, t *tree, proved *Proved) (begun Leaf, err error) {
	s := newSequence(&b.Manifest)
	if err := b.checkPruned(ctx, t, s); err != nil {
		return begun, err
	}
	proved.Pruned = s.pruned
	var m members
	err = b.eachLeaf(ctx, func(index int64, leaf []byte) error {
		if fault := s.position(index); fault != nil {
			return fault
		}
		if err := t.holds(ctx, index, leaf); err != nil {
			return err
		}
		if what := m.read(leaf); what != "" {
			return &Fault{index, LeafMalformed, what}
		}
		if fault := s.next(index, &m); fault != nil {
			return fault
		}
		if proved.Leaves == 0 {
			proved.First = index
		}
		proved.Leaves++
		if s.ended {
			begun = m.leaf()
		}
		return nil
	}, func() int64 { return s.last + 1 })
	if err != nil {
		return begun, err
	}
	if fault := s.end(); fault != nil {
		return begun, fault
	}
	if proved.Leaves != b.Manifest.Leaves || proved.First != b.Manifest.First {
		return begun, malformed("report.json speaks of %d leaves from index %d, and there are %d from %d",
			b.Manifest.Leaves, b.Manifest.First, proved.Leaves, proved.First)
	}
	proved.Last, proved.Vendors, proved.Unknown, proved.Types = s.last, len(s.order.seqs), s.order.unknown, s.order.types
	return begun, nil
}

// checkPruned proves the leaf that tells of what was pruned, where there is one, and lets the sequence begin after that.
func (b *Bundle) checkPruned(ctx context.Context, t *tree, s *sequence) error {
	if b.files[prunedName] == nil {
		return nil
	}
	line, err := b.read(prunedName, maxLeaf+32)
	if err != nil {
		return err
	}
	digits, leaf, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	index, parsed := readIndex(digits)
	if !ok || !parsed || index >= t.size {
		return malformed("%s is not an index of the log, a space and a leaf", prunedName)
	}
	if err := t.holds(ctx, index, leaf); err != nil {
		return err
	}
	var m members
	if what := m.read(leaf); what != "" {
		return &Fault{index, LeafMalformed, what}
	}
	return s.prune(index, &m)
}

// holds proves that a leaf is in the tree at an index.
func (t *tree) holds(ctx context.Context, index int64, leaf []byte) error {
	want, err := t.leaf(ctx, index)
	var fault *Fault
	if errors.As(err, &fault) && fault.Index < index {
		return &Fault{index, fault.Kind, fault.What} // the leaves before it in the tile are not spoken of, or are proved
	}
	if err != nil {
		return err
	}
	if tlog.RecordHash(leaf) != want {
		return &Fault{index, LeafAltered, "the leaf is not the one that the log signed"}
	}
	return nil
}

// eachLeaf reads leaves.ndjson. The leaf is good for one call. A line that is none is a fault of the index that next tells.
func (b *Bundle) eachLeaf(ctx context.Context, do func(index int64, leaf []byte) error, next func() int64) error {
	file, err := b.open("leaves.ndjson")
	if err != nil {
		return err
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, maxLeaf+32)
	for ctx.Err() == nil {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return at(next(), unreadable("leaves.ndjson", err))
		}
		digits, leaf, ok := bytes.Cut(line, []byte(" "))
		index, parsed := readIndex(digits)
		if err != nil || !ok || !parsed {
			return &Fault{next(), Malformed, "a line of leaves.ndjson is not an index, a space and a leaf"}
		}
		if err := do(index, leaf[:len(leaf)-1]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// at gives a fault that has no index the first one that was not reached.
func at(index int64, err error) error {
	var fault *Fault
	if errors.As(err, &fault) && fault.Index < 0 {
		return &Fault{index, fault.Kind, fault.What}
	}
	return err
}

func readIndex(digits []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == string(digits)
}

// checkRows compares shares.csv with what the filter selects.
func (b *Bundle) checkRows(ctx context.Context, selector Selector, begun Leaf) (int64, error) {
	s, err := selector(b.Manifest.Filter, begun)
	if err != nil {
		return 0, &Fault{-1, RowsDiffer, fmt.Sprintf("the filter in report.json is not that of the entry report.begun: %v", err)}
	}
	if !b.Manifest.Scope.Covers(s.Scope) {
		return 0, &Fault{-1, ScopeIncomplete, "the filter selects more than the scope of the bundle"}
	}
	none := func() int64 { return -1 }
	if s.See != nil {
		if err := b.eachLeaf(ctx, s.See, none); err != nil {
			return 0, err
		}
	}
	file, err := b.open("shares.csv")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	t, err := newRows(file, s)
	if err != nil {
		return 0, err
	}
	if err := b.eachLeaf(ctx, t.leaf, none); err != nil {
		return 0, err
	}
	return t.n, t.end(b.Manifest.Begun)
}
