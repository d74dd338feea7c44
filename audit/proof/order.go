package proof

import "fmt"

// maxVendors bounds what order remembers: as many vendors as no company has.
const maxVendors = 1 << 22

// order checks what must hold between an entry and those before it. Entries come in the order of the log.
type order struct {
	origin  string
	fromOne bool // sequences start at 1; otherwise at whatever comes first
	lastAt  string
	seqs    map[string]*int64
	unknown int64
	types   map[string]int64
	pruning pruning
}

func newOrder(origin string, fromOne bool) *order {
	return &order{origin: origin, fromOne: fromOne, seqs: make(map[string]*int64), types: make(map[string]int64)}
}

// next checks the entry at index.
func (o *order) next(index int64, m *members) *Fault {
	if !m.known {
		o.unknown++
	} else if !m.of(o.origin) {
		return &Fault{index, ForeignOrigin, fmt.Sprintf("the leaf is of another log than %q", o.origin)}
	}
	if m.recordedAt != nil {
		if string(m.recordedAt) < o.lastAt {
			return &Fault{index, OutOfOrder, "it was recorded before the entry before it"}
		}
		if string(m.recordedAt) != o.lastAt {
			o.lastAt = string(m.recordedAt)
		}
	}
	o.count(m.kind)
	if m.known {
		o.pruning.note(m)
	}
	if m.vendorID == nil {
		return nil
	}
	seq, ok := o.seqs[string(m.vendorID)]
	if !ok {
		if len(o.seqs) == maxVendors {
			return &Fault{index, Malformed, "there are more vendors than this program can follow"}
		}
		seq = new(int64)
		switch {
		case !o.fromOne:
			*seq = m.vendorSeq - 1
		case o.pruning.happened && m.vendorSeq > 1:
			*seq = m.vendorSeq - 1
			o.pruning.begins = append(o.pruning.begins, beginning{string(m.vendorID), *seq, index})
		}
		o.seqs[string(m.vendorID)] = seq
	}
	if want := *seq + 1; m.vendorSeq != want {
		return &Fault{index, SequenceGap, fmt.Sprintf("it must be number %d of vendor %s and says %d", want, m.vendorID, m.vendorSeq)}
	}
	*seq++
	return nil
}

// count counts types; there are a few dozen, and a log that has thousands is not given the memory for them.
func (o *order) count(kind []byte) {
	if _, ok := o.types[string(kind)]; ok || len(o.types) < 1000 {
		o.types[string(kind)]++
	}
}
