package registry

import (
	"context"
	stdjson "encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// anyVersion stands for the newest version of a record, whatever it is.
const anyVersion = -1

// The actions of a step.
const (
	StepPatch   = "patch"   // an RFC 7396 merge patch of the record's fields
	StepCreate  = "create"  // a record with these fields
	StepMove    = "move"    // a vendor into another state
	StepMerge   = "merge"   // a vendor into another, with the fields of a merger
	StepUnmerge = "unmerge" // the end of that, with its fields
)

// Step is what is done to one record: a vendor, an engagement or a location. It can be planned, and taken on another day.
type Step struct {
	RecordKind string    `json:"record_kind" validate:"required,oneof=vendor engagement location"`
	RecordID   uuid.UUID `json:"record_id"`
	// ParentID is where a record is created: the vendor of an engagement, the engagement of a location.
	ParentID *uuid.UUID `json:"parent_id,omitempty"`
	// Version is the one that whoever planned it saw; 0 of a record to be created.
	Version int64              `json:"version,omitempty" validate:"min=0"`
	Action  string             `json:"action" validate:"required,oneof=patch create move merge unmerge"`
	Fields  stdjson.RawMessage `json:"fields,omitempty"`
	State   VendorState        `json:"state,omitempty" validate:"omitempty,oneof=approved active winding_down ended"`
}

// Take takes a step in tx, which is that of a Change, at at; since is since when it holds in the world, zero is at. It goes by the newest
// version of the record where s.Version is 0, and refuses what the operation of that action refuses.
func (r *Registry) Take(ctx context.Context, tx bun.Tx, by audit.Actor, at, since time.Time, s Step) ([]audit.Entry, error) {
	version := s.Version
	if version == 0 {
		version = anyVersion
	}
	switch {
	case s.Action == StepMove && s.RecordKind == vendorKind:
		_, entries, err := changeVendorIn(ctx, tx, by, at, since, s.RecordID, version, VendorPatch{State: s.State})
		return entries, err
	case (s.Action == StepMerge || s.Action == StepUnmerge) && s.RecordKind == vendorKind:
		return turnIn(ctx, tx, by, at, since, s, version)
	case s.Action == StepPatch && s.RecordKind == vendorKind:
		_, entries, err := changeVendorIn(ctx, tx, by, at, since, s.RecordID, version, VendorPatch{Fields: s.Fields})
		return entries, err
	case s.Action == StepPatch && s.RecordKind == engagementKind:
		c := engagementChange(s.RecordID, version, s.Fields)
		c.since = since
		_, entries, err := applyIn(ctx, tx, by, at, c)
		return entries, err
	case s.Action == StepPatch && s.RecordKind == locationKind:
		c := locationChange(s.RecordID, version, s.Fields)
		c.since = since
		_, entries, err := applyIn(ctx, tx, by, at, c)
		return entries, err
	case s.Action == StepCreate && s.ParentID != nil && s.RecordKind != vendorKind:
		return createIn(ctx, tx, by, at, since, s)
	default:
		return nil, Refuse(Invalid, "A step patches a record, moves a vendor, or creates an engagement or a location of something.")
	}
}

// turnIn merges a vendor, or undoes it. A step says nothing of the past: it holds since it was taken.
func turnIn(ctx context.Context, tx bun.Tx, by audit.Actor, at, since time.Time, s Step, version int64) (entries []audit.Entry, err error) {
	if since.IsZero() {
		since = at
	}
	if s.Action == StepMerge {
		var f MergerFields
		if err := Decode(s.Fields, &f); err != nil {
			return nil, err
		}
		if f.Since != nil {
			return nil, InvalidField("/since", "must be absent: a planned merger holds since its day")
		}
		_, entries, err = mergeVendorIn(ctx, tx, by, at, &since, s.RecordID, version, f)
		return entries, err
	}
	var f UnmergerFields
	if err := Decode(s.Fields, &f); err != nil {
		return nil, err
	}
	if f.Since != nil {
		return nil, InvalidField("/since", "must be absent: it holds since its day")
	}
	_, entries, err = unmergeVendorIn(ctx, tx, by, at, &since, s.RecordID, version, f)
	return entries, err
}

// createIn creates an engagement or a location.
func createIn(ctx context.Context, tx bun.Tx, by audit.Actor, at, since time.Time, s Step) ([]audit.Entry, error) {
	at = instant(at)
	if since.IsZero() {
		since = at
	}
	v := revision{kind: s.RecordKind, id: s.RecordID, version: 1, verb: "created", effectiveAt: instant(since), recordedAt: at}
	switch s.RecordKind {
	case engagementKind:
		e := Engagement{ID: s.RecordID, Version: 1, VendorID: *s.ParentID, CreatedAt: at, UpdatedAt: at}
		if err := Decode(s.Fields, &e.EngagementFields); err != nil {
			return nil, err
		}
		if err := known(ctx, tx, e.check); err != nil {
			return nil, explainListing(ctx, tx, &e, err)
		}
		if err := insertEngagement(ctx, tx, e); err != nil {
			return nil, err
		}
		v.vendorID, v.after = e.VendorID, e
	case locationKind:
		l := Location{ID: s.RecordID, Version: 1, EngagementID: *s.ParentID, CreatedAt: at, UpdatedAt: at}
		if err := Decode(s.Fields, &l.LocationFields); err != nil {
			return nil, err
		}
		if err := l.check(); err != nil {
			return nil, err
		}
		e, err := newest[Engagement](ctx, tx, engagementKind, *s.ParentID, false)
		if err != nil {
			return nil, err
		}
		l.VendorID = e.VendorID
		if err := insertLocation(ctx, tx, l); err != nil {
			return nil, err
		}
		v.vendorID, v.after = l.VendorID, l
	default:
		return nil, fmt.Errorf("create a %s", s.RecordKind)
	}
	return add(ctx, tx, by, v)
}

// VendorOf is the vendor whose record a step is about. NotFound where there is none.
func (s Step) VendorOf(ctx context.Context, db bun.IDB) (uuid.UUID, error) {
	id, kind := s.RecordID, s.RecordKind
	if s.Action == StepCreate {
		if s.ParentID == nil {
			return uuid.Nil, Refuse(Invalid, "A step that creates a record names where.")
		}
		id = *s.ParentID
		kind = map[string]string{engagementKind: vendorKind, locationKind: engagementKind}[kind]
	}
	switch kind {
	case engagementKind:
		e, err := newest[Engagement](ctx, db, engagementKind, id, false)
		return e.VendorID, err
	case locationKind:
		l, err := newest[Location](ctx, db, locationKind, id, false)
		return l.VendorID, err
	default:
		v, err := newest[Vendor](ctx, db, vendorKind, id, false)
		return v.ID, err
	}
}
