package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

// ReadCalendars reads all calendars.
func ReadCalendars(ctx context.Context, db bun.IDB) (Calendars, error) {
	var found []Calendar
	if err := db.NewSelect().Model(&found).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the calendars: %w", err)
	}
	all := make(Calendars, len(found))
	for _, c := range found {
		c.UpdatedAt = c.UpdatedAt.UTC()
		all[c.Name] = c
	}
	return all, nil
}

// readCalendar reads a calendar, locked for a change where lock says so; NotFound where there is none.
func readCalendar(ctx context.Context, db bun.IDB, name string, lock bool) (Calendar, error) {
	var c Calendar
	q := db.NewSelect().Model(&c).Where("name = ?", name)
	if lock {
		q = q.For("NO KEY UPDATE")
	}
	err := q.Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return c, Refuse(NotFound, "There is no calendar %.60q.", name)
	case err != nil:
		return c, fmt.Errorf("read a calendar: %w", err)
	}
	c.UpdatedAt = c.UpdatedAt.UTC()
	return c, nil
}

// writeCalendar writes a calendar; of two that make the same one at once, one is stale.
func writeCalendar(ctx context.Context, tx bun.Tx, c Calendar) error {
	if c.Version > 1 {
		_, err := tx.NewUpdate().Model(&c).WherePK().Exec(ctx)
		if err != nil {
			return fmt.Errorf("change a calendar: %w", err)
		}
		return nil
	}
	_, err := tx.NewInsert().Model(&c).Exec(ctx)
	if err == nil {
		return nil
	}
	return violated(fmt.Errorf("make a calendar: %w", err), map[string]*Refusal{
		"calendars_pkey": stale("calendar", 0, 1),
	})
}
