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

func TestChange(t *testing.T) {
	t.Parallel()
	rules := map[string]func(t room){
		"indices start at 0 and have no gaps": func(t room) {
			for i := range int64(5) {
				if r := change(t, t.log, start, newEntry(), newEntry()); r[0].Index != 2*i || r[1].Index != 2*i+1 {
					t.Fatalf("%+v", r)
				}
			}
		},
		"every change moves the epoch by one": func(t room) {
			change(t, t.log, start, newEntry(), newEntry())
			change(t, t.log, start, newEntry())
			if h, err := t.log.Head(t.Context()); err != nil || h.Epoch != 2 || h.Size != 3 {
				t.Fatal(h, err)
			}
		},
		"each vendor has its own sequence without gaps": func(t room) {
			first, second, none := newEntry(), newEntry(), newEntry()
			second.VendorID, none.VendorID = uuid.New(), uuid.Nil
			change(t, t.log, start, first, second, none, newEntry())
			for id, want := range map[uuid.UUID]int64{first.ID: 1, second.ID: 1, none.ID: 0} {
				if s, err := t.log.Entry(t.Context(), id); err != nil || s.VendorSeq != want {
					t.Fatal(s, err)
				}
			}
			more := change(t, t.log, start, newEntry())
			if s, err := t.log.Entry(t.Context(), more[0].EntryID); err != nil || s.VendorSeq != 3 {
				t.Fatal(s, err)
			}
		},
		"the time of recording never goes back": func(t room) {
			later := change(t, t.log, start.Add(time.Hour), newEntry())
			r := change(t, t.log, start, newEntry())
			if !r[0].RecordedAt.Equal(later[0].RecordedAt) || !r[0].RecordedAt.Equal(start.Add(time.Hour).Truncate(time.Microsecond)) {
				t.Fatal(r)
			}
		},
		"without entries nothing is written": func(t room) {
			r, err := t.log.Change(t.Context(), start, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
				return nil, note(ctx, tx)
			})
			if err != nil || len(r) != 0 || notes(t, t.db) != 0 {
				t.Fatal(r, err, notes(t, t.db))
			}
		},
		"the same request gets the same receipts and is undone": func(t room) {
			one, two := newEntry(), newEntry()
			one.RequestHash, two.RequestHash = [32]byte{1}, [32]byte{1}
			first := change(t, t.log, start, one, two)
			again, err := t.log.Change(t.Context(), start.Add(time.Hour), func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
				one.Body = audit.Object{"name": "seen later"}
				return []audit.Entry{one, two}, note(ctx, tx)
			})
			if err != nil || len(again) != 2 || notes(t, t.db) != 0 {
				t.Fatal(again, err)
			}
			for i := range again {
				if !again[i].Replayed || first[i].Replayed {
					t.Error("Replayed is not told")
				}
				again[i].Replayed = false
				if !same(again[i], first[i]) {
					t.Errorf("%+v is not %+v", again[i], first[i])
				}
			}
		},
		"the same id of another request is refused and undone": func(t room) {
			e := newEntry()
			change(t, t.log, start, e)
			_, err := t.log.Change(t.Context(), start, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
				e.RequestHash = [32]byte{2}
				return []audit.Entry{newEntry(), e}, note(ctx, tx)
			})
			if !errors.Is(err, audit.ErrReused) || notes(t, t.db) != 0 {
				t.Fatal(err)
			}
		},
		"an error of the change is returned as it is and undoes it": func(t room) {
			mine := errors.New("mine")
			_, err := t.log.Change(t.Context(), start, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
				return []audit.Entry{newEntry()}, errors.Join(note(ctx, tx), mine)
			})
			if !errors.Is(err, mine) || notes(t, t.db) != 0 {
				t.Fatal(err)
			}
		},
		"a panic of the change undoes it": func(t room) {
			func() {
				defer func() { _ = recover() }()
				_, _ = t.log.Change(t.Context(), start, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
					panic(note(ctx, tx))
				})
			}()
			if notes(t, t.db) != 0 || t.db.Stats().InUse != 0 {
				t.Fatal("something is left")
			}
		},
		"a change whose context ends is undone": func(t room) {
			ctx, cancel := context.WithCancel(t.Context())
			_, err := t.log.Change(ctx, start, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
				defer cancel()
				return []audit.Entry{newEntry()}, note(ctx, tx)
			})
			if !errors.Is(err, context.Canceled) || notes(t, t.db) != 0 {
				t.Fatal(err)
			}
		},
		"the change and its entries are written together": func(t room) {
			e := newEntry()
			e.Commitment, e.Detail = make([]byte, 32), &audit.Detail{JSON: []byte(`{}`)}
			e.Links = []audit.Link{{}, {Salt: [32]byte{1}}}
			_, err := t.log.Change(t.Context(), start, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
				return []audit.Entry{e}, note(ctx, tx)
			})
			var details, links int
			scan := t.db.NewRaw(`SELECT (SELECT count(*) FROM entry_detail), (SELECT count(*) FROM entry_link)`).Scan(t.Context(), &details, &links)
			if err != nil || scan != nil || notes(t, t.db) != 1 || details != 1 || links != 1 {
				t.Fatal(err, scan, details, links)
			}
		},
	}
	for rule, f := range rules {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			log, db := open(t)
			super(t, db, `CREATE TABLE notes (n int); GRANT ALL ON notes TO onward_app`)
			f(room{t, log, db, nil})
			verify(t, log)
		})
	}
}

// super runs a statement as the superuser.
func super(tb testing.TB, db *bun.DB, statement string) {
	tb.Helper()
	if _, err := pgtest.Superuser(tb, db).ExecContext(context.Background(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// note is the smallest change.
func note(ctx context.Context, tx bun.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO notes VALUES (1)`)
	return err
}

func notes(tb testing.TB, db *bun.DB) (n int) {
	tb.Helper()
	if err := db.NewRaw(`SELECT count(*) FROM notes`).Scan(context.Background(), &n); err != nil {
		tb.Fatal(err)
	}
	return n
}

func same(a, b audit.Receipt) bool {
	return a.Index == b.Index && a.EntryID == b.EntryID && a.Log == b.Log && a.RecordedAt.Equal(b.RecordedAt) &&
		string(a.LeafHash) == string(b.LeafHash) && a.Replayed == b.Replayed
}
