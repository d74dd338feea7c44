package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/google/uuid"
)

// pruned takes the hashes of what was pruned from the tiles, which must be whole. Whether they belong to the root shows at the end.
func (v *verifier) pruned(ctx context.Context, s *snapshot) error {
	if v.kept > v.size-v.size%tileWidth {
		return &Fault{v.size, "more was pruned than complete tiles cover"}
	}
	for v.next < v.kept {
		tiles, err := s.tiles(ctx, v.next/tileWidth, pageSize/tileWidth)
		if err != nil {
			return err
		}
		for until := min(v.next/tileWidth*tileWidth+pageSize, v.kept); v.next < until; v.next++ {
			t, ok := tiles[v.next/tileWidth]
			if !ok || len(t.hashes) != tileWidth*len(digest{}) {
				return &Fault{v.next, fmt.Sprintf("tile 0/%d is missing", v.next/tileWidth)}
			}
			place := int(v.next % tileWidth)
			hash := digest(t.hashes[place*len(digest{}):][:len(digest{})])
			if fault := v.tileDiffers(hash, page{tiles: tiles}); fault != nil {
				return fault
			}
			v.tree.push(0, hash)
		}
	}
	return nil
}

// nextSeq is the number that a line must have in its vendor's sequence. The first that is left of one that was pruned says it itself, and
// an entry must tell of those before it.
func (v *verifier) nextSeq(s *line) int64 {
	last, seen := v.seqs[s.VendorID]
	if !seen && v.kept > 0 && s.VendorSeq > 1 {
		v.begun = append(v.begun, beginning{s.VendorID, s.VendorSeq - 1, s.Index})
		return s.VendorSeq
	}
	return last + 1
}

// beginning is where what is left of a vendor's sequence begins.
type beginning struct {
	vendor uuid.UUID
	before int64 // the last number that is missing
	index  int64
}

// told is what an entry tells: that a vendor's sequence was pruned up to a number.
type told struct {
	vendor uuid.UUID
	last   int64
}

// notePruning notes what an entry tells of a pruning.
func (v *verifier) notePruning(s *Stored) {
	if s.Type != prunedType && s.Type != sequenceType {
		return
	}
	var leaf struct {
		Body struct {
			Next string `json:"next_index"`
			Last string `json:"last_seq"`
		} `json:"body"`
	}
	if json.Unmarshal(s.Leaf, &leaf) != nil { // it was checked as a leaf
		return
	}
	if s.Type == sequenceType {
		if last, err := strconv.ParseInt(leaf.Body.Last, 10, 64); err == nil {
			if v.ended == nil {
				v.ended = make(map[told]bool)
			}
			v.ended[told{s.VendorID, last}] = true
		}
		return
	}
	if v.prunings == nil {
		v.prunings = make(map[string]bool)
	}
	v.prunings[leaf.Body.Next] = true
}

// pruningTold checks that an entry tells of what is missing before the first line. That entry is younger, and so is there.
func (v *verifier) pruningTold() error {
	if v.kept > 0 && !v.prunings[strconv.FormatInt(v.kept, 10)] {
		return &Fault{v.kept - 1, "the line is missing, and no entry tells that it was pruned"}
	}
	for _, b := range v.begun {
		if !v.ended[told{b.vendor, b.before}] {
			return &Fault{b.index, fmt.Sprintf("the numbers of vendor %s before it are missing, and no entry tells that they were pruned", b.vendor)}
		}
	}
	return nil
}
