package registry

import (
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// CalendarFields is what an editor says about a calendar of holidays: which days from..until are holidays. Of days outside it knows nothing.
type CalendarFields struct {
	From  Date   `bun:"starts_on,type:date" json:"from" validate:"required"`
	Until Date   `bun:"ends_on,type:date" json:"until" validate:"required,not_before=From"`
	Dates []Date `bun:"dates,type:jsonb" json:"dates" validate:"max=5000,unique"`
}

// Calendar is a calendar of holidays, such as those of a country or of a bank.
type Calendar struct {
	bun.BaseModel `bun:"table:calendars" json:"-"`

	Name      string    `bun:"name,pk" json:"name"`
	Version   int64     `bun:"version" json:"version"`
	UpdatedAt time.Time `bun:"updated_at" json:"updated_at"`
	CalendarFields
}

// calendarName is what a calendar's name must be.
type calendarName struct {
	Name string `json:"name" validate:"required,code"`
}

// Calendars are calendars by name.
type Calendars map[string]Calendar

// Has says whether a day is a holiday.
func (c Calendar) Has(d Date) bool {
	_, found := slices.BinarySearchFunc(c.Dates, d, compareDates)
	return found
}

// CalendarName says whether a text can be the name of a calendar.
func CalendarName(name string) bool { return Validate(calendarName{Name: name}) == nil }

// Knows says whether the calendar says of a day whether it is a holiday.
func (c Calendar) Knows(d Date) bool { return !d.Before(c.From) && !c.Until.Before(d) }

// check orders the days and refuses those outside from..until, and a name that is no code.
func (f *CalendarFields) check(name string) error {
	f.Dates = slices.Clone(f.Dates)
	slices.SortFunc(f.Dates, compareDates)
	Absent(&f.Dates)
	type whole struct {
		calendarName
		CalendarFields
	}
	if err := Validate(whole{calendarName{name}, *f}); err != nil {
		return err
	}
	if n := len(f.Dates); n > 0 && (f.Dates[0].Before(f.From) || f.Until.Before(f.Dates[n-1])) {
		return InvalidField("/dates", "must all be days from %s until %s", f.From, f.Until)
	}
	return nil
}

func compareDates(a, b Date) int { return strings.Compare(a.String(), b.String()) }

// Works says whether a day is a working day: Monday to Friday, and no holiday. A day of which the calendar knows nothing is none of its holidays.
func (c Calendar) Works(d Date) bool {
	weekday := d.Start(time.UTC).Weekday()
	return weekday != time.Saturday && weekday != time.Sunday && !c.Has(d)
}

// WorkingDay is the day itself where it is a working day, else the next that is.
func (c Calendar) WorkingDay(d Date) Date {
	for !c.Works(d) {
		d = d.AddDays(1)
	}
	return d
}
