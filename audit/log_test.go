package audit_test

import (
	"context"
	"errors"
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

func TestChange(t *testing.T) {
	t.Parallel()
	log, _ := open(t)
	e := newEntry()
	r := change(t, log, start, e, newEntry())
	if len(r) != 2 || r[0].Index != 0 || r[1].Index != 1 {
		t.Fatalf("receipts %+v", r)
	}
	s, err := log.Entry(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", s.Leaf)
	again := change(t, log, start, e)
	if !again[0].Replayed || again[0].Index != 0 {
		t.Fatalf("%+v", again)
	}
	e.RequestHash[0] = 1
	_, err = log.Change(t.Context(), start, func(context.Context, bun.Tx) ([]audit.Entry, error) { return []audit.Entry{e}, nil })
	if !errors.Is(err, audit.ErrReused) {
		t.Fatal(err)
	}
	for range 10 {
		var many []audit.Entry
		for range 200 {
			many = append(many, newEntry())
		}
		change(t, log, start, many...)
	}
	h, err := log.Head(t.Context())
	if err := log.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err != nil || h.Size != 2002 || h.Epoch != 11 {
		t.Fatal(h, err)
	}
}
