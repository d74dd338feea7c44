package registry

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// records is the namespace of the ids under which calendars, which have names, are kept. It is as old as the calendars.
var records = uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:onward:publishing"))

func calendarID(name string) uuid.UUID { return uuid.NewSHA1(records, []byte("calendar/"+name)) }

// PutCalendar makes a calendar, where version is 0, or replaces the version that the caller saw. It refuses a name that is no code and bad fields
// (Invalid), and another version, also 0 where there is one (Stale). Periods that run already stay as they are.
func (r *Registry) PutCalendar(ctx context.Context, by audit.Actor, at time.Time, name string, version int64, f CalendarFields) (Calendar, error) {
	if err := f.check(name); err != nil {
		return Calendar{}, err
	}
	var after Calendar
	_, err := r.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		before, err := readCalendar(ctx, tx, name, true)
		var none *Refusal
		if err != nil && !errors.As(err, &none) {
			return nil, err
		}
		if before.Version != version {
			return nil, stale("calendar", version, before.Version)
		}
		kept := Kept{Kind: "calendar", Verb: "created", ID: calendarID(name), Version: version + 1, More: audit.Object{"name": name}}
		after = Calendar{Name: name, Version: version, UpdatedAt: before.UpdatedAt, CalendarFields: f}
		if version > 0 {
			if sameJSON(before, after) {
				return nil, nil
			}
			kept.Verb, kept.Before = "changed", before
		}
		after.Version, after.UpdatedAt = version+1, later(at, before.UpdatedAt)
		if err := writeCalendar(ctx, tx, after); err != nil {
			return nil, err
		}
		kept.After, kept.EffectiveAt, kept.RecordedAt = after, after.UpdatedAt, after.UpdatedAt
		return Keep(ctx, tx, by, kept)
	})
	if err != nil {
		return Calendar{}, err
	}
	return after, nil
}

// Calendar reads a calendar; NotFound where there is none.
func (r *Registry) Calendar(ctx context.Context, name string) (Calendar, error) {
	return readCalendar(ctx, r.db, name, false)
}

// Calendars reads all calendars, in the order of their names.
func (r *Registry) Calendars(ctx context.Context) ([]Calendar, error) {
	found, err := ReadCalendars(ctx, r.db)
	if err != nil {
		return nil, err
	}
	all := make([]Calendar, 0, len(found))
	for _, c := range found {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Calendar) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}
