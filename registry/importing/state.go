package importing

import (
	"context"
	"slices"

	"onward/registry"
)

// advance moves a vendor that this actor proposed, step by step, to the state that was asked for. A vendor whose engagements are over, by
// the file and by the registry, winds down instead: it receives nothing more, and nothing proves that it deleted what it held.
func (p *pass) advance(ctx context.Context, v *knownVendor, s *vendorStatement) error {
	if v.CreatedBy != p.by.ID || p.state == "" || p.state == registry.Proposed {
		return nil
	}
	over := s.over(p.today) && v.over(p.today)
	steps := way(v.State, p.state, over)
	if len(steps) == 0 {
		return nil
	}
	first := s.lines[0]
	line := &Line{Row: first.Row, order: first.order, What: StateMove, Name: v.Name, Outcome: Changed, ID: first.ID, Changes: []registry.Difference{
		{Pointer: "/state", Before: string(v.State), After: string(steps[len(steps)-1])},
	}}
	reason := "imported as " + string(p.state)
	if over {
		reason = "imported with no engagement that is not over; no deletion is known"
		line.Notes = append(line.Notes, reason)
	}
	p.moves = append(p.moves, line)
	if p.dry {
		return nil
	}
	for _, to := range steps {
		made, err := p.reg.ChangeVendor(ctx, p.by, p.at, v.ID, v.Version, registry.VendorPatch{State: to, Reason: reason})
		if err != nil {
			_, err = refused([]*Line{line}, err)
			return err
		}
		v.Vendor = made
	}
	return nil
}

// way is the states from one, exclusive, to the one asked for; empty when the vendor is there or beyond.
func way(from, asked registry.VendorState, over bool) []registry.VendorState {
	life := []registry.VendorState{registry.Proposed, registry.Approved, registry.Active}
	if over {
		life = []registry.VendorState{registry.Proposed, registry.Approved, registry.WindingDown}
		asked = registry.WindingDown
		if from == registry.Active {
			return life[2:]
		}
	}
	at, to := slices.Index(life, from), slices.Index(life, asked)
	if at < 0 || to <= at {
		return nil
	}
	return life[at+1 : to+1]
}

// over says whether the file states engagements of the vendor and each has ended before today.
func (s *vendorStatement) over(today registry.Date) bool {
	return len(s.engagements) > 0 && !slices.ContainsFunc(s.engagements, func(e *engagementStatement) bool {
		return e.fields.Until == nil || !e.fields.Until.Before(today)
	})
}

// over says whether no engagement of the vendor in the registry lasts until today or longer.
func (v *knownVendor) over(today registry.Date) bool {
	return !slices.ContainsFunc(v.engagements, func(e registry.Engagement) bool {
		return e.Until == nil || !e.Until.Before(today)
	})
}
