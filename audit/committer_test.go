package audit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// nothing is a change that does nothing but append.
func nothing(entries ...audit.Entry) func(context.Context, bun.Tx) ([]audit.Entry, error) {
	return func(context.Context, bun.Tx) ([]audit.Entry, error) { return entries, nil }
}

func noThen(context.Context, bun.Tx, audit.Entry, audit.Receipt) error { return nil }

func clock() time.Time { return start }

// asked is what became of one of many.
type asked struct {
	receipt audit.Receipt
	err     error
}

// all appends everything at once, and waits for all.
func all(ctx context.Context, c *audit.Committer, pending []audit.Pending) []asked {
	answers := make([]asked, len(pending))
	var wg sync.WaitGroup
	for i, p := range pending {
		wg.Go(func() { answers[i].receipt, answers[i].err = c.Append(ctx, p) })
	}
	wg.Wait()
	return answers
}

// many are n entries.
func many(n int, more func(i int, p *audit.Pending)) []audit.Pending {
	pending := make([]audit.Pending, n)
	for i := range pending {
		pending[i].Entry = newEntry()
		pending[i].Entry.RequestHash = [32]byte{1}
		if more != nil {
			more(i, &pending[i])
		}
	}
	return pending
}

func TestCommitter(t *testing.T) {
	t.Parallel()
	mine := errors.New("mine")
	rules := map[string]func(t room){
		"everyone gets a place of his own": func(t room) {
			places := make(map[int64]bool)
			for _, a := range all(t.Context(), t.c, many(600, nil)) {
				if a.err != nil || places[a.receipt.Index] || a.receipt.Index >= 600 {
					t.Fatal(a)
				}
				places[a.receipt.Index] = true
			}
			if h, err := t.log.Head(t.Context()); err != nil || h.Size != 600 || h.Epoch != 0 {
				t.Fatal(h, err)
			}
		},
		"the same request at once is one entry": func(t room) {
			id := uuid.New()
			first := 0
			for _, a := range all(t.Context(), t.c, many(50, func(i int, p *audit.Pending) {
				p.Entry.ID = id
				if i%2 == 0 {
					p.Then = noThen
				}
			})) {
				if a.err != nil || a.receipt.Index != 0 {
					t.Fatal(a)
				}
				if !a.receipt.Replayed {
					first++
				}
			}
			if h, err := t.log.Head(t.Context()); err != nil || h.Size != 1 || first != 1 {
				t.Fatal(h, err, first)
			}
		},
		"the same id of other requests at once is refused": func(t room) {
			id := uuid.New()
			written := 0
			for _, a := range all(t.Context(), t.c, many(50, func(i int, p *audit.Pending) {
				p.Entry.ID, p.Entry.RequestHash = id, [32]byte{byte(i)}
			})) {
				if a.err == nil {
					written++
				} else if !errors.Is(a.err, audit.ErrReused) {
					t.Fatal(a.err)
				}
			}
			if written != 1 {
				t.Fatal(written)
			}
		},
		"one's error in Then is his alone": func(t room) {
			for i, a := range all(t.Context(), t.c, many(60, func(i int, p *audit.Pending) {
				p.Then = func(ctx context.Context, tx bun.Tx, _ audit.Entry, _ audit.Receipt) error {
					if err := note(ctx, tx); err != nil || i%3 > 0 {
						return err
					}
					_, err := tx.ExecContext(ctx, `SELECT 1/0`)
					return errors.Join(mine, err)
				}
			})) {
				if errors.Is(a.err, mine) != (i%3 == 0) || (a.err == nil) != (i%3 > 0) {
					t.Fatal(i, a.err)
				}
			}
			if notes(t, t.db) != 40 {
				t.Fatal(notes(t, t.db))
			}
		},
		"one's panic is his alone": func(t room) {
			for i, a := range all(t.Context(), t.c, many(9, func(i int, p *audit.Pending) {
				if i == 4 {
					p.Then = func(context.Context, bun.Tx, audit.Entry, audit.Receipt) error { panic("mine") }
				}
			})) {
				if (a.err == nil) != (i != 4) {
					t.Fatal(i, a.err)
				}
			}
		},
		"what only one's commit breaks is his alone": func(t room) {
			super(t, t.db, `ALTER TABLE notes ADD CONSTRAINT one UNIQUE (n) DEFERRABLE INITIALLY DEFERRED`)
			written := 0
			for i, a := range all(t.Context(), t.c, many(20, func(i int, p *audit.Pending) {
				if i < 2 { // both write the same note
					p.Then = func(ctx context.Context, tx bun.Tx, _ audit.Entry, _ audit.Receipt) error { return note(ctx, tx) }
				}
			})) {
				if a.err == nil {
					written++
				} else if i > 1 {
					t.Fatal(i, a.err)
				}
			}
			if written != 19 || notes(t, t.db) != 1 {
				t.Fatal(written, notes(t, t.db))
			}
		},
		"Then knows the entry's place": func(t room) {
			var mu sync.Mutex
			seen := make(map[uuid.UUID]audit.Receipt)
			for _, a := range all(t.Context(), t.c, many(40, func(_ int, p *audit.Pending) {
				p.Then = func(_ context.Context, _ bun.Tx, e audit.Entry, r audit.Receipt) error {
					mu.Lock()
					defer mu.Unlock()
					seen[e.ID] = r
					return nil
				}
			})) {
				if a.err != nil || !same(a.receipt, seen[a.receipt.EntryID]) {
					t.Fatal(a, seen[a.receipt.EntryID])
				}
			}
		},
		"what was judged before the epoch moved is judged again": func(t room) {
			change(t, t.log, start, newEntry())
			for i, a := range all(t.Context(), t.c, many(30, func(i int, p *audit.Pending) {
				p.Epoch = int64(i % 2)
				p.Revise = func(ctx context.Context, tx bun.Tx, epoch int64) (audit.Entry, error) {
					if err := tx.NewRaw(`SELECT epoch FROM log_head`).Scan(ctx, &epoch); err != nil || i == 4 {
						return audit.Entry{}, errors.Join(mine, err)
					}
					e := p.Entry
					e.Body, e.VendorID = audit.Object{"verdict": fmt.Sprint("epoch ", epoch)}, uuid.UUID{byte(i)}
					return e, nil
				}
			})) {
				if i == 4 {
					if !errors.Is(a.err, mine) {
						t.Fatal(a.err)
					}
					continue
				}
				s, err := t.log.Entry(t.Context(), a.receipt.EntryID)
				if revised := s.VendorID == (uuid.UUID{byte(i)}); a.err != nil || err != nil || revised != (i%2 == 0) {
					t.Fatalf("%d: %v %v %s", i, a.err, err, s.Leaf)
				}
			}
		},
		"a revised entry keeps its id": func(t room) {
			change(t, t.log, start, newEntry())
			p := audit.Pending{Entry: newEntry(), Revise: func(context.Context, bun.Tx, int64) (audit.Entry, error) { return newEntry(), nil }}
			if _, err := t.c.Append(t.Context(), p); err == nil {
				t.Fatal("it was written")
			}
		},
		"who does not wait does not stop the others": func(t room) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			gone := newEntry()
			_, err := t.c.Append(ctx, audit.Pending{Entry: gone})
			for _, a := range all(t.Context(), t.c, many(20, nil)) {
				if a.err != nil {
					t.Fatal(a.err)
				}
			}
			if _, found := t.log.Entry(t.Context(), gone.ID); err != nil && (!errors.Is(err, context.Canceled) || found != nil) {
				t.Fatal(err, found)
			}
		},
		"an entry that cannot be is refused before it waits": func(t room) {
			for rule, e := range badEntries() {
				if _, err := t.c.Append(t.Context(), audit.Pending{Entry: e}); err == nil {
					t.Error("accepted:", rule)
				}
			}
		},
		"after Close nothing is accepted": func(t room) {
			for range 2 {
				if err := t.c.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := t.c.Append(t.Context(), audit.Pending{Entry: newEntry()}); !errors.Is(err, audit.ErrUnavailable) {
				t.Fatal(err)
			}
		},
	}
	for rule, f := range rules {
		for kind, begin := range kinds {
			t.Run(rule+" by "+kind, func(t *testing.T) {
				t.Parallel()
				log, db := open(t)
				super(t, db, `CREATE TABLE notes (n int); GRANT ALL ON notes TO onward_app`)
				c := begin(log, 600, 64, clock)
				f(room{t, log, db, c})
				if err := c.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				verify(t, log)
			})
		}
	}
}

// kinds are the committers: what is true of one must be true of the other.
var kinds = map[string]func(log *audit.Log, queue, batch int, now func() time.Time) *audit.Committer{
	"what the pace says": (*audit.Log).NewCommitter,
	"parts":              (*audit.Log).NewPartingCommitter,
}
