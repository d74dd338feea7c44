package proof

import (
	"encoding/json"
	"fmt"
)

// sequence checks that the leaves of a bundle are a whole scope. Every leaf that it is told is proved to be in the log already.
type sequence struct {
	m           *Manifest
	from, until string // as leaves write them; empty: no bound
	order       *order
	first       int64 // place at which the sequence begins: 0 of the log, 1 of a vendor, more where it was pruned
	pruned      int64 // how much of it was
	last        int64 // index of the leaf before; -1 before the first
	lastPlace   int64 // its place in the sequence that the scope is of: index, or the vendor's number
	closed      bool  // the neighbour after the period was there: only report.begun may follow after a gap
	skipped     bool  // there was that gap
	ended       bool  // report.begun was there
}

func newSequence(m *Manifest) *sequence {
	s := &sequence{m: m, last: -1}
	if m.Scope.VendorID != "" {
		s.first = 1
	}
	if !m.Scope.RecordedFrom.IsZero() {
		s.from = m.Scope.RecordedFrom.Format(instantLayout)
	}
	if !m.Scope.RecordedUntil.IsZero() {
		s.until = m.Scope.RecordedUntil.Format(instantLayout)
	}
	s.order = newOrder(m.Origin, s.from == "" && m.Scope.VendorID == "")
	return s
}

// prune lets the sequence begin after what a leaf, which is in the log, tells to be pruned.
func (s *sequence) prune(index int64, m *members) error {
	vendor := s.m.Scope.VendorID
	kind := prunedType
	if vendor != "" {
		kind = sequenceType
	}
	to, ok := prunedTo(m)
	switch {
	case !m.known || !m.of(s.m.Origin) || string(m.kind) != kind || !ok:
		return &Fault{index, OutOfScope, "the leaf in " + prunedName + " does not tell of a pruning of what the report is about"}
	case string(m.vendorID) != vendor:
		return &Fault{index, OutOfScope, "the leaf in " + prunedName + " is not about the vendor of the report"}
	}
	s.pruned = to
	s.first += to
	s.order.pruning.happened = vendor == ""
	if s.until != "" { // the leaves that tell of vendors may not be here
		s.order.fromOne = false
	}
	return nil
}

// position checks an index before anything is known of its leaf.
func (s *sequence) position(index int64) *Fault {
	switch {
	case index <= s.last:
		return &Fault{s.last + 1, OutOfOrder, fmt.Sprintf("the leaf of index %d comes after that of %d", index, s.last)}
	case s.m.Scope.VendorID != "":
	case s.last < 0 && index > s.first && s.from == "":
		return &Fault{s.first, LeafMissing, fmt.Sprintf("the first leaf has index %d", index)}
	case s.last >= 0 && index != s.last+1 && (!s.closed || index != s.m.Begun):
		return &Fault{s.last + 1, LeafMissing, fmt.Sprintf("the leaf after it has index %d", index)}
	}
	if index > s.m.Begun {
		return &Fault{s.last + 1, OutOfScope, fmt.Sprintf("the leaf of index %d is not before report.begun at %d", index, s.m.Begun)}
	}
	return nil
}

// next checks the leaf at an index that position allowed.
func (s *sequence) next(index int64, m *members) *Fault {
	place := index
	if vendor := s.m.Scope.VendorID; vendor != "" {
		if string(m.vendorID) != vendor {
			return &Fault{index, OutOfScope, "the leaf is not about the vendor of the report"}
		}
		place = m.vendorSeq
	}
	if fault := s.placed(index, place, m); fault != nil {
		return fault
	}
	if s.last >= 0 && place != s.lastPlace+1 {
		s.skipped = true
	}
	s.last, s.lastPlace = index, place
	if s.skipped { // what is between is not here, so that no sequence can be followed over it
		s.order.seqs, s.order.fromOne = make(map[string]*int64), false
	}
	if fault := s.order.next(index, m); fault != nil {
		return fault
	}
	s.closed = s.until != "" && m.recordedAt != nil && string(m.recordedAt) >= s.until
	if index == s.m.Begun {
		return s.begun(m)
	}
	return nil
}

// placed checks the place of a leaf in its sequence, and at the beginning that nothing is missing before it.
func (s *sequence) placed(index, place int64, m *members) *Fault {
	switch {
	case s.last < 0 && place > s.first && s.from == "":
		return &Fault{index, SequenceGap, fmt.Sprintf("the first leaf is number %d of the vendor: those before it are missing", place)}
	case s.last < 0 && place > s.first && (m.recordedAt == nil || string(m.recordedAt) >= s.from):
		return &Fault{index, ScopeIncomplete, "the entry before the period is not here, so that nothing shows that the period is whole"}
	case s.last >= 0 && place != s.lastPlace+1 && (place <= s.lastPlace || !s.closed || index != s.m.Begun):
		return &Fault{index, SequenceGap, fmt.Sprintf("number %d of the vendor comes after number %d", place, s.lastPlace)}
	}
	return nil
}

// begun checks that the last leaf is the one that the report began with.
func (s *sequence) begun(m *members) *Fault {
	var body struct {
		ReportID string `json:"report_id"`
	}
	_ = json.Unmarshal(m.body, &body) // without it, the entry's own id is what is left
	if string(m.kind) != begunType || string(m.entryID) != s.m.ReportID && body.ReportID != s.m.ReportID {
		return &Fault{s.m.Begun, OutOfScope, "the last leaf is not the entry report.begun of this report"}
	}
	s.ended = true
	return nil
}

// end checks that the scope was reached to its end.
func (s *sequence) end() *Fault {
	if s.ended {
		return s.order.pruning.sequencesTold(0)
	}
	index := s.last + 1
	if s.m.Scope.VendorID != "" {
		index = s.m.Begun
	}
	return &Fault{index, LeafMissing, fmt.Sprintf("the leaves end after index %d, before report.begun at %d", s.last, s.m.Begun)}
}
