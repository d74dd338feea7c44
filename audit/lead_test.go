package audit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

func TestLead(t *testing.T) {
	t.Parallel()
	// lend hands f a committer that lends a lane and does nothing else: what it appends is appended by the caller.
	lend := func(t *testing.T, f func(log *audit.Log, db *bun.DB, c *audit.Committer, lent func() bool, back func() (int, int))) {
		t.Helper()
		log, db := open(t)
		err := log.Lend(many(1, nil)[0], clock, func(c *audit.Committer, lent func() bool, back func() (int, int)) { f(log, db, c, lent, back) })
		if err != nil {
			t.Fatal(err)
		}
		verify(t, log)
	}
	size := func(t *testing.T, log *audit.Log) int64 {
		t.Helper()
		h, err := log.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return h.Size
	}

	t.Run("who comes alone appends on the lane that is lent", func(t *testing.T) {
		t.Parallel()
		lend(t, func(log *audit.Log, _ *bun.DB, c *audit.Committer, lent func() bool, _ func() (int, int)) {
			for i := range 300 { // beyond a tile
				r, err := c.Append(t.Context(), many(1, nil)[0])
				if err != nil || r.Index != int64(1+i) || !lent() {
					t.Fatal(r, err)
				}
			}
			if n := size(t, log); n != 301 {
				t.Fatal(n)
			}
		})
	})

	for rule, p := range map[string]func(p *audit.Pending){
		"about a vendor that is not known":          func(p *audit.Pending) { p.Entry.VendorID = uuid.New() },
		"with something to write beside it":         func(p *audit.Pending) { p.Then = noThen },
		"that was judged by what is no longer true": func(p *audit.Pending) { p.Epoch, p.Revise = -1, judgedAgain },
	} {
		t.Run("an entry "+rule+" waits for the committer", func(t *testing.T) {
			t.Parallel()
			lend(t, func(log *audit.Log, _ *bun.DB, c *audit.Committer, lent func() bool, _ func() (int, int)) {
				pending := many(1, nil)[0]
				p(&pending)
				s, err := c.SubmitUrgently(pending)
				if err != nil || s.Done() || !lent() || size(t, log) != 1 {
					t.Fatal(err, s.Done(), lent())
				}
			})
		})
	}

	t.Run("nobody passes an entry that was submitted before", func(t *testing.T) {
		t.Parallel()
		lend(t, func(log *audit.Log, _ *bun.DB, c *audit.Committer, lent func() bool, _ func() (int, int)) {
			before, err := c.Submit(many(1, nil)[0])
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.SubmitUrgently(many(1, nil)[0])
			if err != nil || s.Done() || before.Done() || !lent() || size(t, log) != 1 {
				t.Fatal(err, s.Done(), before.Done(), lent())
			}
		})
	})

	t.Run("what is lost to another program comes back", func(t *testing.T) {
		t.Parallel()
		lend(t, func(log *audit.Log, _ *bun.DB, c *audit.Committer, lent func() bool, back func() (int, int)) {
			change(t, log, start, newEntry())
			s, err := c.SubmitUrgently(many(1, nil)[0])
			if err != nil || s.Done() || lent() {
				t.Fatal(err, s.Done(), lent())
			}
			if flying, lost := back(); flying != 0 || lost != 1 {
				t.Fatal(flying, lost)
			}
			if n := size(t, log); n != 2 {
				t.Fatal(n)
			}
		})
	})

	t.Run("who is kept waiting leaves the lane to the committer, and waits no longer than he likes", func(t *testing.T) {
		t.Parallel()
		lend(t, func(log *audit.Log, db *bun.DB, c *audit.Committer, lent func() bool, back func() (int, int)) {
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback() }()
			if err := log.LockHead(t.Context(), tx); err != nil {
				t.Fatal(err)
			}
			gone, cancel := context.WithCancelCause(t.Context())
			away := errors.New("away")
			cancel(away)
			if _, err := c.Append(gone, many(1, nil)[0]); !errors.Is(err, away) || lent() {
				t.Fatal(err, lent())
			}
			if flying, lost := back(); flying != 1 || lost != 0 {
				t.Fatal(flying, lost)
			}
		})
	})
}

// judgedAgain must not be called.
func judgedAgain(context.Context, bun.Tx, int64) (audit.Entry, error) {
	return audit.Entry{}, errors.New("it was judged again")
}
