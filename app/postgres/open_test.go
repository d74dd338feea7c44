package postgres_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"onward/app/postgres"
	"onward/migrations/pgtest"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	admin := pgtest.Empty(t)
	dsn := pgtest.SuperuserDSN(t, admin)

	t.Run("reads times in UTC", func(t *testing.T) {
		t.Parallel()
		var at time.Time
		if err := admin.NewRaw("SELECT timestamptz '2026-07-01 12:00+02'").Scan(t.Context(), &at); err != nil {
			t.Fatal(err)
		}
		if at.Location() != time.UTC || at.Hour() != 10 {
			t.Error(at)
		}
	})
	t.Run("refuses stacked statements in a query", func(t *testing.T) {
		t.Parallel()
		rows, err := admin.QueryContext(t.Context(), "SELECT 1; SELECT 2")
		if err == nil {
			err = errors.Join(rows.Err(), rows.Close())
		}
		if err == nil {
			t.Error("two statements went through as one")
		}
	})
	t.Run("prepares nothing", func(t *testing.T) {
		t.Parallel()
		for range 3 {
			if got := ask(t, admin, "SELECT count(*) FROM pg_prepared_statements"); got != "0" {
				t.Errorf("%s prepared statements", got)
			}
		}
	})
	t.Run("takes on a role", func(t *testing.T) {
		t.Parallel()
		db, err := postgres.Open(t.Context(), dsn, postgres.Pool{Role: postgres.App, Application: "test"})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if got := ask(t, db, "SELECT current_user || ' ' || current_setting('application_name')"); got != "onward_app test" {
			t.Error(got)
		}
	})
	t.Run("refuses a role that does not exist", func(t *testing.T) {
		t.Parallel()
		_, err := postgres.Open(t.Context(), dsn, postgres.Pool{Role: `no"body`})
		if err == nil || !strings.Contains(err.Error(), "does not exist") {
			t.Error(err)
		}
	})
	t.Run("ends a statement that takes too long", func(t *testing.T) {
		t.Parallel()
		db, err := postgres.Open(t.Context(), dsn, postgres.Pool{StatementTimeout: 50 * time.Millisecond, MaxConns: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if _, err := db.ExecContext(t.Context(), "SELECT pg_sleep(10)"); err == nil || !strings.Contains(err.Error(), "statement timeout") {
			t.Error(err)
		}
	})
	t.Run("does not tell the password", func(t *testing.T) {
		t.Parallel()
		_, err := postgres.Open(t.Context(), "postgres://me:hush@%2Fnowhere/x?port=none", postgres.Pool{})
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Error(err)
		}
		_, err = postgres.Open(t.Context(), "postgres://me:hush@/x?host=/nowhere", postgres.Pool{})
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Error(err)
		}
	})
}
