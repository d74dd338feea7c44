package publishing

import (
	"time"

	"onward/registry"
)

// Stance is whether a change may start for a customer.
type Stance string

// The stances.
const (
	Accepted Stance = "accepted" // it may, from the day of Starts on
	Refused  Stance = "refused"  // it may not
	Waiting  Stance = "waiting"  // nobody can say yet
)

// Case is all that says whether and when a change starts for a customer.
type Case struct {
	EffectiveOn registry.Date // of the change
	Zone        *time.Location
	Emergency   bool // the change is one
	Customer    Customer
	Reach       ChangeCustomer
	Objections  []Objection
}

// Stance is where the customer stands at t. While an objection is open, nobody knows; one that is upheld is a no. Else an answer that was given
// counts, and when the period to object is over, silence: under a general authorisation it is a yes, under a specific one a no (GDPR,
// Article 28(2)): by the authorisation as it is, unless what silence meant was written down. An objection that was rejected or withdrawn is no answer.
func (c Case) Stance(t time.Time) Stance {
	upheld, open := c.contested()
	switch {
	case upheld:
		return Refused
	case open:
		return Waiting
	case c.Reach.Answer == AnswerAccepted, c.Reach.Answer == AnswerSilent:
		return Accepted
	case c.Reach.Answer == AnswerRefused:
		return Refused
	case !c.Reach.Over(t):
		return Waiting
	case c.Customer.Authorisation == General:
		return Accepted
	default:
		return Refused
	}
}

func (c Case) contested() (upheld, open bool) {
	for _, o := range c.Objections {
		upheld, open = upheld || o.State == ObjectionUpheld, open || o.State == ObjectionOpen
	}
	return upheld, open
}

// Starts is the earliest day, in the change's zone, on which the change starts for the customer, as things stand at t: no day before its effective
// day, before the notice period is over, before its answer came or before its objection was decided; where it has not said yes, none before
// silence counts, and where silence means no, none before t. Of a change that is an emergency, and a contract that permits it, the periods count
// for nothing. False where the change does not start for it as things stand: it is refused, an objection is open, or its periods are not known.
func (c Case) Starts(t time.Time) (registry.Date, bool) {
	stance := c.Stance(t)
	_, open := c.contested()
	if stance == Refused || open {
		return registry.Date{}, false
	}
	first := c.EffectiveOn.Start(c.Zone)
	wait := func(until time.Time) {
		if until.After(first) {
			first = until
		}
	}
	said := c.Reach.Answer == AnswerAccepted
	if !c.Emergency || !c.Customer.Emergency {
		if c.Reach.NoticeEnds == nil || c.Reach.ObjectionEnds == nil {
			return registry.Date{}, false
		}
		wait(*c.Reach.NoticeEnds)
		switch {
		case said:
			if c.Reach.AnsweredAt != nil {
				wait(*c.Reach.AnsweredAt)
			}
		case c.Customer.Authorisation == General, c.Reach.Answer == AnswerSilent:
			wait(*c.Reach.ObjectionEnds)
		default:
			wait(t)
		}
	}
	for _, o := range c.Objections {
		if o.DecidedAt != nil {
			wait(*o.DecidedAt)
		}
	}
	return firstDay(first, c.Zone), true
}

// firstDay is the first day that begins at t or after it.
func firstDay(t time.Time, zone *time.Location) registry.Date {
	day := registry.DateOf(t.In(zone))
	if day.Start(zone).Before(t) {
		return after(day, 1)
	}
	return day
}
