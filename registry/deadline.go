package registry

import "time"

// AddMonths is the same day so many months later or, where that month is shorter, its last day: a year after 29 February is 28 February, and
// four years after it 29 February again, if one counts from the day itself.
func (d Date) AddMonths(n int) Date {
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// AddDays is the day so many days later, or before.
func (d Date) AddDays(n int) Date { return DateOf(d.Start(time.UTC).AddDate(0, 0, n)) }

// months is how many months o is after d, by the calendar's months alone.
func (d Date) months(o Date) int { return (o.Year-d.Year)*12 + int(o.Month) - int(d.Month) }

// ReviewDue is the day of the last review that was due on today or before; nil where none was. Under an interval each review is counted from the
// first, so that a late one moves none of those after it.
func (f VendorFields) ReviewDue(today Date) *Date {
	if f.ReviewOn == nil || today.Before(*f.ReviewOn) {
		return nil
	}
	due := *f.ReviewOn
	if f.ReviewMonths == nil {
		return &due
	}
	k := f.ReviewOn.months(today) / *f.ReviewMonths
	for due = f.ReviewOn.AddMonths(k * *f.ReviewMonths); today.Before(due); k-- {
		due = f.ReviewOn.AddMonths((k - 1) * *f.ReviewMonths)
	}
	return &due
}

// EndsAt is the first instant after the contract's last day, in its own zone; zero where no last day is known.
func (c Contract) EndsAt() time.Time {
	last := c.LastDay()
	if last == nil {
		return time.Time{}
	}
	return last.End(c.location())
}

// Renewal is the last day of the term that a contract is in at t which renews itself, and the last day on which we can give notice so that it
// does not. Both are nil where it does not renew itself, or was terminated, or its dates do not say; notice is nil too where it does not say
// how long before it must be given.
func (c Contract) Renewal(t time.Time) (term, notice *Date) {
	if !c.AutoRenewal || c.InForceUntil == nil || c.TerminatedOn != nil || !c.InForceAt(t) {
		return nil, nil
	}
	end := *c.InForceUntil
	today := DateOf(t.In(c.location()))
	if end.Before(today) {
		if c.RenewalMonths == nil {
			return nil, nil // nobody says how long it goes on
		}
		k := max(c.InForceUntil.months(today) / *c.RenewalMonths, 1)
		for end = c.InForceUntil.AddMonths(k * *c.RenewalMonths); end.Before(today); k++ {
			end = c.InForceUntil.AddMonths((k + 1) * *c.RenewalMonths)
		}
	}
	if c.NoticeDaysUs == nil {
		return &end, nil
	}
	last := end.AddDays(-*c.NoticeDaysUs)
	return &end, &last
}

// EndOf is the first instant after a day in the contract's zone.
func (c Contract) EndOf(d Date) time.Time { return d.End(c.location()) }
