package publishing

import (
	"time"

	"onward/registry"
)

// The two ways of counting days, and the three events from which a period runs.
const (
	CalendarDays = "calendar"
	BusinessDays = "business"

	FromSent     = "sent"     // the notice was handed to the customer's mail server or web server
	FromReceived = "received" // the customer has it
	FromPosted   = "posted"   // the notice stands on the public page
)

// maxDays is the longest period of a clock.
const maxDays = 3650

// Clock is a period of days as a contract words it: "30 calendar days from the day on which the notice was sent".
type Clock struct {
	Number   int    `json:"number" validate:"min=1,max=3650"`
	Days     string `json:"days" validate:"required,oneof=calendar business"`
	From     string `json:"from" validate:"required,oneof=sent received posted"`
	Zone     string `json:"zone,omitempty" validate:"omitempty,zone"`     // in which its days begin and end; empty is UTC
	Calendar string `json:"calendar,omitempty" validate:"omitempty,code"` // whose holidays are no business days; empty: weekends only
}

// Ends is the instant at which a period that began at begins is over: the first one after its last day, in the clock's zone. The day on which it
// begins does not count (Regulation (EEC, Euratom) 1182/71, Article 3(1)), however early in it; a period of no days is over as it begins. Calendar
// days run on through weekends and holidays, and end on them too. Business days are Monday to Friday without the calendar's holidays. It refuses a
// number of days that no contract has, a zone or calendar that does not exist (Invalid), and a period that runs past the days of which the
// calendar knows (Conflict): it never takes a holiday for a business day because nobody has entered it yet.
func (c Clock) Ends(begins time.Time, holidays registry.Calendars) (time.Time, error) {
	zone, err := registry.ZoneOf(c.Zone)
	if err != nil {
		return time.Time{}, registry.Refuse(registry.Invalid, "There is no time zone %.60q.", c.Zone)
	}
	if c.Number < 0 || c.Number > maxDays {
		return time.Time{}, registry.Refuse(registry.Invalid, "A period has 0 to %d days, not %d.", maxDays, c.Number)
	}
	if c.Number == 0 {
		return begins.UTC(), nil
	}
	last := registry.DateOf(begins.In(zone))
	switch c.Days {
	case CalendarDays:
		last = after(last, c.Number)
	case BusinessDays:
		if last, err = c.businessDay(last, holidays); err != nil {
			return time.Time{}, err
		}
	default:
		return time.Time{}, registry.Refuse(registry.Invalid, "Days are counted as calendar or business days, not %.60q.", c.Days)
	}
	if last.Year > 9998 {
		return time.Time{}, registry.Refuse(registry.Invalid, "A period must end before the year 9999.")
	}
	return last.End(zone), nil
}

// businessDay is the last of as many business days as the clock has after a day.
func (c Clock) businessDay(day registry.Date, holidays registry.Calendars) (registry.Date, error) {
	var free registry.Calendar
	if c.Calendar != "" {
		var known bool
		if free, known = holidays[c.Calendar]; !known {
			return day, registry.Refuse(registry.Invalid, "There is no calendar %.60q.", c.Calendar)
		}
	}
	begin := day
	for left := c.Number; left > 0; {
		day = after(day, 1)
		if c.Calendar != "" && !free.Knows(day) {
			return day, registry.Refuse(registry.Conflict,
				"The calendar %s holds the days from %s until %s; %d business days after %s need more. Add the holidays of the years to come.",
				c.Calendar, free.From, free.Until, c.Number, begin)
		}
		if free.Works(day) {
			left--
		}
	}
	return day, nil
}

// after is the day that is n days after d.
func after(d registry.Date, n int) registry.Date {
	return registry.DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}
