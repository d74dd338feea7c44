package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/migrations/pgtest"
)

var (
	start  = time.Date(2026, 11, 24, 9, 30, 0, 123456789, time.UTC)
	vendor = uuid.MustParse("10000000-0000-4000-8000-000000000001")
)

// room is a test with a log of its own.
type room struct {
	*testing.T
	log *audit.Log
	db  *bun.DB
	c   *audit.Committer
}

// open returns a new log in a database of its own.
func open(tb testing.TB) (*audit.Log, *bun.DB) {
	tb.Helper()
	db := pgtest.New(tb)
	log, err := audit.Open(tb.Context(), db, "onward.test/log", start)
	if err != nil {
		tb.Fatal(err)
	}
	return log, db
}

// newEntry is an entry about vendor with an id of its own.
func newEntry() audit.Entry {
	return audit.Entry{
		ID: uuid.New(), Type: "vendor.created", Actor: audit.Program, OccurredAt: start, VendorID: vendor,
		Body: audit.Object{"name": "Acme", "kinds": []string{"agent"}},
	}
}

// change appends entries in one change.
func change(tb testing.TB, log *audit.Log, at time.Time, entries ...audit.Entry) []audit.Receipt {
	tb.Helper()
	receipts, err := log.Change(tb.Context(), at, func(context.Context, bun.Tx) ([]audit.Entry, error) { return entries, nil })
	if err != nil {
		tb.Fatal(err)
	}
	return receipts
}

func TestOpen(t *testing.T) {
	t.Parallel()
	t.Run("a log keeps the origin that it was created with", func(t *testing.T) {
		t.Parallel()
		log, db := open(t)
		again, err := audit.Open(t.Context(), db, "another.test/log", start)
		if err != nil || again.Origin() != log.Origin() || log.Origin() != "onward.test/log" {
			t.Fatal(err)
		}
	})
	t.Run("an origin can stand in a checkpoint", func(t *testing.T) {
		t.Parallel()
		db := pgtest.New(t)
		for _, origin := range []string{"", "a b", "a+b", "a\n", "\xff"} {
			if _, err := audit.Open(t.Context(), db, origin, start); err == nil {
				t.Errorf("%q was accepted", origin)
			}
		}
	})
	t.Run("the months of four months are there and more can be added, twice", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		change(t, log, start.AddDate(0, 3, 0), newEntry())
		late := start.AddDate(2, 0, 0)
		for range 2 {
			if err := log.AddMonths(t.Context(), late, 0); err != nil {
				t.Fatal(err)
			}
		}
		change(t, log, late, newEntry())
		verify(t, log)
	})
	t.Run("an empty log is whole", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		verify(t, log)
	})
}
