package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// compare tells why the log must be frozen; nothing when it need not. The root of the edge, the hashes that are stored, the last row, and the
// copy must be of one history.
func (n *publication) compare(ctx context.Context) (freeze, error) {
	e, err := newEdge(n.head.size, n.head.edge)
	if err != nil {
		return contradiction("its head is damaged"), nil //nolint:nilerr // it is the answer
	}
	root := e.root()
	if root != n.head.root {
		return contradiction("its head has a root that does not belong to its edge"), nil
	}
	n.tree = newStoredTree(ctx, n.conn, n.head.size, root)
	why, err := n.compareRow()
	if err != nil || why != (freeze{}) {
		return why, err
	}
	return n.compareCopy(ctx)
}

// compareRow compares the tree with itself and with the last row.
func (n *publication) compareRow() (freeze, error) {
	last := n.head.last
	if last.Size > n.head.size {
		return contradiction(fmt.Sprintf("it has %d entries, and a checkpoint of %d", n.head.size, last.Size)), nil
	}
	if n.head.size > 0 {
		if _, err := n.tree.rootAt(n.head.size); err != nil {
			return freeze{}, err
		}
	}
	if last.Size == 0 {
		return freeze{}, nil
	}
	opened, err := note.Open(last.Note, n.keys)
	if unknown := (*note.UnverifiedNoteError)(nil); errors.As(err, &unknown) {
		return freeze{}, fmt.Errorf("the log's last checkpoint is signed by none of the keys that this instance has (%v): every instance of a log needs the same keys",
			n.keys.Active())
	}
	damaged := contradiction(fmt.Sprintf("its checkpoint of %d entries is damaged", last.Size))
	if err != nil {
		return damaged, nil //nolint:nilerr // it is the answer
	}
	size, root, err := parseCheckpointText(n.log.origin, opened.Text)
	if err != nil || size != last.Size || string(root[:]) != string(last.Root) {
		return damaged, nil //nolint:nilerr // it is the answer
	}
	same, err := n.tree.extends(size, root)
	if err == nil && !same {
		return contradiction(fmt.Sprintf("its first %d entries are not those of its checkpoint", last.Size)), nil
	}
	return freeze{}, err
}

func contradiction(what string) freeze {
	return freeze{why: "The database contradicts itself: " + what + ". It must be restored from a backup."}
}

// compareCopy compares the tree with the copy. A disagreement that was acknowledged is marked in the copy.
func (n *publication) compareCopy(ctx context.Context) (freeze, error) {
	why, err := n.disagreement(ctx)
	if err != nil || why == "" {
		return freeze{}, err
	}
	s := n.copy.state
	f := freeze{why, true, s.size, s.root, s.sum()}
	index, found, err := readIndex(ctx, n.conn, f.entryID(n.log.origin))
	if err != nil || !found {
		return f, err
	}
	if n.tree, err = n.mark(index + 1); err != nil {
		return freeze{}, err
	}
	return freeze{}, nil
}

// disagreement is a sentence that says how the copy disagrees with the tree; empty when it does not.
func (n *publication) disagreement(ctx context.Context) (string, error) {
	s := n.copy.state
	if s.fault == "" && s.size <= n.head.size {
		if err := n.compareRecords(ctx); err != nil {
			return "", err
		}
	}
	switch {
	case s.fault != "":
		return "The copy of the checkpoints that is kept outside the database is not as it should be: " + s.fault + ".", nil
	case s.size > n.head.size:
		return fmt.Sprintf("The database has %d entries, and a checkpoint kept outside it is of %d: it was set back, or lost what was recorded.",
			n.head.size, s.size), nil
	}
	same, err := n.tree.extends(s.size, s.root)
	if err != nil || same {
		return "", err
	}
	return fmt.Sprintf("The database has another history than a checkpoint of %d entries that is kept outside it.", s.size), nil
}

// mark notes in the copy that its disagreement was acknowledged when the log had size entries.
func (n *publication) mark(size int64) (*storedTree, error) {
	if err := n.step("break"); err != nil {
		return nil, err
	}
	root, err := n.tree.rootAt(size)
	if err != nil {
		return nil, err
	}
	sum := n.copy.state.sum()
	signed, err := n.keys.sign(breakText(n.log.origin, size, root, sum[:]))
	if err != nil {
		return nil, err
	}
	return n.tree, n.copy.append(signed, n.keys)
}

// compareRecords compares the records since the last break that were not compared yet with the rows of the database; those that have no
// row, with the tree. A record that disagrees becomes the copy's fault.
func (n *publication) compareRecords(ctx context.Context) error {
	const together = 1024
	records := make([]copyRecord, 0, together)
	from := max(n.file.compared, n.copy.state.base)
	err := n.copy.each(from, n.copy.state.end, func(at int64, text []byte) error {
		r, ok := recordOf(n.log.origin, at, text)
		if !ok {
			n.copy.state.spoil("the record at byte %d was changed while it was read", at)
			return nil
		}
		if r.size != n.copy.state.size { // the newest is compared by itself
			records = append(records, r)
		}
		if len(records) < together {
			return nil
		}
		defer func() { records = records[:0] }()
		return n.compareSome(ctx, records)
	})
	if err == nil {
		err = n.compareSome(ctx, records)
	}
	if err == nil && n.copy.state.fault == "" {
		n.file.compared = n.copy.state.end
	}
	return err
}

func (n *publication) compareSome(ctx context.Context, records []copyRecord) error {
	if len(records) == 0 {
		return nil
	}
	sizes := make([]int64, 0, len(records))
	for _, r := range records {
		sizes = append(sizes, r.size)
	}
	roots, err := readCheckpointRoots(ctx, n.conn, sizes)
	if err != nil {
		return err
	}
	for _, r := range records {
		root, ok := roots[r.size]
		if !ok {
			if root, err = n.rootAt(r.size); err != nil {
				return err
			}
		}
		if root != r.root {
			n.copy.state.spoil("the record at byte %d has another root for %d entries than the log", r.at, r.size)
		}
	}
	return nil
}

func (n *publication) rootAt(size int64) (tlog.Hash, error) {
	if size == n.tree.size {
		return n.tree.root, nil
	}
	return n.tree.rootAt(size)
}
