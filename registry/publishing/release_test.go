package publishing_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/publishing"
)

// public is a vendor that is approved at once, with one listed engagement.
func (o *office) public(t *testing.T, name string, f registry.EngagementFields) registry.Engagement {
	t.Helper()
	v := must(o.registry.CreateVendor(t.Context(), legal, o.tick(), registry.VendorFields{Name: name, Kinds: []string{"subprocessor"}}))(t)
	must(o.registry.ChangeVendor(t.Context(), approver, o.tick(), v.ID, v.Version, registry.VendorPatch{State: registry.Approved}))(t)
	f.Listed, f.ListedReason = true, "its infrastructure delivers the product"
	if f.Service == "" {
		f.Service = "Hosting"
	}
	return must(o.registry.CreateEngagement(t.Context(), legal, o.tick(), v.ID, f))(t)
}

func (o *office) current(t *testing.T) publishing.List {
	t.Helper()
	return must(o.Current(t.Context(), o.tick()))(t)
}

// released are the entries of the log that tell of releases.
func (o *office) released(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, e := range must(o.log.Entries(t.Context(), audit.Query{After: -1, Type: "list.released"}))(t) {
		all = append(all, string(e.Leaf))
	}
	return all
}

func TestReleases(t *testing.T) { //nolint:tparallel // each step goes on from the one before
	t.Parallel()
	o := newOffice(t)
	var first, second publishing.List
	var mail registry.Engagement

	t.Run("none of a list that never had a line", func(t *testing.T) { //nolint:paralleltest // see above
		must(o.registry.CreateVendor(t.Context(), legal, o.tick(), registry.VendorFields{Name: "Draft", Kinds: []string{"subprocessor"}}))(t)
		if list := o.current(t); list.Release != nil || len(o.released(t)) != 0 {
			t.Errorf("%+v", list.Release)
		}
	})
	t.Run("the first line makes the first", func(t *testing.T) { //nolint:paralleltest // see above
		mail = o.public(t, "Acme", registry.EngagementFields{Service: "Mail"})
		first = o.current(t)
		whole := must(o.Release(t.Context(), 1))(t)
		if first.Release == nil || first.Release.Number != 1 || whole.SHA256 != sha256.Sum256(whole.Text) || len(whole.Differences) != 0 || whole.Lines != 1 {
			t.Errorf("%+v %+v", first.Release, whole)
		}
		if diff := cmp.Diff(first.Entries, whole.Entries); diff != "" {
			t.Error(diff)
		}
		if !strings.HasPrefix(string(whole.Text), `{"subprocessors":[{"id":"`+mail.ID.String()+`","kinds":["subprocessor"],"locations":[],"service":"Mail","vendor":"Acme"`) {
			t.Error(string(whole.Text))
		}
	})
	t.Run("the log names it, and the one before", func(t *testing.T) { //nolint:paralleltest // see above
		o.public(t, "Beta", registry.EngagementFields{Service: "Search"})
		second = o.current(t)
		all := o.released(t)
		if len(all) != 2 {
			t.Fatal(all)
		}
		want := []string{
			`"body":{"lines":"1","number":"1","sha256":"` + first.Release.SHA256.String() + `"}`,
			`"body":{"lines":"2","number":"2","previous":"` + first.Release.SHA256.String() + `","sha256":"` + second.Release.SHA256.String() + `"}`,
		}
		for i := range want {
			if !strings.Contains(all[i], want[i]) {
				t.Errorf("%s has no %s", all[i], want[i])
			}
		}
	})
	t.Run("none while the list says the same", func(t *testing.T) { //nolint:paralleltest // see above
		must(o.registry.ChangeEngagement(t.Context(), legal, o.tick(), mail.ID, mail.Version, []byte(`{"notes":"internal"}`)))(t)
		if list := o.current(t); list.Release.Number != 2 || len(o.released(t)) != 2 {
			t.Errorf("%+v", list.Release)
		}
	})
	t.Run("a list that is what it was once is a new one with the old digest", func(t *testing.T) { //nolint:paralleltest // see above
		mail = must(o.registry.ChangeEngagement(t.Context(), legal, o.tick(), mail.ID, mail.Version+1, []byte(`{"listed":false}`)))(t)
		third := o.current(t)
		must(o.registry.ChangeEngagement(t.Context(), legal, o.tick(), mail.ID, mail.Version, []byte(`{"listed":true}`)))(t)
		fourth := o.current(t)
		if third.Release.Number != 3 || fourth.Release.Number != 4 || fourth.Release.SHA256 != second.Release.SHA256 {
			t.Errorf("%+v %+v", third.Release, fourth.Release)
		}
	})
	t.Run("each says what it changed, whole lines with all that they say", func(t *testing.T) { //nolint:paralleltest // see above
		page := must(o.Releases(t.Context(), 3, ""))(t)
		rest := must(o.Releases(t.Context(), 3, page.Next))(t)
		if len(page.Items) != 3 || page.Items[0].Number != 4 || len(rest.Items) != 1 || rest.Items[0].Number != 1 || rest.Next != "" {
			t.Fatalf("%+v %+v", page, rest)
		}
		d := page.Items[1].Differences
		if len(d) != 1 || d[0].What != publishing.LineRemoved || d[0].Vendor != "Acme" || len(d[0].Fields) == 0 || d[0].Fields[0].After != nil {
			t.Errorf("%+v", d)
		}
		if d := page.Items[2].Differences; len(d) != 1 || d[0].What != publishing.LineAdded || d[0].Vendor != "Beta" {
			t.Errorf("%+v", d)
		}
		_, err := o.Releases(t.Context(), 3, "nonsense")
		refusedAs(t, err, registry.Invalid, "/cursor")
		_, err = o.Release(t.Context(), 5)
		refusedAs(t, err, registry.NotFound)
	})
	t.Run("an instant has the release of then, and before the first what the records say", func(t *testing.T) { //nolint:paralleltest // see above
		for at, want := range map[time.Time]int64{
			first.Release.ReleasedAt: 1, second.Release.ReleasedAt.Add(-1): 1, second.Release.ReleasedAt: 2, noon.Add(time.Hour): 4,
		} {
			if list := must(o.AsOf(t.Context(), at))(t); list.Release == nil || list.Release.Number != want || !list.AsOf.Equal(at) {
				t.Errorf("%s: %+v", at, list.Release)
			}
		}
		if list := must(o.AsOf(t.Context(), first.Release.ReleasedAt.Add(-time.Microsecond)))(t); list.Release != nil || len(list.Entries) != 1 {
			t.Errorf("%+v", list)
		}
	})
	t.Run("nothing can change one", func(t *testing.T) { //nolint:paralleltest // see above
		for _, statement := range []string{"UPDATE releases SET list = ''", "DELETE FROM releases", "TRUNCATE releases"} {
			if _, err := o.db.ExecContext(t.Context(), statement); err == nil {
				t.Errorf("the program may %s", statement)
			}
			if _, err := pgtest.Superuser(t, o.db).ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
}

func TestReleaseByItself(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.public(t, "Acme", registry.EngagementFields{})
	o.public(t, "Later", registry.EngagementFields{From: day("2026-11-25")})
	o.current(t)
	midnight := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	if list := must(o.Current(t.Context(), midnight.Add(-time.Second)))(t); list.Release.Number != 1 || !list.Next.Equal(midnight) {
		t.Errorf("%+v %s", list.Release, list.Next)
	}
	list := must(o.Current(t.Context(), midnight))(t)
	if list.Release.Number != 2 || !list.Release.ReleasedAt.Equal(midnight) || len(list.Entries) != 2 {
		t.Errorf("%+v", list.Release)
	}
	t.Run("and an instance whose clock is behind keeps to it", func(t *testing.T) {
		t.Parallel()
		if behind := must(o.Current(t.Context(), noon))(t); behind.Release.Number != 2 {
			t.Errorf("%+v", behind.Release)
		}
	})
}

func TestReleasesAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for round := range 5 {
		o.public(t, strings.Repeat("A", round+1), registry.EngagementFields{})
		at := o.tick()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				list, err := publishing.NewDesk(o.db, o.log).Current(t.Context(), at)
				if err != nil || list.Release == nil || list.Release.Number != int64(round+1) {
					t.Errorf("%+v %v", list.Release, err)
				}
			})
		}
		wg.Wait()
	}
	if all := o.released(t); len(all) != 5 {
		t.Errorf("%d entries of five releases", len(all))
	}
}

