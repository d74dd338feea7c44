package pgtest_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"go.uber.org/goleak"

	"onward/migrations/pgtest"
)

func ask(t *testing.T, db *bun.DB, sql string) string {
	t.Helper()
	var answer string
	if err := db.QueryRowContext(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func TestNew(t *testing.T) {
	t.Parallel()
	t.Run("works as onward_app, on a migrated database", func(t *testing.T) {
		t.Parallel()
		db := pgtest.New(t)
		if got := ask(t, db, "SELECT current_user || (SELECT count(*) > 0 FROM schema_migrations)"); got != "onward_apptrue" {
			t.Error(got)
		}
	})
	t.Run("gives every test its own", func(t *testing.T) {
		t.Parallel()
		one, two := pgtest.Superuser(t, pgtest.New(t)), pgtest.Superuser(t, pgtest.New(t))
		if _, err := one.ExecContext(t.Context(), "CREATE TABLE mine ()"); err != nil {
			t.Fatal(err)
		}
		if got := ask(t, two, "SELECT (to_regclass('mine') IS NULL)::text"); got != "true" {
			t.Error("a table of another test")
		}
	})
	t.Run("does not wait for the disk, and NewDurable does", func(t *testing.T) {
		t.Parallel()
		if got := ask(t, pgtest.New(t), "SHOW fsync"); got != "off" {
			t.Errorf("fsync is %s", got)
		}
		durable := pgtest.NewDurable(t)
		if got := ask(t, durable, "SELECT current_setting('fsync') || current_setting('synchronous_commit')"); got != "onon" {
			t.Error(got)
		}
	})
	t.Run("takes many at once", func(t *testing.T) {
		t.Parallel()
		for i := range 12 {
			t.Run(fmt.Sprintf("a name with ümläuts, \"quotes\" and %d", i), func(t *testing.T) {
				t.Parallel()
				ask(t, pgtest.New(t), "SELECT 1")
			})
		}
	})
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	if got := ask(t, db, "SELECT current_user || (to_regclass('schema_migrations') IS NULL)"); got != "onward_superusertrue" {
		t.Error(got)
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ask(t, db, "SELECT 1")
	super := pgtest.Superuser(t, db)
	if _, err := super.ExecContext(t.Context(), "CREATE TABLE before (); GRANT SELECT ON before TO onward_app"); err != nil {
		t.Fatal(err)
	}
	copied := pgtest.Copy(t, db)
	if _, err := super.ExecContext(t.Context(), "CREATE TABLE after ()"); err != nil {
		t.Fatal(err)
	}
	got := ask(t, copied, "SELECT current_user || (to_regclass('before') IS NOT NULL) || (to_regclass('after') IS NULL)")
	if got != "onward_apptruetrue" {
		t.Error(got)
	}
}

func TestAddressOf(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	a := pgtest.AddressOf(t, db)
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Fatal("install the PostgreSQL client: apt-get install postgresql-client")
	}
	cmd := exec.CommandContext(t.Context(), psql, "-h", a.Host, "-p", a.Port, "-U", a.User, "-d", a.Database, "-Atc", "SELECT current_user")
	cmd.Env = append(os.Environ(), "PGPASSWORD="+a.Password)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "onward_app" {
		t.Errorf("%v: %s", err, out)
	}
	out, err = exec.CommandContext(t.Context(), psql, a.DSN, "-Atc", "SELECT current_database()").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != a.Database {
		t.Errorf("%v: %s", err, out)
	}
}

//nolint:paralleltest // it counts goroutines
func TestNothingStaysBehind(t *testing.T) {
	var name string
	t.Run("a test", func(t *testing.T) {
		db := pgtest.New(t)
		name = ask(t, db, "SELECT current_database()")
		ask(t, pgtest.Superuser(t, db), "SELECT 1")
	})
	goleak.VerifyNone(t)
	witness := pgtest.Empty(t)
	if got := ask(t, witness, "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'"); got != "0" {
		t.Errorf("database %s is still there", name)
	}
}

func BenchmarkNew(b *testing.B) {
	pgtest.New(b) // starts the cluster
	for b.Loop() {
		pgtest.New(b)
	}
}
