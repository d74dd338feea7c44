package registry

import (
	stdjson "encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Dossier is everything known of one vendor that a share or a list is judged by: every version of every record, oldest first. The
// status of a contract is not filled in.
type Dossier struct {
	Vendor      []Recorded[Vendor]
	Engagements map[uuid.UUID][]Recorded[Engagement]
	Locations   map[uuid.UUID][]Recorded[Location] // by location id
	Contracts   map[uuid.UUID][]Recorded[Contract]
	Lineage     Lineage                  // of vendors that were merged: who became a part of whom
	Approvals   map[uuid.UUID][]Approval // by engagement id
}

// Recorded is one version of a record with its two times.
type Recorded[T any] struct {
	Value       T
	EffectiveAt time.Time // since when it holds in the world
	RecordedAt  time.Time
	ActorID     uuid.UUID // who wrote it
}

// InForce is the version of vs, oldest first, that held at t: of those whose EffectiveAt is not after t, the one recorded last; where t is
// before all of them, the first, since it is the best that is known of the time before.
//
// Versions follow each other in both times, except where a state was recorded as having begun earlier: then the version that says so was
// written with knowledge of all before it, and stands in place of them from its EffectiveAt on. So a vendor recorded on the 20th as active
// since the 10th is active on the 15th, whatever was edited on the 12th; and what is edited later holds from then on.
func InForce[T any](vs []Recorded[T], t time.Time) (T, bool) {
	if v := HeldAt(vs, t); v != nil {
		return *v, true
	}
	var none T
	return none, false
}

// HeldAt is the version that InForce returns, where it stands in vs, for reading only; nil where vs is empty.
func HeldAt[T any](vs []Recorded[T], t time.Time) *T {
	for i := len(vs) - 1; i >= 0; i-- {
		if !vs[i].EffectiveAt.After(t) {
			return &vs[i].Value
		}
	}
	if len(vs) > 0 {
		return &vs[0].Value
	}
	return nil
}

// KnownAt is the version of vs, oldest first, that was the newest recorded at t; false when none was recorded yet.
func KnownAt[T any](vs []Recorded[T], t time.Time) (T, bool) {
	for i := len(vs) - 1; i >= 0; i-- {
		if !vs[i].RecordedAt.After(t) {
			return vs[i].Value, true
		}
	}
	var none T
	return none, false
}

// approvalKind is how a dossier reads approvals, which have no versions.
const approvalKind = "approval"

func newDossier() Dossier {
	return Dossier{
		Engagements: map[uuid.UUID][]Recorded[Engagement]{},
		Locations:   map[uuid.UUID][]Recorded[Location]{},
		Contracts:   map[uuid.UUID][]Recorded[Contract]{},
		Approvals:   map[uuid.UUID][]Approval{},
	}
}

// add files a version; versions of a record come oldest first.
func (d *Dossier) add(row versionRow) error {
	var err error
	switch row.Kind {
	case vendorKind:
		d.Vendor, err = file(d.Vendor, row)
	case engagementKind:
		d.Engagements[row.RecordID], err = file(d.Engagements[row.RecordID], row)
	case locationKind:
		d.Locations[row.RecordID], err = file(d.Locations[row.RecordID], row)
	case contractKind:
		d.Contracts[row.RecordID], err = file(d.Contracts[row.RecordID], row)
	case approvalKind:
		var a Approval
		err = stdjson.Unmarshal([]byte(row.Body), &a)
		d.Approvals[a.EngagementID] = append(d.Approvals[a.EngagementID], a)
	default:
		err = fmt.Errorf("a version of a %q, which is no kind of record", row.Kind)
	}
	if err != nil {
		return fmt.Errorf("read version %d of %s %s: %w", row.Version, row.Kind, row.RecordID, err)
	}
	return nil
}

func file[T any](vs []Recorded[T], row versionRow) ([]Recorded[T], error) {
	v := Recorded[T]{EffectiveAt: row.EffectiveAt, RecordedAt: row.RecordedAt, ActorID: row.ActorID}
	err := stdjson.Unmarshal([]byte(row.Body), &v.Value)
	return append(vs, v), err
}
