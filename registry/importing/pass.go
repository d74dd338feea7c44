package importing

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
)

// pass goes once through what a file states and compares each statement with the registry. A dry one does the same and writes nothing.
type pass struct {
	reg   *registry.Registry
	codes registry.Codes
	known *known
	by    audit.Actor
	at    time.Time
	today registry.Date
	dry   bool
	state registry.VendorState
	moves []*Line // of vendors to their states
}

// growing are the lists of a record that an import adds to and never takes from.
var (
	growingOfVendor     = []string{"kinds", "other_names", "identifiers", "contacts", "certifications"}
	growingOfEngagement = []string{"earlier_changes"}
)

func (p *pass) vendor(ctx context.Context, s *vendorStatement) error {
	v, reasons := p.known.vendor(s)
	if id := s.fields.ParentID; id != nil && p.known.vendors[*id] == nil {
		reasons = append(reasons, contradiction("/parent_id", "there is no vendor %s", id)...)
	}
	if len(reasons) > 0 {
		s.refuse(reasons)
		return nil
	}
	ok, err := p.settleVendor(ctx, s, &v)
	if err != nil {
		return err
	}
	if !ok {
		s.refuseParts("the vendor was refused")
		return nil
	}
	for _, e := range s.engagements {
		if err := p.engagement(ctx, v, e); err != nil {
			return err
		}
	}
	return p.advance(ctx, v, s)
}

// settleVendor creates or changes the vendor; false when it was refused.
func (p *pass) settleVendor(ctx context.Context, s *vendorStatement, v **knownVendor) (bool, error) {
	if *v == nil {
		*v = &knownVendor{Vendor: registry.Vendor{VendorFields: s.fields, State: registry.Proposed, CreatedBy: p.by.ID}}
		if other := p.known.byOtherName[fold(s.fields.Name)]; other != nil {
			s.lines[0].Notes = append(s.lines[0].Notes, "it is also another name of "+other.Name+", which was left as it is")
		}
		return p.create(s.lines, s.fields, func() (uuid.UUID, error) {
			made, err := p.reg.CreateVendor(ctx, p.by, p.at, s.fields)
			(*v).Vendor = made
			return made.ID, err
		})
	}
	stated := s.fields
	if (*v).isCalled(stated.Name) {
		stated.Name = (*v).Name
	}
	stated.OtherNames = nil
	for _, n := range s.fields.OtherNames {
		if fold(n.Name) != fold((*v).Name) {
			stated.OtherNames = append(stated.OtherNames, n)
		}
	}
	return change(p, s.lines, (*v).ID, &(*v).VendorFields, stated, growingOfVendor, func(patch []byte) error {
		made, err := p.reg.ChangeVendor(ctx, p.by, p.at, (*v).ID, (*v).Version, registry.VendorPatch{Fields: patch, Reason: "imported"})
		if err == nil {
			(*v).Vendor = made
		}
		return err
	})
}

func (p *pass) engagement(ctx context.Context, v *knownVendor, s *engagementStatement) error {
	e, reasons := p.known.engagement(v, s)
	if id := s.fields.EngagedByID; id != nil && !p.known.engagements[*id] {
		reasons = append(reasons, contradiction("/engaged_by_id", "there is no engagement %s", id)...)
	}
	if len(reasons) > 0 {
		s.refuse(reasons)
		return nil
	}
	var ok bool
	var err error
	if e == nil {
		made := registry.Engagement{EngagementFields: s.fields}
		decideListing(&made.EngagementFields, s.listed, v.Kinds)
		ok, err = p.create(s.lines, made.EngagementFields, func() (uuid.UUID, error) {
			made, err = p.reg.CreateEngagement(ctx, p.by, p.at, v.ID, made.EngagementFields)
			return made.ID, err
		})
		if ok {
			v.engagements = append(v.engagements, made)
			e = &made
		}
	} else {
		ok, err = p.changeEngagement(ctx, e, s)
	}
	if err != nil {
		return err
	}
	if !ok {
		s.refuseParts("the engagement was refused")
		return nil
	}
	return p.locations(ctx, e, s)
}

