package audit

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Fault is what Verify found: the log, or what stands beside it, is not as it was written.
type Fault struct {
	// Index is the first bad index. Of an entry that no completed tile covers yet it may be the start of the subtree that the entry
	// is in, and the log's size when the head itself, or something that is about no single entry, is bad.
	Index int64
	What  string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("the log is damaged at index %d: %s", f.Index, f.What)
}

// Verify reads the whole log and checks everything that can be checked from inside: indices without gaps, leaf hashes,
// tiles, edge and root, vendor sequences, times that never go back, columns that agree with their leaf, keys. It returns a *Fault
// that names the first bad index. It reads one snapshot, page by page, while others append.
//
// Of what was pruned it checks the hashes, which the tiles keep, and that entries tell of it: of all of it, and of each vendor's numbers before
// the first that is left.
//
// Somebody who can rewrite every table can make another log that agrees with itself: that one is found only by a checkpoint kept
// elsewhere.
func (l *Log) Verify(ctx context.Context) error {
	return l.readSnapshot(ctx, func(s *snapshot) error {
		v := &verifier{origin: l.origin, size: s.head.Size, kept: s.kept, seqs: make(map[uuid.UUID]int64)}
		if err := v.pruned(ctx, s); err != nil {
			return err
		}
		for v.next < v.size {
			p, err := s.page(ctx, v.next)
			if err != nil {
				return err
			}
			if err := v.page(p); err != nil {
				return err
			}
		}
		if err := v.pruningTold(); err != nil {
			return err
		}
		if err := v.headAgrees(s); err != nil {
			return err
		}
		if err := s.eachUpperTile(ctx, v.upperTile); err != nil {
			return err
		}
		if err := s.eachSeq(ctx, v.seq); err != nil {
			return err
		}
		return v.nothingElse(ctx, s)
	})
}

// verifier builds the log again from its leaves.
type verifier struct {
	origin string
	size   int64
	next   int64
	lastAt time.Time
	tree   rebuilt
	seqs   map[uuid.UUID]int64
	told   int // counters of vendors that were seen

	kept     int64           // index of the first entry that was not pruned
	prunings map[string]bool // next_index of the entries that tell of a pruning
	begun    []beginning     // of vendors' sequences that were pruned, in the order of the index
	ended    map[told]bool   // what entries tell of those
}

// page is what a snapshot has from one index on.
type page struct {
	lines []line
	tiles map[int64]storedTile // of level 0
	keys  map[uuid.UUID]int64  // entry id → index
}

func (v *verifier) page(p page) error {
	if len(p.lines) == 0 {
		return &Fault{v.next, "the line is missing"}
	}
	for i := range p.lines {
		if err := v.line(&p.lines[i], p); err != nil {
			return err
		}
	}
	return nil
}

// line checks one line against its leaf, its tile, its key and the lines before it.
func (v *verifier) line(s *line, p page) error {
	at := v.next
	if s.Index != at {
		return &Fault{at, fmt.Sprintf("the line is missing or there twice; the next one is %d", s.Index)}
	}
	hash := leafHash(s.Leaf)
	if !bytes.Equal(hash[:], s.LeafHash) {
		return &Fault{at, "the leaf does not have its hash"}
	}
	if fault := v.tileDiffers(hash, p); fault != nil {
		return fault
	}
	var seq int64
	if s.VendorID != uuid.Nil {
		seq = v.nextSeq(s)
		v.seqs[s.VendorID] = seq
	}
	switch key, ok := p.keys[s.EntryID]; {
	case s.VendorSeq != seq:
		return &Fault{at, fmt.Sprintf("it is the vendor's number %d and says %d", seq, s.VendorSeq)}
	case s.RecordedAt.Before(v.lastAt):
		return &Fault{at, "it was recorded before the one before it"}
	case !s.month.Equal(monthOf(s.RecordedAt)):
		return &Fault{at, "it is kept in another month than it was recorded in"}
	case !ok || key != at:
		return &Fault{at, "its key is missing or names another place"}
	}
	if what := differs(v.origin, &s.Stored); what != "" {
		return &Fault{at, what}
	}
	v.lastAt = s.RecordedAt
	v.notePruning(&s.Stored)
	v.tree.push(0, hash)
	v.next++
	return nil
}

// tileDiffers compares the next leaf's hash with the completed tile that must hold it.
func (v *verifier) tileDiffers(hash digest, p page) *Fault {
	n, place := v.next/tileWidth, v.next%tileWidth
	if n >= v.size/tileWidth {
		return nil
	}
	t, ok := p.tiles[n]
	switch {
	case !ok || len(t.hashes) != tileWidth*len(hash):
		return &Fault{v.next, fmt.Sprintf("tile 0/%d is missing", n)}
	case !bytes.Equal(hash[:], t.hashes[int(place)*len(hash):][:len(hash)]):
		return &Fault{v.next, fmt.Sprintf("tile 0/%d has another hash for it", n)}
	case place == tileWidth-1 && !bytes.Equal(t.root, rootOfTile(t.hashes)):
		return &Fault{n * tileWidth, fmt.Sprintf("tile 0/%d does not have its root", n)}
	}
	return nil
}
