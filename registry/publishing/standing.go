package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// Standing is how a change stands with a customer: before it is announced as it would be if its notice went out within the hour, after that as it is.
type Standing struct {
	Concerned
	Stance     Stance         `json:"stance"`
	StartsOn   *registry.Date `json:"starts_on,omitempty"` // absent where it does not start for the customer as things stand
	Answer     string         `json:"answer,omitempty"`
	AnsweredAt *time.Time     `json:"answered_at,omitempty"`
	// Unwarned says that the change is an emergency and the contract does not permit one.
	Unwarned bool `json:"unwarned,omitempty"`
}

// Standings are how a change stands, at at, with each customer that it concerns, in the order of their names. NotFound where there is no such change.
func (d *Desk) Standings(ctx context.Context, at time.Time, id uuid.UUID) ([]Standing, error) {
	c, err := d.Change(ctx, id)
	if err != nil {
		return nil, err
	}
	rules, err := readRules(ctx, d.db)
	if err != nil {
		return nil, err
	}
	told := at.Add(NoticeWindow)
	if c.AnnouncedAt != nil {
		told = *c.AnnouncedAt
	}
	concerned, err := rules.Concerned(&c, told)
	if err != nil {
		return nil, err
	}
	if c.AnnouncedAt == nil {
		all := make([]Standing, 0, len(concerned))
		for _, one := range concerned {
			all = append(all, Standing{Concerned: one, Stance: Waiting, StartsOn: &one.Earliest, Unwarned: c.Emergency && !one.Waives})
		}
		return all, nil
	}
	cases, err := ReadCases(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	all := make([]Standing, 0, len(cases))
	for _, one := range cases {
		all = append(all, one.standing(at))
	}
	return all, nil
}

func (c Case) standing(at time.Time) Standing {
	s := Standing{
		Concerned: Concerned{
			CustomerID: c.Customer.ID, Customer: c.Customer.Name, Authorisation: c.Customer.Authorisation, Waives: c.Customer.Emergency,
		},
		Stance: c.Stance(at), Answer: c.Reach.Answer, AnsweredAt: c.Reach.AnsweredAt, Unwarned: c.Emergency && !c.Customer.Emergency,
	}
	if c.Reach.NoticeEnds != nil {
		s.NoticeEnds = c.Reach.NoticeEnds.UTC()
	}
	if c.Reach.ObjectionEnds != nil {
		s.ObjectionEnds = c.Reach.ObjectionEnds.UTC()
	}
	if day, ok := c.Starts(at); ok {
		s.StartsOn, s.Earliest = &day, day
		s.InTime = !c.EffectiveOn.Before(day)
	}
	return s
}

// Later is how many customers start with a change after its own day, and until when that takes.
type Later struct {
	Customers int            `json:"customers"`
	LastOn    *registry.Date `json:"last_on,omitempty"` // when the last of those starts of whom it is known; absent where nobody starts later
	Unknown   int            `json:"unknown"`           // of whom nobody can say yet when it starts, or whether
}

// LaterOf counts who of some customers starts with the change after its day, as things stand: those whose periods are longer, in a change that is
// staged, and those who answered or were asked late. Who has refused does not count.
func (c *Change) LaterOf(all []Standing) Later {
	var later Later
	for _, one := range all {
		switch {
		case one.Stance == Refused:
		case one.StartsOn == nil:
			later.Unknown++
		case c.EffectiveOn.Before(*one.StartsOn):
			later.Customers++
			if later.LastOn == nil || later.LastOn.Before(*one.StartsOn) {
				later.LastOn = one.StartsOn
			}
		}
	}
	return later
}
