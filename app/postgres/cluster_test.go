package postgres_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"onward/app/postgres"
)

// folder is a data folder that the server's account can get to.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// begin starts a cluster and stops it when the test ends, if the test did not.
func begin(t *testing.T, dir string) *postgres.Cluster {
	t.Helper()
	c, err := postgres.Start(t.Context(), postgres.Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(t, c) })
	return c
}

func end(t *testing.T, c *postgres.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func open(t *testing.T, dsn string) *bun.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), dsn, postgres.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func must(t *testing.T, db *bun.DB, sql string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func ask(t *testing.T, db *bun.DB, sql string) string {
	t.Helper()
	var answer string
	if err := db.QueryRowContext(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

// refused starts a cluster that must not start, and returns the sentence that says why.
func refused(t *testing.T, dir string, want ...string) {
	t.Helper()
	c, err := postgres.Start(t.Context(), postgres.Options{DataDir: dir})
	if err == nil {
		end(t, c)
		t.Fatal("it started")
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	began := time.Now()
	c := begin(t, dir)
	t.Logf("cold start: %v", time.Since(began))
	root := open(t, c.SuperuserDSN(postgres.Database))
	for setting, want := range map[string]string{
		"listen_addresses": "", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on",
		"server_encoding": "UTF8", "TimeZone": "UTC", "max_connections": "100", "shared_buffers": "128MB",
		"password_encryption": "scram-sha-256",
	} {
		if got := ask(t, root, "SELECT current_setting('"+setting+"')"); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	must(t, root, "CREATE TABLE kept AS SELECT 1 AS n")
	must(t, root, "GRANT SELECT ON kept TO onward_app")

	app := open(t, c.AppDSN(postgres.Database))
	if got := ask(t, app, "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"); got != "false" {
		t.Error("onward_app may too much")
	}
	for _, name := range []string{"superuser.password", "app.password", "postgres.log"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	if info, err := os.Stat(c.SocketDir()); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder: %v %v", info.Mode(), err)
	}
	wrong := strings.Replace(c.AppDSN(postgres.Database), "onward_app:", "onward_app:x", 1)
	if _, err := postgres.Open(t.Context(), wrong, postgres.Pool{}); err == nil {
		t.Error("a wrong password was taken")
	}

	end(t, c)
	began = time.Now()
	again := begin(t, dir)
	t.Logf("warm start: %v", time.Since(began))
	if again.AppDSN("x") != c.AppDSN("x") {
		t.Error("the address changed")
	}
	if got := ask(t, open(t, again.AppDSN(postgres.Database)), "SELECT n FROM kept"); got != "1" {
		t.Errorf("kept: %s", got)
	}
}

func TestStartInALongFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("long folder, \"quoted\"/", 8), "ümläut")
	c := begin(t, dir)
	if len(c.SocketDir()) > 90 || strings.HasPrefix(c.SocketDir(), dir) {
		t.Errorf("socket in %s", c.SocketDir())
	}
	t.Cleanup(func() { _ = os.Remove(c.SocketDir()) })
	open(t, c.AppDSN(postgres.Database))
}

func TestStartAfterInterruptedInitialisation(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	write(t, filepath.Join(dir, "pg.new", "PG_VERSION"), "15\n")
	write(t, filepath.Join(dir, "pg.new", "base", "1", "half"), "x")
	open(t, begin(t, dir).AppDSN(postgres.Database))
	if _, err := os.Stat(filepath.Join(dir, "pg.new")); err == nil {
		t.Error("pg.new is still there")
	}
}

func TestStartWithStaleProcessID(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	end(t, begin(t, dir))
	// Process 1 and our own live, and neither is a server.
	write(t, filepath.Join(dir, "pg", "postmaster.pid"), "1\n"+filepath.Join(dir, "pg")+"\n1\n5432\n/nowhere\n\n1 1\nready\n")
	open(t, begin(t, dir).AppDSN(postgres.Database))
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	t.Run("a cluster of a version that is not here, and leaves it alone", func(t *testing.T) {
		t.Parallel()
		dir := folder(t)
		write(t, filepath.Join(dir, "superuser.password"), "secret\n")
		write(t, filepath.Join(dir, "pg", "PG_VERSION"), "9\n")
		write(t, filepath.Join(dir, "pg", "base", "1", "data"), "precious")
		refused(t, dir, "was made by PostgreSQL 9", "this machine has only PostgreSQL 1", "install PostgreSQL 9", dir)
		if got := read(t, filepath.Join(dir, "pg", "base", "1", "data")); got != "precious" {
			t.Errorf("the data is %q now", got)
		}
	})
	t.Run("a cluster whose password is gone", func(t *testing.T) {
		t.Parallel()
		dir := folder(t)
		write(t, filepath.Join(dir, "pg", "PG_VERSION"), "15\n")
		refused(t, dir, "superuser.password", "restore")
	})
	t.Run("settings the server refuses, with the server's own words", func(t *testing.T) {
		t.Parallel()
		dir := folder(t)
		end(t, begin(t, dir))
		conf := filepath.Join(dir, "pg", "postgresql.conf")
		write(t, conf, read(t, conf)+"shared_buffers = 'plenty'\n")
		refused(t, dir, "did not start", "shared_buffers", "postgres.log")
	})
	t.Run("no folder", func(t *testing.T) {
		t.Parallel()
		refused(t, "", "no data folder")
	})
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
