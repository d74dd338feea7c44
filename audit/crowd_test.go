package audit_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"onward/audit"
)

// holdsAll checks every answer against the log: what was acknowledged is there, once, at its place; of the rest nothing is there, but
// for two batches whose commits were lost with the database itself.
func holdsAll(t *testing.T, log *audit.Log, pending []audit.Pending, answers []asked) (written int) {
	t.Helper()
	verify(t, log)
	places := make(map[int64]bool)
	unknown := 0
	for i, a := range answers {
		s, err := log.Entry(t.Context(), pending[i].Entry.ID)
		switch {
		case a.err == nil && (err != nil || s.Index != a.receipt.Index || string(s.LeafHash) != string(a.receipt.LeafHash) || places[s.Index]):
			t.Fatalf("acknowledged %+v, found %+v, %v", a.receipt, s.Receipt, err)
		case a.err != nil && !errors.Is(a.err, audit.ErrUnavailable) && !errors.Is(a.err, audit.ErrBusy):
			t.Fatal(a.err)
		case a.err != nil && strings.Contains(a.err.Error(), "could not be looked up"):
			if unknown++; err == nil {
				places[s.Index] = true
			}
		case a.err != nil && !errors.Is(err, audit.ErrNotFound):
			t.Fatalf("refused with %v and found %+v, %v", a.err, s.Receipt, err)
		}
		if a.err == nil {
			places[s.Index] = true
		}
	}
	head, err := log.Head(t.Context())
	if err != nil || head.Size != int64(len(places)) || unknown > 2*16 {
		t.Fatalf("%d entries for %d acknowledgements; %v", head.Size, len(places), err)
	}
	return len(places)
}

func TestCrowd(t *testing.T) {
	t.Parallel()
	t.Run("many programs append at once", func(t *testing.T) {
		t.Parallel()
		log, db := open(t)
		pending := many(900, nil)
		answers := make([][]asked, 3)
		var wg sync.WaitGroup
		for i := range answers {
			_, through := behind(t, db)
			own, err := audit.Open(t.Context(), through, "onward.test/log", start)
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				c := own.NewPartingCommitter(300, 32, clock)
				answers[i] = all(t.Context(), c, pending[300*i:300*(i+1)])
				if err := c.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		for range 30 { // while others change something
			change(t, log, start, newEntry())
		}
		wg.Wait()
		verify(t, log)
		for i, a := range append(append(answers[0], answers[1]...), answers[2]...) {
			s, err := log.Entry(t.Context(), pending[i].Entry.ID)
			if a.err != nil || err != nil || s.Index != a.receipt.Index {
				t.Fatal(a.err, err)
			}
		}
		if h, err := log.Head(t.Context()); err != nil || h.Size != 930 || h.Epoch != 30 {
			t.Fatal(h, err)
		}
	})
	t.Run("the same requests to many programs at once are written once", func(t *testing.T) {
		t.Parallel()
		log, db := open(t)
		pending := many(200, nil)
		var first atomic.Int64
		var wg sync.WaitGroup
		for range 3 {
			_, through := behind(t, db)
			own, err := audit.Open(t.Context(), through, "onward.test/log", start)
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				c := own.NewCommitter(200, 32, clock)
				for _, a := range all(t.Context(), c, pending) {
					if a.err != nil {
						t.Error(a.err)
					} else if !a.receipt.Replayed {
						first.Add(1)
					}
				}
				if err := c.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		verify(t, log)
		if h, err := log.Head(t.Context()); err != nil || h.Size != 200 || first.Load() != 200 {
			t.Fatal(h, err, first.Load())
		}
	})
	t.Run("more than the queue holds is refused", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		c := log.NewCommitter(3, 1, clock)
		pending := many(300, nil)
		answers := all(t.Context(), c, pending)
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if written := holdsAll(t, log, pending, answers); written == 0 || written == len(pending) {
			t.Fatal(written)
		}
	})
	t.Run("the database goes away in the middle of 1,000 appends", func(t *testing.T) {
		t.Parallel()
		for _, begin := range kinds {
			w := newEmptyWorld(t)
			c := begin(w.log, 1000, 16, clock)
			var acknowledged atomic.Int64
			pending := many(1000, nil)
			answers := make([]asked, len(pending))
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					for k := i; k < len(pending); k += 20 {
						answers[k].receipt, answers[k].err = c.Append(t.Context(), pending[k])
						if answers[k].err == nil && acknowledged.Add(1) == 300 {
							go w.proxy.setDown(true) // while others are on their way
						}
					}
				})
			}
			wg.Wait()
			w.proxy.setDown(false)
			written := holdsAll(t, w.log, pending, answers)
			if written < 300 || written == len(pending) {
				t.Fatalf("%d were written", written)
			}
			for _, a := range all(t.Context(), c, pending) {
				if a.err != nil {
					t.Fatal(a.err)
				}
			}
			if err := c.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			verify(t, w.log)
			if h, err := w.log.Head(t.Context()); err != nil || h.Size != 1000 {
				t.Fatal(h, err)
			}
		}
	})
}

func TestCut(t *testing.T) {
	t.Parallel()
	for way, try := range ways {
		t.Run("a connection ends after any of its messages in "+way, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for after := range 60 {
				w.proxy.arm(cutAtMessage, after)
				e := newEntry()
				r, err := try(t, w, e)
				w.proxy.arm(cutNot, 0)
				if err != nil && !errors.Is(err, audit.ErrUnavailable) {
					t.Fatalf("cut after %d: %v", after, err)
				}
				w.checkAmong(t)
				s, found := w.log.Entry(t.Context(), e.ID)
				if (err == nil) != (found == nil) || err == nil && s.Index != r.Index {
					t.Fatalf("cut after %d: told %v, found %v", after, err, found)
				}
				if again, err := try(t, w, e); err != nil || again.Replayed != (found == nil) {
					t.Fatalf("cut after %d, again: %+v %v", after, again, err)
				}
			}
			verify(t, w.log)
		})
	}
}

// newEmptyWorld is a world whose log is empty.
func newEmptyWorld(t *testing.T) *world {
	t.Helper()
	db := newDatabase(t)
	p, through := behind(t, db)
	log, err := audit.Open(t.Context(), through, "onward.test/log", start)
	if err != nil {
		t.Fatal(err)
	}
	return &world{log: log, db: db, proxy: p, at: start}
}

func newDatabase(t *testing.T) *bun.DB {
	t.Helper()
	_, db := open(t)
	return db
}
