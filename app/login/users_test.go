package login_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"onward/app/login"
	"onward/audit"
	"onward/registry"
)

func openUsers(t *testing.T) (*login.Users, *audit.Log, *bun.DB) {
	t.Helper()
	_, log, db := open(t)
	return login.NewUsers(db, log), log, db
}

func newUser(t *testing.T, users *login.Users, role string) login.User {
	t.Helper()
	u, err := users.Create(t.Context(), audit.Program, now, login.UserFields{Name: "Jane Doe", Email: role + "@example.com", Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func link(t *testing.T, users *login.Users, u login.User, at time.Time) string {
	t.Helper()
	secret, until, err := users.MakeLink(t.Context(), audit.Program, at, u.ID)
	if err != nil || !until.Equal(at.Add(15*time.Minute)) {
		t.Fatal(until, err)
	}
	return secret
}

// types are the types of all entries, in their order.
func types(t *testing.T, log *audit.Log) (all []string) {
	t.Helper()
	entries, err := log.Entries(t.Context(), audit.Query{After: -1, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if leaf := string(e.Leaf); strings.Contains(leaf, "Jane") || strings.Contains(leaf, "example.com") {
			t.Error("an entry names somebody:", leaf)
		}
		all = append(all, e.Type)
	}
	return all
}

func is(kind registry.Kind, err error) bool {
	var r *registry.Refusal
	return errors.As(err, &r) && r.Kind == kind
}

// freeze is what the publisher writes when a copy of the checkpoints disagrees.
func freeze(t *testing.T, db *bun.DB, why string) {
	t.Helper()
	if _, err := db.NewRaw("UPDATE log_head SET frozen = ?", why).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()

	t.Run("a link signs in once", func(t *testing.T) {
		t.Parallel()
		users, log, _ := openUsers(t)
		u := newUser(t, users, login.Legal)
		secret := link(t, users, u, now)
		v, err := users.SignIn(t.Context(), now, secret)
		if err != nil || v.User.ID != u.ID || v.User.Actor() != (audit.Actor{Kind: "user", ID: u.ID, Role: login.Legal}) {
			t.Error(v, err)
		}
		if _, err := users.SignIn(t.Context(), now, secret); !refused(err) {
			t.Error(err)
		}
		if err := users.SignOut(t.Context(), now, v); err != nil {
			t.Error(err)
		}
		if got := types(t, log); !slices.Equal(got, []string{"user.created", "user.signed_in", "user.signed_out"}) {
			t.Error(got)
		}
	})

	t.Run("of two who use one link at once, one gets in", func(t *testing.T) {
		t.Parallel()
		users, _, _ := openUsers(t)
		secret := link(t, users, newUser(t, users, login.Legal), now)
		var mu sync.Mutex
		var all sync.WaitGroup
		in := 0
		for range 6 {
			all.Go(func() {
				_, err := users.SignIn(context.Background(), now, secret)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					in++
				} else if !refused(err) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if in != 1 {
			t.Error(in, "got in")
		}
	})

	t.Run("to look whether it works does not use it", func(t *testing.T) {
		t.Parallel()
		users, _, _ := openUsers(t)
		secret := link(t, users, newUser(t, users, login.Legal), now)
		for range 3 {
			if works, err := users.LinkWorks(t.Context(), now, secret); !works || err != nil {
				t.Error(works, err)
			}
		}
		if works, err := users.LinkWorks(t.Context(), now.Add(15*time.Minute), secret); works || err != nil {
			t.Error(works, err)
		}
	})

	t.Run("a link is too old after 15 minutes", func(t *testing.T) {
		t.Parallel()
		users, log, _ := openUsers(t)
		u := newUser(t, users, login.Legal)
		if _, err := users.SignIn(t.Context(), now.Add(15*time.Minute), link(t, users, u, now)); !refused(err) {
			t.Error(err)
		}
		if _, err := users.SignIn(t.Context(), now.Add(15*time.Minute-time.Second), link(t, users, u, now)); err != nil {
			t.Error(err)
		}
		if got := types(t, log); len(got) != 2 {
			t.Error(got)
		}
	})

	t.Run("a newer link ends the older one", func(t *testing.T) {
		t.Parallel()
		users, _, _ := openUsers(t)
		u := newUser(t, users, login.Legal)
		old := link(t, users, u, now)
		link(t, users, u, now)
		if _, err := users.SignIn(t.Context(), now, old); !refused(err) {
			t.Error(err)
		}
	})

	t.Run("whoever is disabled gets no link, and an earlier one no longer works", func(t *testing.T) {
		t.Parallel()
		users, _, _ := openUsers(t)
		u := newUser(t, users, login.Legal)
		secret := link(t, users, u, now)
		yes := true
		if _, err := users.Change(t.Context(), audit.Program, now, u.ID, 1, login.UserPatch{Disabled: &yes}); err != nil {
			t.Fatal(err)
		}
		if _, err := users.SignIn(t.Context(), now, secret); !refused(err) {
			t.Error(err)
		}
		if _, _, err := users.MakeLink(t.Context(), audit.Program, now, u.ID); !is(registry.Conflict, err) {
			t.Error(err)
		}
	})

	t.Run("what cannot be a secret is refused without asking", func(t *testing.T) {
		t.Parallel()
		_, log, _ := openUsers(t)
		users := login.NewUsers(nil, log)
		if _, err := users.SignIn(t.Context(), now, "guess"); !refused(err) {
			t.Error(err)
		}
	})

	t.Run("while the log is frozen one can come and go, and the log is told when it is open", func(t *testing.T) {
		t.Parallel()
		users, log, db := openUsers(t)
		u := newUser(t, users, login.Admin)
		secret := link(t, users, u, now)
		freeze(t, db, "It was set back.")
		v, err := users.SignIn(t.Context(), now.Add(time.Minute), secret)
		if err != nil || v.User.ID != u.ID {
			t.Fatal(v, err)
		}
		if _, err := users.SignIn(t.Context(), now, secret); !refused(err) {
			t.Error(err)
		}
		if err := users.SignOut(t.Context(), now.Add(2*time.Minute), v); err != nil {
			t.Error(err)
		}
		if err := users.Tell(t.Context(), now.Add(3*time.Minute)); err != nil {
			t.Error(err)
		}
		if got := types(t, log); len(got) != 1 {
			t.Error("the frozen log took entries:", got)
		}
		freeze(t, db, "")
		for range 2 {
			if err := users.Tell(t.Context(), now.Add(4*time.Minute)); err != nil {
				t.Error(err)
			}
		}
		if got := types(t, log); !slices.Equal(got, []string{"user.created", "user.signed_in", "user.signed_out"}) {
			t.Error(got)
		}
		entries, err := log.Entries(t.Context(), audit.Query{After: -1, Limit: 10})
		if err != nil || !entries[1].OccurredAt.Equal(now.Add(time.Minute)) || entries[1].EntryID != v.ID {
			t.Error(entries, err)
		}
	})
}

func TestUsers(t *testing.T) {
	t.Parallel()

	t.Run("who is disabled is no visitor at once, and old sessions stay over", func(t *testing.T) {
		t.Parallel()
		users, _, _ := openUsers(t)
		u := newUser(t, users, login.Auditor)
		if _, err := users.Visitor(t.Context(), u.ID, now); err != nil {
			t.Error(err)
		}
		yes, no := true, false
		later := now.Add(time.Minute)
		if _, err := users.Change(t.Context(), audit.Program, later, u.ID, 1, login.UserPatch{Disabled: &yes}); err != nil {
			t.Fatal(err)
		}
		if _, err := users.Visitor(t.Context(), u.ID, now); !refused(err) {
			t.Error(err)
		}
		if _, err := users.Change(t.Context(), audit.Program, later, u.ID, 2, login.UserPatch{Disabled: &no}); err != nil {
			t.Fatal(err)
		}
		if _, err := users.Visitor(t.Context(), u.ID, now); !refused(err) {
			t.Error("the old session came back:", err)
		}
		if _, err := users.Visitor(t.Context(), u.ID, later); err != nil {
			t.Error(err)
		}
	})

	t.Run("another version is stale", func(t *testing.T) {
		t.Parallel()
		users, log, _ := openUsers(t)
		u := newUser(t, users, login.Auditor)
		role := login.Admin
		if _, err := users.Change(t.Context(), audit.Program, now, u.ID, 2, login.UserPatch{Role: &role}); !is(registry.Stale, err) {
			t.Error(err)
		}
		if got := types(t, log); len(got) != 1 {
			t.Error(got)
		}
	})

	t.Run("the last administrator is neither disabled nor given another role, until there is another", func(t *testing.T) {
		t.Parallel()
		users, log, _ := openUsers(t)
		change := func(u login.User, p login.UserPatch) (login.User, error) {
			return users.Change(t.Context(), audit.Program, now, u.ID, u.Version, p)
		}
		yes, legal, admin, name := true, login.Legal, login.Admin, "Jane Roe"
		last, other := newUser(t, users, login.Admin), newUser(t, users, login.Legal)
		for _, p := range []login.UserPatch{{Disabled: &yes}, {Role: &legal}, {Role: &legal, Disabled: &yes, Name: &name}} {
			if _, err := change(last, p); !is(registry.Conflict, err) || !strings.Contains(err.Error(), "Make another user an administrator first.") {
				t.Error(err)
			}
		}
		if got := types(t, log); len(got) != 2 {
			t.Error("what was refused is on record:", got)
		}
		last, err := change(last, login.UserPatch{Name: &name, Role: &admin})
		if err != nil || last.Name != name {
			t.Fatal("the last administrator has no other name:", err)
		}
		if other, err = change(other, login.UserPatch{Role: &admin, Disabled: &yes}); err != nil {
			t.Fatal(err)
		}
		if _, err := change(last, login.UserPatch{Disabled: &yes}); !is(registry.Conflict, err) {
			t.Error("who is disabled counted as another administrator:", err)
		}
		no := false
		if other, err = change(other, login.UserPatch{Disabled: &no}); err != nil {
			t.Fatal(err)
		}
		if last, err = change(last, login.UserPatch{Role: &legal}); err != nil || last.Role != login.Legal {
			t.Error(last, err)
		}
		if _, err := change(other, login.UserPatch{Role: &legal}); !is(registry.Conflict, err) {
			t.Error(err)
		}
	})

	t.Run("of administrators who are all disabled at once, or lose the role, one stays", func(t *testing.T) {
		t.Parallel()
		users, log, _ := openUsers(t)
		var all []login.User
		for i := range 6 {
			u, err := users.Create(t.Context(), audit.Program, now, login.UserFields{Name: "Jane Doe", Email: fmt.Sprintf("a%d@example.com", i), Role: login.Admin})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, u)
		}
		yes, legal := true, login.Legal
		start := make(chan struct{})
		var at sync.WaitGroup
		var refusals atomic.Int64
		for i, u := range all {
			p := login.UserPatch{Disabled: &yes}
			if i%2 == 0 {
				p = login.UserPatch{Role: &legal}
			}
			at.Go(func() {
				<-start
				_, err := users.Change(context.Background(), audit.Program, now, u.ID, 1, p)
				if is(registry.Conflict, err) {
					refusals.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		at.Wait()
		page, err := users.List(t.Context(), 50, "")
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, u := range page.Items {
			if u.Role == login.Admin && !u.Disabled {
				left++
			}
		}
		if left != 1 || refusals.Load() != 1 || len(types(t, log)) != 6+5 {
			t.Error(left, "administrators are left after", refusals.Load(), "refusals")
		}
	})

	t.Run("the first user is the administrator, until somebody else has signed in", func(t *testing.T) {
		t.Parallel()
		users, _, _ := openUsers(t)
		first, wanted, err := users.Administrator(t.Context(), now)
		if err != nil || !wanted || first.Name != "Administrator" || first.Role != login.Admin {
			t.Fatal(first, wanted, err)
		}
		if again, wanted, err := users.Administrator(t.Context(), now); err != nil || !wanted || again.ID != first.ID {
			t.Error(again, wanted, err)
		}
		other := newUser(t, users, login.Admin)
		if _, wanted, err := users.Administrator(t.Context(), now); err != nil || !wanted {
			t.Error(wanted, err)
		}
		if _, err := users.SignIn(t.Context(), now, link(t, users, other, now)); err != nil {
			t.Fatal(err)
		}
		if _, wanted, err := users.Administrator(t.Context(), now); err != nil || wanted {
			t.Error(wanted, err)
		}
	})

	t.Run("there is no administrator where somebody made other users, or disabled it", func(t *testing.T) {
		t.Parallel()
		users, _, _ := openUsers(t)
		newUser(t, users, login.Legal)
		if _, wanted, err := users.Administrator(t.Context(), now); err != nil || wanted {
			t.Error(wanted, err)
		}
	})
}
