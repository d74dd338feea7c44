package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
)

// months are how many entries the log of an archive has in each month from start's on. The boundaries of months and tiles do not meet.
var months = []int{300, 500, 200, 100, 1}

var another = uuid.MustParse("20000000-0000-4000-8000-000000000002")

// archive is a published log of some months.
type archive struct {
	*press
	entries []audit.Receipt
	now     time.Time
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	a := &archive{press: newPress(t), now: start.AddDate(0, len(months)-1, 0)}
	if err := a.log.AddMonths(t.Context(), start, len(months)); err != nil {
		t.Fatal(err)
	}
	for i, n := range months {
		entries := make([]audit.Entry, 0, n)
		for k := range n {
			e := newEntry()
			if i == 0 && k%2 == 1 {
				e.VendorID = another // of which all is pruned
			}
			e.Detail = &audit.Detail{JSON: []byte(`{}`)}
			e.Commitment = audit.Commit("test", e.Detail.Salt, e.Detail.JSON)
			e.Links = []audit.Link{{Lookup: [32]byte{byte(k), byte(k >> 8), byte(i)}}}
			entries = append(entries, e)
		}
		a.entries = append(a.entries, change(t, a.log, start.AddDate(0, i, 0), entries...)...)
		a.publish(t)
	}
	verify(t, a.log)
	return a
}

// run publishes beside the test.
func (a *archive) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	p := a.publisher()
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

