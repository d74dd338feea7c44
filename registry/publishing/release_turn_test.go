package publishing_test

import (
	"errors"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/publishing"
)

// rewritten makes a release of the newest list as a program of another version would write it.
func (o *office) rewritten(t *testing.T, old, now string) {
	t.Helper()
	_, err := o.db.ExecContext(t.Context(), `
		INSERT INTO releases (number, entry_id, released_at, sha256, list, changes, lines, differences)
		SELECT number + 1, gen_random_uuid(), ?, sha256(convert_to(replace(list, ?, ?), 'UTF8')), replace(list, ?, ?), '{}', lines, '[]'
		FROM releases ORDER BY number DESC LIMIT 1`, o.tick(), old, now, old, now)
	if err != nil {
		t.Fatal(err)
	}
}

func TestReleasesWhileProgramsOfTwoVersionsRun(t *testing.T) {
	t.Parallel()
	t.Run("a field that only the newer one knows makes no release of the older", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.public(t, "Acme", registry.EngagementFields{Service: "Mail"})
		o.current(t)
		o.rewritten(t, `"service":`, `"seal":"blue","service":`)
		if list := o.current(t); list.Release == nil || list.Release.Number != 2 || len(o.released(t)) != 1 {
			t.Errorf("%+v, %d entries", list.Release, len(o.released(t)))
		}
	})
	t.Run("and a line that changes then is released by either", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.public(t, "Acme", registry.EngagementFields{Service: "Mail"})
		o.current(t)
		o.rewritten(t, `"service":`, `"seal":"blue","service":`)
		o.public(t, "Beta", registry.EngagementFields{})
		if list := o.current(t); list.Release == nil || list.Release.Number != 3 || len(list.Entries) != 2 {
			t.Errorf("%+v", list.Release)
		}
	})
	t.Run("two that word a line differently do not take turns for ever", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.public(t, "Acme", registry.EngagementFields{Service: "Mail"})
		o.current(t)
		var err error
		for range 20 {
			o.rewritten(t, `"Mail"`, `"E-mail"`)
			var list publishing.List
			if list, err = o.Current(t.Context(), o.tick()); err != nil {
				if list.Release != nil || len(list.Entries) != 1 {
					t.Errorf("%+v", list)
				}
				break
			}
		}
		if made := len(o.released(t)); !errors.Is(err, publishing.ErrUnreleased) || made > 3 {
			t.Errorf("%d releases, then %v", made, err)
		}
		o.now.Add(int64(10 * time.Minute / time.Second))
		if list := o.current(t); list.Release == nil {
			t.Error("the one that stays does not release its list")
		}
	})
	t.Run("somebody who changes their mind is not held up", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.public(t, "Acme", registry.EngagementFields{Service: "Mail"})
		e := o.public(t, "Beta", registry.EngagementFields{})
		o.current(t)
		for i, patch := range []string{`{"listed":false}`, `{"listed":true}`} {
			e = must(o.registry.ChangeEngagement(t.Context(), legal, o.tick(), e.ID, e.Version, []byte(patch)))(t)
			if list := o.current(t); list.Release == nil || list.Release.Number != int64(i+2) {
				t.Errorf("%+v", list.Release)
			}
		}
	})
}
