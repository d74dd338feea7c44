package proof

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// The entries that tell of what was pruned: in the log of an index, and in a vendor's own sequence of a number.
const (
	prunedType   = "retention.pruned"
	sequenceType = "sequence.pruned"
)

// pruning is what entries tell of what was pruned, against what is missing. Whoever prunes says so first, in the log: what is missing
// without a word is missing.
type pruning struct {
	happened bool               // the log does not begin with its first entry
	nexts    map[int64]bool     // as entries tell, the first indices that were kept
	lasts    map[string][]int64 // as entries tell, the last numbers of vendors that were pruned; ascending
	begins   []beginning
}

// beginning is where what is left of a vendor's sequence begins.
type beginning struct {
	vendor string
	before int64 // the last number that is missing
	index  int64 // of the first entry that is there
}

// note notes what a leaf tells.
func (p *pruning) note(m *members) {
	switch string(m.kind) {
	case prunedType:
		if next, ok := prunedTo(m); ok {
			if p.nexts == nil {
				p.nexts = make(map[int64]bool)
			}
			p.nexts[next] = true
		}
	case sequenceType:
		if last, ok := prunedTo(m); ok && m.vendorID != nil {
			if p.lasts == nil {
				p.lasts = make(map[string][]int64)
			}
			p.lasts[string(m.vendorID)] = append(p.lasts[string(m.vendorID)], last)
		}
	}
}

// prunedTo is what a leaf tells of: the first index that was kept, or the last number of its vendor that was not.
func prunedTo(m *members) (int64, bool) {
	var body struct {
		Next string `json:"next_index"`
		Last string `json:"last_seq"`
	}
	if err := json.Unmarshal(m.body, &body); err != nil {
		return 0, false
	}
	if string(m.kind) == sequenceType {
		return readSeq([]byte(body.Last))
	}
	next, err := strconv.ParseInt(body.Next, 10, 64)
	return next, err == nil && next > 0
}

// told is the largest of what entries tell that is not above most; ok is false where there is none.
func told(told []int64, most int64) (largest int64, ok bool) {
	for _, t := range told {
		if t <= most && t >= largest {
			largest, ok = t, true
		}
	}
	return largest, ok
}

// sequencesTold checks that entries tell of all that is missing before the first number of each vendor, but for unread, which is how many
// entries that were kept could not be read.
func (p *pruning) sequencesTold(unread int64) *Fault {
	for _, b := range p.begins {
		last, ok := told(p.lasts[b.vendor], b.before)
		if unread -= b.before - last; !ok || unread < 0 {
			return &Fault{b.index, SequenceGap, fmt.Sprintf("the numbers up to %d of vendor %s are missing, and no entry tells that they were pruned", b.before, b.vendor)}
		}
	}
	return nil
}
