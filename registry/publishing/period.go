package publishing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// Concerned is how a change stands with one customer.
type Concerned struct {
	CustomerID    uuid.UUID     `json:"customer_id"`
	Customer      string        `json:"customer"`
	Authorisation string        `json:"authorisation"`
	NoticeEnds    time.Time     `json:"notice_ends,omitzero"`    // where the notice goes out when it was worked out
	ObjectionEnds time.Time     `json:"objection_ends,omitzero"` // likewise
	Earliest      registry.Date `json:"earliest,omitzero"`       // day, in the change's zone, on which it can start for the customer
	InTime        bool          `json:"in_time"`                 // that day is not after the effective day
	// Waives says that the contract permits an emergency replacement without the period.
	Waives bool `json:"waives_in_emergency"`
}

// Rules are what the periods of a change follow from.
type Rules struct {
	Settings  Settings
	Customers []Customer
	Calendars registry.Calendars
}

// Concerned works out how the change stands with each customer that it concerns, if its notice goes out at told: in the order of their names.
func (r *Rules) Concerned(c *Change, told time.Time) ([]Concerned, error) {
	zone, err := registry.ZoneOf(c.Zone)
	if err != nil {
		return nil, err
	}
	all := []Concerned{}
	for _, customer := range r.Customers {
		if !c.Concerns(customer) {
			continue
		}
		notice, err := r.Settings.NoticeOf(customer).Ends(told, r.Calendars)
		if err != nil {
			return nil, fmt.Errorf("the notice period of %s: %w", customer.Name, err)
		}
		objection, err := r.Settings.ObjectionOf(customer).Ends(told, r.Calendars)
		if err != nil {
			return nil, fmt.Errorf("the period in which %s may object: %w", customer.Name, err)
		}
		earliest := firstDay(notice, zone)
		all = append(all, Concerned{
			CustomerID: customer.ID, Customer: customer.Name, Authorisation: customer.Authorisation, NoticeEnds: notice, ObjectionEnds: objection,
			Earliest: earliest, InTime: !c.EffectiveOn.Before(earliest), Waives: customer.Emergency,
		})
	}
	return all, nil
}

// earliest is the first day on which the change can start for everybody.
func earliest(c *Change, all []Concerned) registry.Date {
	day := *c.EffectiveOn
	for _, one := range all {
		if day.Before(one.Earliest) {
			day = one.Earliest
		}
	}
	return day
}

// tooEarly refuses (Conflict) a change that would start inside of somebody's notice period, unless it is staged or an emergency. It names the customers.
func tooEarly(c *Change, all []Concerned) error {
	if c.Staged || c.Emergency {
		return nil
	}
	var late []string
	for _, one := range all {
		if !one.InTime {
			late = append(late, fmt.Sprintf("%s (not before %s)", one.Customer, one.Earliest))
		}
	}
	if len(late) == 0 {
		return nil
	}
	slices.Sort(late)
	shown := late[:min(len(late), 20)]
	more := ""
	if len(late) > len(shown) {
		more = fmt.Sprintf(" and %d more", len(late)-len(shown))
	}
	return registry.Refuse(registry.Conflict,
		"On %s the change would start inside of the notice period of %s%s. Choose a later day (%s suits everybody), or stage it, so that it starts later for them.",
		c.EffectiveOn, strings.Join(shown, ", "), more, earliest(c, all))
}
