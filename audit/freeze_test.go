package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
	"onward/migrations/pgtest"
)

// frozen checks that the log is frozen for everybody, stays so, and signs nothing.
func (p *press) frozen(t *testing.T, why string) {
	t.Helper()
	before, err := p.log.Checkpoint(t.Context())
	if err != nil && !errors.Is(err, audit.ErrNotFound) {
		t.Fatal(err)
	}
	for range 2 { // the second time it is known from the head
		if _, err := p.publisher().Publish(t.Context()); !errors.Is(err, audit.ErrFrozen) || !strings.Contains(err.Error(), why) {
			t.Fatalf("published with %v; it should be frozen because of %q", err, why)
		}
	}
	if after, _ := p.log.Checkpoint(t.Context()); after.Size != before.Size {
		t.Fatalf("a frozen log published %d", after.Size)
	}
	p = p.on(t, p.db) // another start
	h, err := p.log.Head(t.Context())
	if err != nil || !strings.Contains(h.Frozen, why) || strings.Contains(h.Frozen, "\n") {
		t.Fatalf("%q is not why: %v", h.Frozen, err)
	}
	if h.FrozenAt.IsZero() {
		t.Error("nothing says since when")
	}
	wrote := 0
	_, err = p.log.Change(t.Context(), start, func(context.Context, bun.Tx) ([]audit.Entry, error) {
		wrote++
		return []audit.Entry{newEntry()}, nil
	})
	if !errors.Is(err, audit.ErrFrozen) || wrote != 1 {
		t.Fatalf("a change was answered %v", err)
	}
	c := p.log.NewCommitter(4, 4, clock)
	for _, a := range all(t.Context(), c, []audit.Pending{{Entry: newEntry()}, {Entry: newEntry(), Then: noThen}}) {
		if !errors.Is(a.err, audit.ErrFrozen) {
			t.Errorf("the committer answered %v", a.err)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, err := p.log.Head(t.Context()); err != nil || after.Size != h.Size {
		t.Fatalf("a frozen log grew from %d to %d: %v", h.Size, after.Size, err)
	}
	verify(t, p.log)
}

// acknowledges acknowledges, and checks that the log goes on.
func (p *press) acknowledges(t *testing.T) {
	t.Helper()
	h, err := p.log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.log.Acknowledge(t.Context(), audit.Program, start, "restored from the backup of last night")
	if err != nil || r.Index != h.Size {
		t.Fatal(r, err)
	}
	if open, err := p.log.Head(t.Context()); err != nil || !h.Outside || open.Outside || open.Frozen != "" || !open.FrozenAt.IsZero() {
		t.Error("the head tells of a freeze that is over, or told of none that could be acknowledged:", h, open, err)
	}
	s, err := p.log.Entry(t.Context(), r.EntryID)
	if err != nil {
		t.Fatal(err)
	}
	var leaf struct{ Body map[string]string }
	if err := json.Unmarshal(s.Leaf, &leaf); err != nil {
		t.Fatal(err)
	}
	if b := leaf.Body; s.Type != "log.acknowledged" || b["why"] != h.Frozen || b["root"] != tlog.Hash(h.Root).String() ||
		b["reason"] != "restored from the backup of last night" || b["outside_size"] == "" || b["outside_root"] == "" {
		t.Fatalf("the entry says %s", s.Leaf)
	}
	if _, err := p.log.Acknowledge(t.Context(), audit.Program, start, "again"); !errors.Is(err, audit.ErrNotFrozen) {
		t.Fatalf("acknowledged twice: %v", err)
	}
	p.publish(t)
	for range 3 {
		p.grow(t, 100)
		p.publish(t)
	}
}

// disagreements are ways in which a copy comes to disagree with the database; each returns the press on what is to be found out.
var disagreements = map[string]struct {
	make func(t *testing.T, p *press) *press
	why  string
}{
	"the database was set back": {func(t *testing.T, p *press) *press {
		t.Helper()
		backup := pgtest.Copy(t, p.db)
		p.grow(t, 20)
		p.publish(t)
		return p.on(t, backup)
	}, "The database has 250 entries, and a checkpoint kept outside it is of 270"},
	"the database was set back and grew again": {func(t *testing.T, p *press) *press {
		t.Helper()
		backup := pgtest.Copy(t, p.db)
		p.grow(t, 20)
		p.publish(t)
		other := p.on(t, backup)
		other.grow(t, 100)
		return other
	}, "another history than a checkpoint of 270 entries"},
	"there is a fork of the same size": {func(t *testing.T, p *press) *press {
		t.Helper()
		backup := pgtest.Copy(t, p.db)
		p.grow(t, 20)
		p.publish(t)
		other := p.on(t, backup)
		other.grow(t, 20)
		return other
	}, "another history than a checkpoint of 270 entries"},
	"there is a fork that published elsewhere": {func(t *testing.T, p *press) *press {
		t.Helper()
		backup := pgtest.Copy(t, p.db)
		p.grow(t, 20)
		p.publish(t)
		other := p.on(t, backup)
		other.copy += "-elsewhere"
		other.grow(t, 20)
		other.publish(t)
		other.copy = p.copy
		return other
	}, "another history than a checkpoint of 270 entries"},
	"a record in the middle is of another history": {func(t *testing.T, p *press) *press {
		t.Helper()
		p.grow(t, 10)
		p.addToCopy(t, append(audit.Signed(origin, p.keys, 255, tlog.Hash{1}), '\n'))
		c, err := p.log.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p.addToCopy(t, append(audit.Signed(origin, p.keys, 260, tlog.Hash(c.Root)), '\n'))
		return p
	}, "has another root for 255 entries"},
	"a record goes back": {func(t *testing.T, p *press) *press {
		t.Helper()
		p.addToCopy(t, append(audit.Signed(origin, p.keys, 249, tlog.Hash{}), '\n'))
		return p
	}, "goes back from 250 entries to 249"},
	"a byte in the middle was changed": {func(t *testing.T, p *press) *press {
		t.Helper()
		p.grow(t, 1)
		p.publish(t)
		text, err := os.ReadFile(p.copy)
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/4]++
		if err := os.WriteFile(p.copy, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}, "the record at byte 0 is not signed by a key of the log"},
	"a record was removed at its front": {func(t *testing.T, p *press) *press {
		t.Helper()
		p.grow(t, 1)
		p.publish(t)
		text, err := os.ReadFile(p.copy)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p.copy, text[30:], 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}, "is not signed by a key of the log"},
	"a record is signed by a stranger": {func(t *testing.T, p *press) *press {
		t.Helper()
		secret, _, err := audit.NewKey(origin)
		if err != nil {
			t.Fatal(err)
		}
		p.addToCopy(t, append(audit.Signed(origin, keysOf(t, secret), 250, tlog.Hash{}), '\n'))
		return p
	}, "is not signed by a key of the log"},
	"there is rubbish in it": {func(t *testing.T, p *press) *press {
		t.Helper()
		p.addToCopy(t, bytes.Repeat([]byte("rubbish "), 20_000))
		return p
	}, "is not signed by a key of the log"},
}

func TestFreeze(t *testing.T) {
	t.Parallel()
	for name, d := range disagreements {
		t.Run("when "+name+", the log is frozen until that is acknowledged", func(t *testing.T) {
			t.Parallel()
			p := newPress(t)
			p.grow(t, 250)
			p.publish(t)
			p = d.make(t, p)
			p.frozen(t, d.why)
			p.acknowledges(t)
			verify(t, p.log)
		})
	}
	t.Run("it can be frozen and acknowledged again and again", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 250)
		p.publish(t)
		for range 3 {
			p = disagreements["the database was set back and grew again"].make(t, p)
			p.frozen(t, "another history than a checkpoint")
			p.acknowledges(t)
		}
	})
	t.Run("a mark counts in its place only", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 250)
		p.publish(t)
		p = disagreements["the database was set back"].make(t, p)
		p.frozen(t, "was set back")
		p.acknowledges(t)
		text, err := os.ReadFile(p.copy)
		if err != nil {
			t.Fatal(err)
		}
		from := bytes.Index(text, []byte("onward log break v1"))
		mark := text[from:]
		mark = mark[:bytes.Index(mark, []byte("\n\n"+origin))+2]
		p.addToCopy(t, mark)
		p.frozen(t, "marks a break in another copy")
	})
	t.Run("when the process dies before it marks the copy, the next one does", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 250)
		p.publish(t)
		p = disagreements["the database was set back"].make(t, p)
		p.frozen(t, "was set back")
		if _, err := p.log.Acknowledge(t.Context(), audit.Program, start, "known"); err != nil {
			t.Fatal(err)
		}
		for _, step := range []string{"lock", "break", "sign", "copy", "row", "commit"} {
			dying := p.publisher()
			dying.BreakAt(step)
			if _, err := dying.Publish(t.Context()); !errors.Is(err, audit.ErrBrokenOff) {
				t.Fatalf("%s: %v", step, err)
			}
			p.grow(t, 1)
		}
		p.publish(t)
	})
	t.Run("when the process dies before it freezes the log, the next one does", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 250)
		p.publish(t)
		p = disagreements["the database was set back"].make(t, p)
		for _, step := range []string{"freeze", "commit"} {
			dying := p.publisher()
			dying.BreakAt(step)
			if _, err := dying.Publish(t.Context()); !errors.Is(err, audit.ErrBrokenOff) {
				t.Fatalf("%s: %v", step, err)
			}
		}
		p.frozen(t, "was set back")
	})
	t.Run("a publisher that runs freezes a database that is set back below it, and goes on after the acknowledgement", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 250)
		p.publish(t)
		p = disagreements["the database was set back"].make(t, p)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); p.publisher().Run(ctx) }()
		waitFor(t, "the log is frozen", func() bool {
			h, err := p.log.Head(t.Context())
			return err == nil && h.Frozen != ""
		})
		r, err := p.log.Acknowledge(t.Context(), audit.Program, start, "known")
		if err != nil {
			t.Fatal(err)
		}
		waitCovered(t, p.log, r.Index)
		stop()
		<-ended
		p.publish(t)
	})
	t.Run("a request that was recorded before gets its receipt from a frozen log", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		e := newEntry()
		first := change(t, p.log, start, e)
		p.grow(t, 249)
		p.publish(t)
		p = disagreements["the database was set back"].make(t, p)
		p.frozen(t, "was set back")
		if r, err := p.log.Change(t.Context(), start, nothing(e)); err != nil || !r[0].Replayed || r[0].Index != first[0].Index {
			t.Error(r, err)
		}
		w := &world{log: p.log, at: start}
		if r, err := commitOne(t, w, audit.Pending{Entry: e}); err != nil || !r.Replayed || r.Index != first[0].Index {
			t.Error(r, err)
		}
	})
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	t.Run("a log that is not frozen has nothing to acknowledge", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		if _, err := log.Acknowledge(t.Context(), audit.Program, start, "why not"); !errors.Is(err, audit.ErrNotFrozen) {
			t.Fatal(err)
		}
	})
	t.Run("a reason is needed, and must be readable", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		for _, reason := range []string{"", " ", "\x00", "\xff", strings.Repeat("x", 2001)} {
			if _, err := log.Acknowledge(t.Context(), audit.Program, start, reason); !errors.Is(err, audit.ErrReason) {
				t.Errorf("%.10q: %v", reason, err)
			}
		}
	})
}
