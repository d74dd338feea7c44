package audit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// linked is an entry that is findable under lookups.
func linked(lookups ...byte) audit.Entry {
	e := newEntry()
	e.Commitment, e.Detail = make([]byte, 32), &audit.Detail{JSON: []byte(`{}`)}
	for _, l := range lookups {
		e.Links = append(e.Links, audit.Link{Lookup: [32]byte{l}, Salt: [32]byte{l, 1}})
	}
	return e
}

func TestLinks(t *testing.T) {
	t.Parallel()
	log, db := open(t)
	c := log.NewCommitter(64, 16, clock)
	first, second, third := linked(1, 2), linked(2), linked(3)
	for _, e := range []audit.Entry{first, second} {
		if _, err := c.Append(t.Context(), audit.Pending{Entry: e}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.Change(t.Context(), start, func(context.Context, bun.Tx) ([]audit.Entry, error) { return []audit.Entry{third}, nil }); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := func(lookup byte) (ids []uuid.UUID) {
		entries, err := log.Linked(t.Context(), db, [32]byte{lookup}, -1, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			ids = append(ids, e.EntryID)
		}
		return ids
	}
	is := func(rule string, lookup byte, want ...uuid.UUID) {
		t.Helper()
		got := found(lookup)
		if len(got) != len(want) {
			t.Fatalf("%s: got %v, want %v", rule, got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: got %v, want %v", rule, got, want)
			}
		}
	}
	is("an entry is found under each of its lookups", 1, first.ID)
	is("entries are found in the order of their index", 2, first.ID, second.ID)
	is("a change's entry is found too", 3, third.ID)
	is("an unknown lookup finds nothing", 4)

	var alone []uuid.UUID
	unlink := func(lookup byte, fail error, entries ...uuid.UUID) {
		t.Helper()
		_, err := log.Change(t.Context(), start, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
			if err := log.LockHead(ctx, tx); err != nil {
				return nil, err
			}
			var err error
			if alone, err = log.Unlink(ctx, tx, [32]byte{lookup}, entries); err == nil {
				err = log.EraseDetails(ctx, tx, alone)
			}
			return []audit.Entry{newEntry()}, errors.Join(err, fail)
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
	}
	undone := errors.New("undone")
	unlink(2, undone, first.ID, second.ID)
	is("an erasure that is undone erases nothing", 2, first.ID, second.ID)
	unlink(2, nil, second.ID)
	if len(alone) != 1 || alone[0] != second.ID {
		t.Errorf("left without links: %v", alone)
	}
	is("what is not named stays linked", 2, first.ID)
	unlink(2, nil, first.ID)
	is("a lookup without links is gone", 2)
	is("other lookups of an entry stay", 1, first.ID)
	if o, err := log.Opening(t.Context(), db, first.ID); err != nil || o.Detail == nil || len(o.Links) != 1 || o.Links[0] != first.Links[0] {
		t.Errorf("got %+v %v", o, err)
	}
	if o, err := log.Opening(t.Context(), db, second.ID); err != nil || o.Detail != nil || o.Links != nil {
		t.Errorf("got %+v %v", o, err)
	}
	verify(t, log)
}

func TestRead(t *testing.T) {
	t.Parallel()
	log, _ := open(t)
	add := func() {
		if _, err := log.Change(t.Context(), start, func(context.Context, bun.Tx) ([]audit.Entry, error) { return []audit.Entry{newEntry()}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	add()
	add()
	one := newEntry()
	err := log.Read(t.Context(), func(ctx context.Context, r *audit.Reading) error {
		add() // is not seen
		for i, want := range []struct {
			q     audit.Range
			limit int
			n     int
		}{
			{audit.Range{Until: 10, Types: []string{one.Type}}, 10, 2},
			{audit.Range{Until: 10, Types: []string{one.Type}}, 1, 1},
			{audit.Range{Until: 10, Types: []string{"a.b"}}, 10, 0},
			{audit.Range{From: 1, Until: 10, Types: []string{"a.b", one.Type}}, 10, 1},
			{audit.Range{Until: 1, Types: []string{one.Type}}, 10, 1},
			{audit.Range{Until: 10, Types: []string{one.Type}, VendorID: uuid.New()}, 10, 0},
			{audit.Range{Until: 10, Types: []string{one.Type}, RecordedFrom: start.AddDate(0, 1, 0)}, 10, 0},
			{audit.Range{Until: 10, Types: []string{one.Type}, RecordedUntil: start.AddDate(0, -1, 0)}, 10, 0},
			{audit.Range{Until: 10, Types: []string{one.Type}, RecordedFrom: start, RecordedUntil: start}, 10, 2},
		} {
			seen := int64(-1)
			n, err := r.Leaves(ctx, want.q, want.limit, func(index int64, leaf []byte) {
				if index <= seen || len(leaf) == 0 || leaf[0] != '{' {
					t.Errorf("entry %d after %d: %s", index, seen, leaf)
				}
				seen = index
			})
			if err != nil || n != want.n {
				t.Errorf("%d: got %d, want %d: %v", i, n, want.n, err)
			}
		}
		if _, err := r.Tx().ExecContext(ctx, `DELETE FROM entry_link`); err == nil {
			t.Error("a reading writes")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	verify(t, log)
}