func (a *archive) count(t *testing.T, table string) (n int64) {
	t.Helper()
	if err := a.db.NewRaw(`SELECT count(*) FROM `+table).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// prune prunes what was recorded before the n-th month.
func (a *archive) prune(t *testing.T, n int) []audit.Pruned {
	t.Helper()
	done, err := a.log.Prune(t.Context(), audit.Program, a.now, start.AddDate(0, n, 0))
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestPrune(t *testing.T) {
	t.Parallel()
	t.Run("whole months go, the oldest first, and everything that remains is proved as before", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		a.run(t)
		before, err := a.log.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tiles := a.count(t, "log_tile")
		done := a.prune(t, 2)
		if len(done) != 2 || done[0].First != 0 || done[0].Next != 300 || done[1].First != 300 || done[1].Next != 800 {
			t.Fatalf("%+v", done)
		}
		verify(t, a.log)
		if n := a.count(t, "log_entry"); n != 306 { // two entries tell of the months, three of vendors in them
			t.Errorf("%d lines are left", n)
		}
		for _, table := range []string{"entry_detail", "entry_link"} {
			if n := a.count(t, table); n != 301 {
				t.Errorf("%d of %s are left", n, table)
			}
		}
		if n := a.count(t, "log_tile"); n != tiles {
			t.Errorf("%d tiles of %d are left", n, tiles)
		}
		if all, err := a.log.Pruned(t.Context()); err != nil || len(all) != 2 || all[1] != done[1] {
			t.Errorf("%+v, %v", all, err)
		}
		for _, size := range []int64{1, 255, 256, 257, 300, 800, before.Size} {
			if _, err := a.log.Consistency(t.Context(), size, before.Size+5); err != nil {
				t.Errorf("from %d: %v", size, err)
			}
		}
		for _, r := range a.entries {
			proof, err := a.log.Inclusion(t.Context(), r.Index, before.Size)
			if err != nil || tlog.CheckRecord(proof, before.Size, tlog.Hash(before.Root), r.Index, tlog.Hash(r.LeafHash)) != nil {
				t.Fatalf("%d is not proved: %v", r.Index, err)
			}
		}
		for n := range int64(4) {
			for _, width := range []int{1, 100, 256} {
				if _, err := a.log.Tile(t.Context(), 0, n, width); err != nil {
					t.Errorf("tile %d of %d: %v", n, width, err)
				}
			}
			_, err := a.log.EntryBundle(t.Context(), n, 256)
			if pruned := n*256 < 800; pruned != errors.Is(err, audit.ErrPruned) || pruned != errors.Is(err, audit.ErrNotFound) || !pruned && err != nil {
				t.Errorf("bundle %d: %v", n, err)
			}
		}
	})
	t.Run("whoever reports finds the entry that tells of it, of the log and of each vendor", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		a.run(t)
		told := func(vendor uuid.UUID) (index int64, leaf string) {
			t.Helper()
			err := a.log.Read(t.Context(), func(ctx context.Context, r *audit.Reading) error {
				i, text, err := r.Pruned(ctx, vendor)
				index, leaf = i, string(text)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return index, leaf
		}
		main := newEntry().VendorID
		for _, vendor := range []uuid.UUID{uuid.Nil, main, another} {
			if index, _ := told(vendor); index != -1 {
				t.Errorf("%s: index %d before anything was pruned", vendor, index)
			}
		}
		a.prune(t, 2)
		for vendor, want := range map[uuid.UUID]string{
			uuid.Nil: `"next_index":"800"`, main: `"last_seq":"000000000650"`, another: `"last_seq":"000000000150"`,
		} {
			if index, leaf := told(vendor); index < 1101 || !strings.Contains(leaf, want) {
				t.Errorf("%s: index %d, %s", vendor, index, leaf)
			}
		}
		if index, _ := told(uuid.New()); index != -1 {
			t.Errorf("index %d of a vendor that is not in the log", index)
		}
	})
	t.Run("an entry that was pruned is told so, and its id is never given again", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		a.run(t)
		a.prune(t, 1)
		if _, err := a.log.Entry(t.Context(), a.entries[0].EntryID); !errors.Is(err, audit.ErrPruned) {
			t.Error(err)
		}
		if _, err := a.log.Entry(t.Context(), uuid.New()); !errors.Is(err, audit.ErrNotFound) || errors.Is(err, audit.ErrPruned) {
			t.Error(err)
		}
		if s, err := a.log.Entry(t.Context(), a.entries[300].EntryID); err != nil || s.Index != 300 {
			t.Error(s, err)
		}
		e := newEntry()
		e.ID = a.entries[0].EntryID
		w := &world{log: a.log, db: a.db, at: a.now}
		for way, try := range ways {
			if _, err := try(t, w, e); !errors.Is(err, audit.ErrReused) {
				t.Errorf("%s: %v", way, err)
			}
		}
		verify(t, a.log)
	})
	t.Run("what is not a whole month in complete tiles stays", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		a.run(t)
		if done := a.prune(t, 0); len(done) != 0 {
			t.Errorf("%+v", done)
		}
		if done := a.prune(t, 100); len(done) != 3 { // 1,000 of 1,101 entries are of months before the fourth, and 1,024 in complete tiles
			t.Errorf("%+v", done)
		}
		verify(t, a.log)
		if done := a.prune(t, 100); len(done) != 0 {
			t.Errorf("%+v", done)
		}
	})
	t.Run("a hold stops it, until it is lifted", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		a.run(t)
		h, err := a.log.PlaceHold(t.Context(), audit.Program, a.now, audit.Hold{ID: uuid.New(), Reason: "LITIGATION", From: start, ReviewOn: start})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if done, err := a.log.Prune(t.Context(), audit.Program, a.now, a.now); !errors.Is(err, audit.ErrHeld) || len(done) != 0 {
				t.Fatal(done, err)
			}
		}
		if lifted, err := a.log.LiftHold(t.Context(), audit.Program, a.now, h.ID); err != nil || lifted.LiftedAt.IsZero() {
			t.Fatal(lifted, err)
		}
		if _, err := a.log.LiftHold(t.Context(), audit.Program, a.now, h.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := a.log.LiftHold(t.Context(), audit.Program, a.now, uuid.New()); !errors.Is(err, audit.ErrNotFound) {
			t.Fatal(err)
		}
		if done := a.prune(t, 1); len(done) != 1 {
			t.Error(done)
		}
		verify(t, a.log)
	})
	t.Run("without a published checkpoint nothing is deleted, and the next run goes on", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if done, err := a.log.Prune(short, audit.Program, a.now, start.AddDate(0, 1, 0)); !errors.Is(err, audit.ErrUnpublished) || len(done) != 0 {
			t.Fatal(done, err)
		}
		verify(t, a.log)
		if n := a.count(t, "log_entry"); n != 1104 {
			t.Fatal(n)
		}
		a.run(t)
		if done := a.prune(t, 1); len(done) != 1 {
			t.Error(done)
		}
		if n := a.count(t, "log_entry"); n != 804 { // it was told once, and of two vendors
			t.Error(n)
		}
		verify(t, a.log)
	})
	t.Run("two at once do it once", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		a.run(t)
		failed := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := a.log.Prune(context.Background(), audit.Program, a.now, start.AddDate(0, 3, 0))
				failed <- err
			}()
		}
		for range 2 {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
		if n := a.count(t, "log_entry"); n != 108 {
			t.Error(n)
		}
		verify(t, a.log)
	})
	t.Run("the log grows while it is pruned", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		a.run(t)
		c := a.log.NewCommitter(600, 16, func() time.Time { return a.now })
		answers := make(chan []asked, 1)
		go func() { answers <- all(context.Background(), c, many(600, nil)) }()
		a.prune(t, 3)
		for _, got := range <-answers {
			if got.err != nil {
				t.Fatal(got.err)
			}
		}
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		verify(t, a.log)
	})
	t.Run("the program's role deletes nothing that no published entry tells of", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		for _, month := range []string{"2026-11-01", "2026-12-01", "2027-03-01", "2030-01-01"} {
			if _, err := a.db.ExecContext(t.Context(), `SELECT prune_log_month(?)`, month); err == nil {
				t.Errorf("%s was dropped", month)
			}
		}
		lie := newEntry()
		lie.Type, lie.Body = "retention.pruned", audit.Object{"month": "2026-11", "first_index": "0", "next_index": "299"}
		change(t, a.log, a.now, lie)
		a.publish(t)
		truth := newEntry()
		truth.Type, truth.Body = "retention.pruned", audit.Object{"month": "2026-11", "first_index": "0", "next_index": "300"}
		change(t, a.log, a.now, truth) // which is not published
		if _, err := a.db.ExecContext(t.Context(), `SELECT prune_log_month('2026-11-01')`); err == nil || !strings.Contains(err.Error(), "no published entry") {
			t.Error(err)
		}
		verify(t, a.log)
	})
	t.Run("whoever deletes without telling is found out", func(t *testing.T) {
		t.Parallel()
		for name, hide := range map[string]string{
			"and tells nobody":                 `SELECT 1`,
			"and says that it was pruned":      `INSERT INTO log_pruned VALUES ('2026-12-01', 300, 800, gen_random_uuid())`,
			"and says that more was":           `INSERT INTO log_pruned VALUES ('2026-12-01', 300, 850, gen_random_uuid())`,
			"and says that more than is there": `INSERT INTO log_pruned VALUES ('2026-12-01', 300, 5000, gen_random_uuid())`,
		} {
			a := newArchive(t)
			a.run(t)
			a.prune(t, 1)
			super(t, a.db, `DROP TABLE log_entry_2026_12;`+hide)
			var fault *audit.Fault
			if err := a.log.Verify(t.Context()); !errors.As(err, &fault) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("a pruned hash that is changed is found", func(t *testing.T) {
		t.Parallel()
		a := newArchive(t)
		a.run(t)
		a.prune(t, 1)
		super(t, a.db, `ALTER TABLE log_tile DISABLE TRIGGER USER; UPDATE log_tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE level = 0 AND n = 0`)
		var fault *audit.Fault
		if err := a.log.Verify(t.Context()); !errors.As(err, &fault) || fault.Index != 0 {
			t.Error(err)
		}
	})
}

// What the log says of itself is read by programs that are older and younger than this one.
func TestOwnLeavesNeverChange(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	a.run(t)
	h, err := a.log.PlaceHold(t.Context(), audit.Program, a.now, audit.Hold{ID: uuid.UUID{15: 9}, Reason: "LITIGATION", From: start, ReviewOn: start})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.log.LiftHold(t.Context(), audit.Program, a.now.Add(time.Hour), h.ID); err != nil {
		t.Fatal(err)
	}
	a.now = a.now.Add(2 * time.Hour)
	a.prune(t, 1)
	var got strings.Builder
	err = a.log.Read(t.Context(), func(ctx context.Context, r *audit.Reading) error {
		q := audit.Range{Until: 1 << 40, Types: []string{"hold.placed", "hold.lifted", "sequence.pruned", "retention.pruned"}}
		_, err := r.Leaves(ctx, q, 100, func(_ int64, leaf []byte) { fmt.Fprintf(&got, "%s\n", leaf) })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/own_leaves_v1.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
