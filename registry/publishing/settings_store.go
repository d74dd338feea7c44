package publishing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

type settingsRow struct {
	bun.BaseModel `bun:"table:publishing_settings"`

	ID        int16          `bun:"id,pk"`
	Version   int64          `bun:"version"`
	UpdatedAt time.Time      `bun:"updated_at"`
	Body      SettingsFields `bun:"body,type:jsonb"`
}

// ReadSettings reads the settings; while nobody has set any, the defaults, at version 1.
func ReadSettings(ctx context.Context, db bun.IDB) (Settings, error) {
	return readSettings(ctx, db, "")
}

// readSettings reads the settings, under a lock where one is named.
func readSettings(ctx context.Context, db bun.IDB, lock string) (Settings, error) {
	var row settingsRow
	q := db.NewSelect().Model(&row).Where("id = 1")
	if lock != "" {
		q = q.For(lock)
	}
	err := q.Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return defaults(), nil
	case err != nil:
		return Settings{}, fmt.Errorf("read the settings of publishing: %w", err)
	}
	return Settings{Version: row.Version, UpdatedAt: row.UpdatedAt.UTC(), SettingsFields: row.Body}, nil
}

// lockSettings keeps the settings as they are until tx ends: for itself, or shared with others that read by them. There may be no row to lock yet.
func lockSettings(ctx context.Context, tx bun.Tx, shared bool) error {
	lock := "pg_advisory_xact_lock"
	if shared {
		lock = "pg_advisory_xact_lock_shared"
	}
	_, err := tx.NewRaw(`SELECT ` + lock + `(hashtext('publishing_settings'))`).Exec(ctx)
	return wrap("lock the settings of publishing", err)
}

// writeSettings writes a new version; the first that is set is version 2.
func writeSettings(ctx context.Context, tx bun.Tx, before, after Settings) error {
	row := settingsRow{ID: 1, Version: after.Version, UpdatedAt: after.UpdatedAt, Body: after.SettingsFields}
	if before.UpdatedAt.IsZero() {
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		return wrap("keep the settings of publishing", err)
	}
	_, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
	return wrap("keep the settings of publishing", err)
}

// wrap says what was being done when err happened; nil stays nil.
func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// calendarNames are the names of all calendars, in order.
func calendarNames(ctx context.Context, db bun.IDB) ([]string, error) {
	var names []string
	if err := db.NewRaw(`SELECT name FROM calendars ORDER BY name`).Scan(ctx, &names); err != nil {
		return nil, fmt.Errorf("read the names of the calendars: %w", err)
	}
	return names, nil
}