func TestUnreleased(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.public(t, "Acme", registry.EngagementFields{})
	freeze := func(why string) {
		if _, err := o.db.ExecContext(t.Context(), "UPDATE log_head SET frozen = ?", why); err != nil {
			t.Fatal(err)
		}
	}
	freeze("a test")
	list, err := o.Current(t.Context(), o.tick())
	if !errors.Is(err, publishing.ErrUnreleased) || len(list.Entries) != 1 || list.Release != nil {
		t.Errorf("a log that is frozen: %+v %v", list, err)
	}
	freeze("")
	if list := o.current(t); list.Release == nil || list.Release.Number != 1 {
		t.Errorf("%+v", list.Release)
	}
}

func TestCheckReleases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ damage, statement, want string }{
		{"none", "", ""},
		{"a list was changed", `UPDATE releases SET list = replace(list, 'Mail', 'Male') WHERE number = 2`, "Release 2 has another list than its SHA-256 says."},
		{
			"a list was changed together with its SHA-256", `UPDATE releases SET list = '{}', sha256 = sha256('{}') WHERE number = 3`,
			"Release 3 is not what its entry",
		},
		{"one in the middle is gone", `DELETE FROM releases WHERE number = 2`, "Release 3 follows release 1."},
		{"the last is gone", `DELETE FROM releases WHERE number = 3`, "The log tells of release 3, and the newest is 2."},
		{"all are gone", `DELETE FROM releases`, "The log tells of release 3, and the newest is 0."},
		{"one was forged", `INSERT INTO releases SELECT 4, gen_random_uuid(), released_at, sha256, list, changes, lines, differences FROM releases WHERE number = 3`, "Release 4 has no entry in the log."},
	} {
		t.Run(c.damage, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			for _, service := range []string{"Storage", "Mail", "Search"} {
				o.public(t, service, registry.EngagementFields{Service: service})
				o.current(t)
			}
			if c.statement != "" {
				db := pgtest.Superuser(t, o.db)
				for _, statement := range []string{"ALTER TABLE releases DISABLE TRIGGER USER", c.statement} {
					if _, err := db.ExecContext(t.Context(), statement); err != nil {
						t.Fatal(err)
					}
				}
			}
			checked := must(o.CheckReleases(t.Context()))(t)
			if found := strings.Join(checked.Wrong, " "); !strings.Contains(found, c.want) || (found == "") != (c.want == "") {
				t.Errorf("%q", found)
			}
		})
	}
}
