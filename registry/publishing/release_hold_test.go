package publishing_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/publishing"
)

// TestAsOneRelease: whatever is done as one release, no other instance shows or releases what stands in between.
func TestAsOneRelease(t *testing.T) {
	t.Parallel()
	t.Run("another instance shows the list before until it is over, and then all of it", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		e := o.public(t, "Acme", registry.EngagementFields{})
		other := publishing.NewDesk(o.db, o.log)
		if list := must(other.Current(t.Context(), o.tick()))(t); list.Release.Number != 1 {
			t.Fatal(list.Release)
		}
		o.public(t, "Before", registry.EngagementFields{}) // nobody has looked since
		looked := make(chan struct{}, 1)
		over := make(chan struct{})
		var looking sync.WaitGroup
		looking.Go(func() {
			for {
				list, err := other.Current(t.Context(), o.tick())
				if list.Release == nil || list.Release.Number < 2 || len(list.Entries) != 2 && len(list.Entries) != 8 ||
					errors.Is(err, publishing.ErrHeld) != (list.Release.Number == 2 && err != nil) {
					t.Errorf("%d lines of release %+v: %v", len(list.Entries), list.Release, err)
					return
				}
				select {
				case looked <- struct{}{}:
				default:
				}
				select {
				case <-over:
					return
				default:
				}
			}
		})
		err := o.AsOneRelease(t.Context(), o.tick, func() error {
			for i := range 6 {
				o.public(t, fmt.Sprintf("Vendor %d", i), registry.EngagementFields{})
				<-looked
				if list, err := other.Current(t.Context(), o.tick()); !errors.Is(err, publishing.ErrHeld) || list.Release.Number != 2 || len(list.Entries) != 2 {
					t.Errorf("%d lines: %v", len(list.Entries), err)
				}
			}
			_, err := o.registry.ChangeEngagement(t.Context(), legal, o.tick(), e.ID, e.Version, []byte(`{"service":"Mail"}`))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if list := must(other.Current(t.Context(), o.tick()))(t); list.Release.Number != 3 || len(list.Entries) != 8 {
			t.Errorf("%d lines of release %+v", len(list.Entries), list.Release)
		}
		close(over)
		looking.Wait()
		if n := len(o.released(t)); n != 3 {
			t.Errorf("%d releases", n)
		}
	})
	t.Run("what fails in the middle is released as far as it came", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		fails := errors.New("the file ends")
		err := o.AsOneRelease(t.Context(), o.tick, func() error {
			o.public(t, "Acme", registry.EngagementFields{})
			if list, err := o.Current(t.Context(), o.tick()); !errors.Is(err, publishing.ErrHeld) || len(list.Entries) != 0 || list.Release != nil {
				t.Errorf("%+v %v", list, err)
			}
			return fails
		})
		if !errors.Is(err, fails) {
			t.Error(err)
		}
		if n := len(o.released(t)); n != 1 {
			t.Errorf("%d releases", n)
		}
	})
	t.Run("of two at once the last makes the release", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		err := o.AsOneRelease(t.Context(), o.tick, func() error {
			o.public(t, "Outer", registry.EngagementFields{})
			err := o.AsOneRelease(t.Context(), o.tick, func() error {
				o.public(t, "Inner", registry.EngagementFields{})
				return nil
			})
			if n := len(o.released(t)); n != 0 {
				t.Errorf("%d releases", n)
			}
			return err
		})
		if err != nil || len(o.released(t)) != 1 {
			t.Error(err, len(o.released(t)))
		}
	})
	t.Run("who gives up because its time is over gives the list back all the same", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		ctx, cancel := context.WithCancel(t.Context())
		err := o.AsOneRelease(ctx, o.tick, func() error {
			o.public(t, "Acme", registry.EngagementFields{}) //nolint:contextcheck // it is to be there although ctx ends
			cancel()
			return ctx.Err()
		})
		if !errors.Is(err, context.Canceled) || len(o.released(t)) != 1 {
			t.Error(err, len(o.released(t)))
		}
	})
	t.Run("a change whose day comes takes effect, and is a part of the release", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		l := o.line(t, "Acme", true)
		o.current(t)
		c := must(o.Propose(t.Context(), legal, o.tick(), l.steps(`{"service":"Mail"}`)))(t)
		must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, c.Version))(t)
		err := o.AsOneRelease(t.Context(), o.tick, func() error {
			if n := must(o.ApplyDue(t.Context(), o.tick()))(t); n != 1 || len(o.released(t)) != 1 {
				t.Errorf("%d took effect", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := must(o.Release(t.Context(), 2))(t); len(r.Changes) != 1 || r.Changes[0] != c.ID {
			t.Errorf("%+v", r.Release)
		}
	})
}

// TestHoldLives: who holds the list says again and again that it lives.
func TestHoldLives(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	err := o.AsOneRelease(t.Context(), o.tick, func() error {
		ends := func() (at time.Time) {
			if err := o.db.NewRaw(`SELECT ends_at FROM release_holds`).Scan(t.Context(), &at); err != nil {
				t.Fatal(err)
			}
			return at
		}
		first := ends()
		for until := time.Now().Add(20 * time.Second); ends().Equal(first); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatal("it does not")
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestDeadHoldEnds: who died while it held the list holds it no longer than it is believed to live.
func TestDeadHoldEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.public(t, "Acme", registry.EngagementFields{})
	if _, err := o.db.NewRaw(`INSERT INTO release_holds VALUES (gen_random_uuid(), now(), clock_timestamp() + interval '1 second')`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Current(t.Context(), o.tick()); !errors.Is(err, publishing.ErrHeld) {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		list, err := o.Current(t.Context(), o.tick())
		if err == nil && list.Release.Number == 1 {
			return
		}
		if !errors.Is(err, publishing.ErrHeld) || time.Now().After(end) {
			t.Fatal(list.Release, err)
		}
	}
}