func (p *pass) changeEngagement(ctx context.Context, e *registry.Engagement, s *engagementStatement) (bool, error) {
	stated := s.fields
	if stated.Listed = e.Listed; s.listed != nil {
		stated.Listed = *s.listed
	}
	if stated.Listed && stated.ListedReason == "" && e.ListedReason == "" {
		stated.ListedReason = listedReason(stated, nil)
	}
	if e.Until != nil && stated.Until == nil && e.Until.Before(p.today) {
		s.lines[0].Notes = append(s.lines[0].Notes, "in the registry it ended on "+e.Until.String())
	}
	return change(p, s.lines, e.ID, &e.EngagementFields, stated, growingOfEngagement, func(patch []byte) error {
		made, err := p.reg.ChangeEngagement(ctx, p.by, p.at, e.ID, e.Version, patch)
		if err == nil {
			*e = made
		}
		return err
	})
}

func (p *pass) locations(ctx context.Context, e *registry.Engagement, s *engagementStatement) error {
	var among []registry.Location
	if e.ID != uuid.Nil && len(s.locations) > 0 {
		var err error
		if among, err = p.known.locations(ctx, e.ID); err != nil {
			return err
		}
	}
	for _, l := range s.locations {
		var err error
		if have := locationOf(among, l.fields, p.today); have == nil {
			_, err = p.create(l.lines, l.fields, func() (uuid.UUID, error) {
				made, err := p.reg.CreateLocation(ctx, p.by, p.at, e.ID, l.fields)
				return made.ID, err
			})
		} else {
			_, err = change(p, l.lines, have.ID, &have.LocationFields, l.fields, nil, func(patch []byte) error {
				_, err := p.reg.ChangeLocation(ctx, p.by, p.at, have.ID, have.Version, patch)
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// create makes a record and settles its lines; false when it was refused.
func (p *pass) create(lines []*Line, fields any, do func() (uuid.UUID, error)) (bool, error) {
	if reasons := check(p.codes, fields); len(reasons) > 0 {
		refuse(lines, reasons, "")
		return false, nil
	}
	var id *uuid.UUID
	if !p.dry {
		made, err := do()
		if err != nil {
			return refused(lines, err)
		}
		id = &made
	}
	settle(lines, Created, id)
	return true, nil
}

// change makes a record say what is stated and settles its lines; false when it was refused. In a dry run it changes have
// alone, so that what follows sees what it would see.
func change[T any](p *pass, lines []*Line, id uuid.UUID, have *T, stated T, growing []string, do func(patch []byte) error) (bool, error) {
	a, err := objectOf(*have)
	if err != nil {
		return false, err
	}
	b, err := objectOf(stated)
	if err != nil {
		return false, err
	}
	known := &id
	if id == uuid.Nil {
		known = nil
	}
	members, changes := a.patch(b, growing...)
	if len(members) == 0 {
		settle(lines, LeftAlone, known)
		return true, nil
	}
	patch, err := json.Marshal(members)
	if err != nil {
		return false, err
	}
	var merged T
	if err := registry.Merge(*have, patch, &merged); err != nil {
		return refused(lines, err)
	}
	if reasons := check(p.codes, merged); len(reasons) > 0 {
		refuse(lines, reasons, "")
		return false, nil
	}
	if p.dry {
		*have = merged
	} else if err := do(patch); err != nil {
		return refused(lines, err)
	}
	settle(lines, Changed, known)
	lines[0].Changes = changes
	return true, nil
}

// refused settles the lines by a refusal of the registry's; every other error is a fault and ends the import.
func refused(lines []*Line, err error) (bool, error) {
	var r *registry.Refusal
	if !errors.As(err, &r) || r.Kind == registry.Busy {
		return false, err
	}
	refuse(lines, reasonsOf(r), "")
	return false, nil
}
