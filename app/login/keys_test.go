package login_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"onward/app/login"
	"onward/app/problem"
	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
)

var now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func open(t *testing.T) (*login.Keys, *audit.Log, *bun.DB) {
	t.Helper()
	db := pgtest.New(t)
	log, err := audit.Open(t.Context(), db, "onward.example/test", now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Verify(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return login.NewKeys(db, log), log, db
}

func create(t *testing.T, keys *login.Keys, f login.KeyFields) (login.Key, string) {
	t.Helper()
	key, secret, err := keys.Create(t.Context(), audit.Program, now, f)
	if err != nil {
		t.Fatal(err)
	}
	return key, secret
}

func refused(err error) bool {
	var r *problem.Refusal
	return errors.As(err, &r) && r.Kind == problem.Unauthorized
}

func TestKeys(t *testing.T) {
	t.Parallel()

	t.Run("a secret is 256 random bits and is kept only as a hash", func(t *testing.T) {
		t.Parallel()
		keys, _, db := open(t)
		_, secret := create(t, keys, login.KeyFields{Name: "a", Role: login.Auditor})
		_, other := create(t, keys, login.KeyFields{Name: "a", Role: login.Auditor})
		if !regexp.MustCompile(`^onward_[0-9A-Za-z]{43}$`).MatchString(secret) || secret == other {
			t.Error(secret, other)
		}
		var row string
		if err := db.NewRaw("SELECT string_agg(k::text, ' ') FROM api_keys k").Scan(t.Context(), &row); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(row, secret) || !strings.Contains(row, fmt.Sprintf("%x", sha256.Sum256([]byte(secret)))) {
			t.Error("the table keeps more or less than the hash")
		}
	})

	t.Run("a key is its actor until it expires", func(t *testing.T) {
		t.Parallel()
		keys, _, _ := open(t)
		key, secret := create(t, keys, login.KeyFields{Name: "a", Role: login.Service, System: "crm"})
		want := audit.Actor{Kind: "key", ID: key.ID, Role: login.Service, System: "crm"}
		if actor, err := keys.Authenticate(t.Context(), now, secret); err != nil || actor != want {
			t.Error(actor, err)
		}
		if !key.ExpiresAt.Equal(now.AddDate(1, 0, 0)) {
			t.Error(key.ExpiresAt)
		}
		if _, err := keys.Authenticate(t.Context(), key.ExpiresAt, secret); !refused(err) {
			t.Error(err)
		}
	})

	t.Run("a revoked key ends here at once and elsewhere within a second", func(t *testing.T) {
		t.Parallel()
		keys, log, db := open(t)
		elsewhere := login.NewKeys(db, log)
		key, secret := create(t, keys, login.KeyFields{Name: "a", Role: login.Auditor})
		for _, k := range []*login.Keys{keys, elsewhere} {
			if _, err := k.Authenticate(t.Context(), now, secret); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := keys.Revoke(t.Context(), audit.Program, now, key.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Authenticate(t.Context(), now, secret); !refused(err) {
			t.Error("here:", err)
		}
		if _, err := elsewhere.Authenticate(t.Context(), now.Add(time.Second), secret); !refused(err) {
			t.Error("elsewhere:", err)
		}
	})

	t.Run("a revoked key that never rests ends elsewhere within a second too", func(t *testing.T) {
		t.Parallel()
		keys, log, db := open(t)
		elsewhere := login.NewKeys(db, log)
		key, secret := create(t, keys, login.KeyFields{Name: "a", Role: login.Auditor})
		at := now
		for range 30 { // three seconds of use, asked anew all the time
			at = at.Add(100 * time.Millisecond)
			if _, err := elsewhere.Authenticate(t.Context(), at, secret); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := keys.Revoke(t.Context(), audit.Program, at, key.ID); err != nil {
			t.Fatal(err)
		}
		var err error
		for range 10 {
			at = at.Add(100 * time.Millisecond)
			_, err = elsewhere.Authenticate(t.Context(), at, secret)
		}
		if !refused(err) {
			t.Error(err)
		}
	})

	t.Run("what cannot be a secret is refused without asking", func(t *testing.T) {
		t.Parallel()
		_, log, _ := open(t)
		keys := login.NewKeys(nil, log)
		for _, secret := range []string{"", "onward_", "onward_x", strings.Repeat("x", 50), strings.Repeat("x", 1<<20)} {
			if _, err := keys.Authenticate(t.Context(), now, secret); !refused(err) {
				t.Error(err)
			}
		}
	})

	t.Run("many unknown secrets are refused and forgotten", func(t *testing.T) {
		t.Parallel()
		keys, _, _ := open(t)
		_, secret := create(t, keys, login.KeyFields{Name: "a", Role: login.Auditor})
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for j := range 25 {
					if _, err := keys.Authenticate(t.Context(), now, fmt.Sprintf("onward_%043d", i*25+j)); !refused(err) {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if _, err := keys.Authenticate(t.Context(), now, secret); err != nil {
			t.Error(err)
		}
	})

	t.Run("the entries name the key's id and not its name", func(t *testing.T) {
		t.Parallel()
		keys, log, _ := open(t)
		key, secret := create(t, keys, login.KeyFields{Name: "Jane Doe's laptop", Role: login.Auditor})
		for range 2 {
			if _, err := keys.Revoke(t.Context(), audit.Program, now, key.ID); err != nil {
				t.Fatal(err)
			}
		}
		entries, err := log.Entries(t.Context(), audit.Query{After: -1, Limit: 10})
		if err != nil || len(entries) != 2 || entries[0].Type != "key.created" || entries[1].Type != "key.revoked" {
			t.Fatal(entries, err)
		}
		for _, e := range entries {
			leaf := string(e.Leaf)
			if strings.Contains(leaf, "Jane") || strings.Contains(leaf, secret) || !strings.Contains(leaf, key.ID.String()) {
				t.Error(leaf)
			}
		}
	})

	t.Run("bad fields are all named", func(t *testing.T) {
		t.Parallel()
		keys, _, _ := open(t)
		_, _, err := keys.Create(t.Context(), audit.Program, now, login.KeyFields{Role: "king", System: "x", ExpiresAt: now})
		var r *registry.Refusal
		if !errors.As(err, &r) || r.Kind != registry.Invalid || len(r.Fields) != 4 {
			t.Error(err)
		}
	})
}
