package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
	signed "golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
	"onward/migrations/pgtest"
)

const origin = "onward.test/log"

// press is a log that is published, and everything that a publisher needs.
type press struct {
	log    *audit.Log
	db     *bun.DB
	copy   string
	secret string
	keys   *audit.Keys
}

func newPress(tb testing.TB) *press {
	tb.Helper()
	log, db := open(tb)
	return pressOf(tb, log, db)
}

// newDurablePress forces every commit to disk, as the program does.
func newDurablePress(tb testing.TB) *press {
	tb.Helper()
	db := pgtest.NewDurable(tb)
	db.SetMaxIdleConns(8)
	log, err := audit.Open(tb.Context(), db, origin, start)
	if err != nil {
		tb.Fatal(err)
	}
	return pressOf(tb, log, db)
}

func pressOf(tb testing.TB, log *audit.Log, db *bun.DB) *press {
	tb.Helper()
	secret, _, err := audit.NewKey(origin)
	if err != nil {
		tb.Fatal(err)
	}
	p := &press{log: log, db: db, copy: filepath.Join(tb.TempDir(), "checkpoints"), secret: secret}
	p.keys = keysOf(tb, secret)
	return p
}

func keysOf(tb testing.TB, text string) *audit.Keys {
	tb.Helper()
	k, err := audit.ParseKeys(origin, text)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// publisher is a new publisher, as after a start of the program.
func (p *press) publisher(witnesses ...audit.Cosigner) *audit.Publisher {
	return p.publisherAt(clock, witnesses...)
}

// publisherAt is publisher by another clock.
func (p *press) publisherAt(now func() time.Time, witnesses ...audit.Cosigner) *audit.Publisher {
	return audit.NewPublisher(p.log, audit.PublisherOptions{
		Keys: func() (*audit.Keys, error) { return p.keys, nil }, Copy: p.copy, Now: now, Witnesses: witnesses,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// on is the same press on another database.
func (p *press) on(tb testing.TB, db *bun.DB) *press {
	tb.Helper()
	log, err := audit.Open(tb.Context(), db, origin, start)
	if err != nil {
		tb.Fatal(err)
	}
	other := *p
	other.log, other.db = log, db
	return &other
}

// grow appends n entries in one change.
func (p *press) grow(tb testing.TB, n int) {
	tb.Helper()
	entries := make([]audit.Entry, 0, n)
	for range n {
		entries = append(entries, newEntry())
	}
	change(tb, p.log, start, entries...)
}

// publish publishes by a new publisher and checks that what is published is what the log is.
func (p *press) publish(tb testing.TB) audit.Checkpoint {
	tb.Helper()
	c, err := p.publisher().Publish(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	p.holds(tb, c)
	return c
}

// holds checks a newest checkpoint against the head, its note, the row and the copy.
func (p *press) holds(tb testing.TB, c audit.Checkpoint) {
	tb.Helper()
	h, err := p.log.Head(tb.Context())
	if err != nil || h.Size != c.Size || !bytes.Equal(h.Root, c.Root) {
		tb.Fatalf("published %d, the log has %d: %v", c.Size, h.Size, err)
	}
	n, err := signed.Open(c.Note, p.keys)
	if want := fmt.Sprintf("%s\n%d\n%s\n", origin, c.Size, tlog.Hash(c.Root)); err != nil || n.Text != want {
		tb.Fatalf("the note is %q, %v", c.Note, err)
	}
	row, err := p.log.Checkpoint(tb.Context())
	if err != nil || row.Size != c.Size || !bytes.Equal(row.Note, c.Note) {
		tb.Fatalf("the row is %+v, %v", row, err)
	}
	if got := p.copied(tb); got.Size != c.Size || got.Fault != "" {
		tb.Fatalf("the copy is %+v", got)
	}
	verify(tb, p.log)
}

// copied reads the copy anew.
func (p *press) copied(tb testing.TB) audit.Copied {
	tb.Helper()
	text, err := os.ReadFile(p.copy)
	if err != nil {
		tb.Fatal(err)
	}
	return audit.ReadCopy(origin, p.keys, text)
}

// addToCopy adds bytes to the copy.
func (p *press) addToCopy(tb testing.TB, text []byte) {
	tb.Helper()
	f, err := os.OpenFile(p.copy, os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		_, err = f.Write(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		tb.Fatal(err)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	t.Run("an empty log has no checkpoint", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		if c, err := p.publisher().Publish(t.Context()); err != nil || c.Size != 0 {
			t.Fatal(c, err)
		}
		if _, err := p.log.Checkpoint(t.Context()); !errors.Is(err, audit.ErrNotFound) {
			t.Fatal(err)
		}
	})
	t.Run("every checkpoint is consistent with all before it, across tiles and starts", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		for _, n := range []int{1, 1, 5, 248, 1, 1, 255, 300, 2} {
			p.grow(t, n)
			p.publish(t)
		}
	})
	t.Run("nothing is signed where nothing grew", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 3)
		first := p.publish(t)
		again := p.publish(t)
		if got := p.copied(t); !bytes.Equal(first.Note, again.Note) || got.Whole != int64(len(first.Note))+1 {
			t.Fatal(got)
		}
	})
	t.Run("an empty copy is filled from the database", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 3)
		p.publish(t)
		p.copy += "-on-another-machine"
		p.publish(t)
	})
	t.Run("a copy that was cut while it was read is filled again", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		publisher := p.publisher()
		for range 2 {
			p.grow(t, 3)
			c, err := publisher.Publish(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			p.holds(t, c)
			if err := os.Truncate(p.copy, 10); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("a record that was not written to its end is dropped", func(t *testing.T) {
		t.Parallel()
		for _, cut := range []int{1, 20, 60, 100, 150} {
			p := newPress(t)
			p.grow(t, 3)
			c := p.publish(t)
			p.addToCopy(t, c.Note[:cut])
			p.publish(t)
			p.grow(t, 1)
			p.publish(t)
		}
	})
	t.Run("an instance with another key does not publish, and says why", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 1)
		p.publish(t)
		other := *p
		secret, _, err := audit.NewKey(origin)
		if err != nil {
			t.Fatal(err)
		}
		other.keys, other.copy = keysOf(t, secret), p.copy+"-other"
		p.grow(t, 1)
		if _, err := other.publisher().Publish(t.Context()); err == nil || errors.Is(err, audit.ErrFrozen) {
			t.Fatal(err)
		}
		p.publish(t)
	})
	t.Run("two publishers at once publish the same", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		publishers := []*audit.Publisher{p.publisher(), p.publisher(), p.publisher()}
		for range 20 {
			p.grow(t, 7)
			var wg sync.WaitGroup
			for _, one := range publishers {
				wg.Go(func() {
					c, err := one.Publish(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					p.holds(t, c)
				})
			}
			wg.Wait()
		}
		var rows int
		if err := p.db.NewRaw(`SELECT count(*) FROM log_checkpoint`).Scan(t.Context(), &rows); err != nil || rows != 20 {
			t.Fatal(rows, err)
		}
	})
}

// TestCrash breaks a publication off before every step, and starts again.
func TestCrash(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"lock", "sign", "copy", "row", "commit", "done"} {
		t.Run("when the process dies before the step "+step, func(t *testing.T) {
			t.Parallel()
			for _, grown := range []int{0, 1, 300} {
				p := newPress(t)
				p.grow(t, 250)
				before := p.publish(t)
				p.grow(t, 5)
				dying := p.publisher()
				dying.BreakAt(step)
				if _, err := dying.Publish(t.Context()); !errors.Is(err, audit.ErrBrokenOff) {
					t.Fatal(err)
				}
				row, err := p.log.Checkpoint(t.Context())
				if err != nil || (row.Size != before.Size) != (step == "done") {
					t.Fatalf("a checkpoint of %d is published: %v", row.Size, err)
				}
				if got := p.copied(t); got.Size < row.Size {
					t.Fatalf("%d is published and the copy knows %d", row.Size, got.Size)
				}
				if grown > 0 {
					p.grow(t, grown)
				}
				p.publish(t)
			}
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	t.Run("what was appended is published within a second, by whichever instance", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		elsewhere := p.on(t, pgtest.As(t, p.db, pgtest.AddressOf(t, p.db).User, pgtest.AddressOf(t, p.db).Password))
		elsewhere.copy += "-elsewhere"
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { p.publisher().Run(ctx) })
		wg.Go(func() { elsewhere.publisher().Run(ctx) })
		third := p.on(t, p.db) // appends in a process that does not publish
		for range 4 {
			r := change(t, third.log, start, newEntry())
			c := waitCovered(t, p.log, r[0].Index)
			if c.Size <= r[0].Index {
				t.Fatal(c)
			}
		}
		waitFor(t, "both copies have it", func() bool {
			h, err := p.log.Head(t.Context())
			return err == nil && p.copied(t).Size == h.Size && elsewhere.copied(t).Size == h.Size
		})
		stop()
		wg.Wait()
		verify(t, p.log)
	})
}

// waitCovered waits until an entry is under a checkpoint. The bound is far above a second, because the machine is shared.
func waitCovered(tb testing.TB, log *audit.Log, index int64) (c audit.Checkpoint) {
	tb.Helper()
	waitFor(tb, fmt.Sprintf("entry %d is published", index), func() (ok bool) {
		var err error
		c, err = log.CheckpointCovering(tb.Context(), index)
		return err == nil
	})
	return c
}

func waitFor(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	tb.Fatalf("after ten seconds it is not so that %s", what)
}
