package migrations_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"onward/migrations"
	"onward/migrations/pgtest"
)

var at = time.Date(2026, 5, 1, 12, 0, 0, 0, time.FixedZone("", 7200))

// files is a sequence that these tests apply; one name maps to its SQL.
type files map[string]string

func (f files) with(name, sql string) files {
	more := maps.Clone(f)
	more[name] = sql
	return more
}

func (f files) sequence(t *testing.T) migrations.Sequence {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, sql := range f {
		fsys[name] = &fstest.MapFile{Data: []byte(sql)}
	}
	s, err := migrations.Read(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var two = files{
	"0001_create_a.sql": "CREATE TABLE a (n int); INSERT INTO a VALUES (1);",
	"0002_create_b.sql": "-- why\nCREATE TABLE b (n int);",
}

func run(t *testing.T, db *bun.DB, f files) []string {
	t.Helper()
	applied, err := f.sequence(t).Run(t.Context(), db, at)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func refused(t *testing.T, db *bun.DB, f files, want ...string) []string {
	t.Helper()
	applied, err := f.sequence(t).Run(t.Context(), db, at)
	if err == nil {
		t.Fatal("it was applied")
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
	return applied
}

func ask(t *testing.T, db *bun.DB, sql string) string {
	t.Helper()
	var answer string
	if err := db.QueryRowContext(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func TestRun(t *testing.T) {
	t.Parallel()
	t.Run("applies each file once, in order, and records it", func(t *testing.T) {
		t.Parallel()
		db := pgtest.Empty(t)
		if got := run(t, db, two); !slices.Equal(got, []string{"0001_create_a.sql", "0002_create_b.sql"}) {
			t.Error(got)
		}
		if got := run(t, db, two); got != nil {
			t.Errorf("again: %v", got)
		}
		if got := run(t, db, two.with("0003_drop_a.sql", "DROP TABLE a")); !slices.Equal(got, []string{"0003_drop_a.sql"}) {
			t.Error(got)
		}
		var when time.Time
		if err := db.NewRaw("SELECT DISTINCT applied_at FROM schema_migrations").Scan(t.Context(), &when); err != nil || !when.Equal(at) {
			t.Error(when, err)
		}
	})
	t.Run("leaves nothing of a file that fails, and says where", func(t *testing.T) {
		t.Parallel()
		db := pgtest.Empty(t)
		bad := two.with("0003_break_c.sql", "CREATE TABLE c (n int);\n\nSELECT nothing;").with("0004_create_d.sql", "CREATE TABLE d ()")
		if got := refused(t, db, bad, "0003_break_c.sql", "line 3", `"nothing" does not exist`); len(got) != 2 {
			t.Errorf("applied %v", got)
		}
		if got := ask(t, db, "SELECT concat(to_regclass('b'), to_regclass('c'), to_regclass('d'))"); got != "b" {
			t.Error(got)
		}
		good := bad.with("0003_break_c.sql", "CREATE TABLE c (n int)")
		if got := run(t, db, good); len(got) != 2 {
			t.Error(got)
		}
	})
	t.Run("refuses a file that changed after it was applied", func(t *testing.T) {
		t.Parallel()
		db := pgtest.Empty(t)
		run(t, db, two)
		changed := two.with("0001_create_a.sql", "CREATE TABLE a (n bigint)").with("0003_create_c.sql", "CREATE TABLE c ()")
		refused(t, db, changed, "0001_create_a.sql", "never changed")
		if got := ask(t, db, "SELECT to_regclass('c') IS NULL"); got != "true" {
			t.Error("a later file was applied")
		}
		if _, err := changed.sequence(t).Pending(t.Context(), db); err == nil {
			t.Error("pending does not mind")
		}
	})
	t.Run("refuses a database of a newer program", func(t *testing.T) {
		t.Parallel()
		db := pgtest.Empty(t)
		run(t, db, two.with("0003_create_c.sql", "CREATE TABLE c ()"))
		refused(t, db, two, "newer program", "0003_create_c.sql")
	})
	t.Run("refuses a file that ends its transaction", func(t *testing.T) {
		t.Parallel()
		refused(t, pgtest.Empty(t), files{"0001_create_a.sql": "CREATE TABLE a (); COMMIT;"}, "0001_create_a.sql", "ended the transaction")
	})
	t.Run("applies each file once for programs that start together", func(t *testing.T) {
		t.Parallel()
		db := pgtest.Empty(t)
		s := two.sequence(t)
		var wg sync.WaitGroup
		var mu sync.Mutex
		var applied []string
		for range 5 {
			wg.Go(func() {
				names, err := s.Run(t.Context(), db, at)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				applied = append(applied, names...)
			})
		}
		wg.Wait()
		if len(applied) != 2 {
			t.Error(applied)
		}
	})
	t.Run("gives the connection back as it was", func(t *testing.T) {
		t.Parallel()
		db := pgtest.Empty(t)
		db.SetMaxOpenConns(1)
		before := ask(t, db, "SHOW statement_timeout")
		run(t, db, two)
		if got := ask(t, db, "SHOW statement_timeout"); got != before {
			t.Errorf("statement_timeout is %s, was %s", got, before)
		}
		if got := ask(t, db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"); got != "0" {
			t.Error("the lock is still held")
		}
	})
	t.Run("pending names what is to come and changes nothing", func(t *testing.T) {
		t.Parallel()
		db := pgtest.Empty(t)
		names, err := two.sequence(t).Pending(t.Context(), db)
		if err != nil || len(names) != 2 {
			t.Error(names, err)
		}
		if got := ask(t, db, "SELECT to_regclass('schema_migrations') IS NULL"); got != "true" {
			t.Error("it made a table")
		}
	})
}

func TestShippedRolesOwnAndWork(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if names, err := migrations.Pending(t.Context(), db); err != nil || len(names) != 0 {
		t.Errorf("pending for the program's role: %v, %v", names, err)
	}
	if got := ask(t, db, "SELECT current_user || ' ' || tableowner FROM pg_tables WHERE tablename = 'schema_migrations'"); got != "onward_app onward_owner" {
		t.Error(got)
	}
	for _, sql := range []string{
		"CREATE TABLE public.mine ()", "DELETE FROM schema_migrations", "SET ROLE onward_owner", "ALTER TABLE schema_migrations DISABLE TRIGGER ALL",
	} {
		if _, err := db.ExecContext(t.Context(), sql); err == nil {
			t.Errorf("onward_app may %s", sql)
		}
	}
}

func TestShippedOnAServerOfAnother(t *testing.T) {
	t.Parallel()
	for name, login := range map[string]string{
		"whose login may create roles": "CREATEROLE",
		"whose login may not":          "NOCREATEROLE",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			admin := pgtest.Empty(t)
			role := "tenant_" + strings.ToLower(login)
			for _, sql := range []string{
				"CREATE ROLE " + role + " LOGIN PASSWORD 'secret' " + login,
				"ALTER DATABASE " + pgtest.AddressOf(t, admin).Database + " OWNER TO " + role,
			} {
				if _, err := admin.ExecContext(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			db := pgtest.As(t, admin, role, "secret")
			if _, err := migrations.Run(t.Context(), db, at); err != nil {
				t.Fatal(err)
			}
			if names, err := migrations.Pending(t.Context(), db); err != nil || len(names) != 0 {
				t.Errorf("pending: %v, %v", names, err)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]files{
		"a gap":            {"0001_create_a.sql": "", "0003_create_c.sql": ""},
		"a number twice":   {"0001_create_a.sql": "", "0001_create_b.sql": ""},
		"a name of a noun": {"0001_vendors.sql": ""},
		"no number":        {"create_a.sql": ""},
		"nothing":          {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{}
			for name, sql := range f {
				fsys[name] = &fstest.MapFile{Data: []byte(sql)}
			}
			if _, err := migrations.Read(fsys); err == nil {
				t.Error("it was read")
			}
		})
	}
}
