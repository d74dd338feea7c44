package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"onward/app/postgres"
	"onward/migrations"
)

// format changes when templates made by older code must not be used any more.
const format = "1"

// cacheDir is where templates and running clusters lie. For root it is in /var/tmp, because the server's account can get
// there and because it is shared by all runs.
func cacheDir() (string, error) {
	dir := "/var/tmp/onward-pgtest"
	if os.Geteuid() != 0 {
		cache, err := os.UserCacheDir()
		if err != nil {
			cache = os.TempDir()
		}
		dir = filepath.Join(cache, fmt.Sprintf("onward-pgtest-%d", os.Geteuid()))
	}
	if err := os.MkdirAll(filepath.Join(dir, "runs"), 0o711); err != nil {
		return "", fmt.Errorf("make the cache of test clusters: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != os.Geteuid() || !info.IsDir() {
		return "", fmt.Errorf("%s belongs to somebody else", dir)
	}
	return dir, nil
}

// template returns the folder of a stopped cluster with a migrated database, making it if it is missing. One program
// makes it; others wait.
func template(ctx context.Context, cache string, b postgres.Binaries) (string, error) {
	schema := migrations.Shipped()
	name := fmt.Sprintf("template-%s-%s-%.12s", format, b.Version, schema.Sum())
	dir := filepath.Join(cache, name)
	if _, err := os.Stat(dir); err == nil {
		now := time.Now()
		return dir, os.Chtimes(dir, now, now) // in use: not to be swept
	}
	lock, err := os.OpenFile(filepath.Join(cache, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return "", err
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	sweepTemplates(cache)
	fresh := filepath.Join(cache, "new")
	if err := os.RemoveAll(fresh); err != nil {
		return "", err
	}
	if err := build(ctx, fresh, b, schema); err != nil {
		return "", errors.Join(err, os.RemoveAll(fresh))
	}
	return dir, os.Rename(fresh, dir)
}

func build(ctx context.Context, dir string, b postgres.Binaries, schema migrations.Sequence) (err error) {
	c, err := postgres.Start(ctx, postgres.Options{
		DataDir: dir, Binaries: []postgres.Binaries{b}, Throwaway: true, Unsafe: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop(ctx)) }()
	admin, err := postgres.Open(ctx, c.SuperuserDSN("postgres"), postgres.Pool{})
	if err != nil {
		return err
	}
	defer admin.Close()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+migrated); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, c.SuperuserDSN(migrated), postgres.Pool{})
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := schema.Run(ctx, db, time.Now()); err != nil {
		return err
	}
	// Tests plan the same from the first statement on.
	_, err = db.ExecContext(ctx, "VACUUM (ANALYZE)")
	return err
}

// sweepTemplates removes templates that no run has used for a week: of older schemas, mostly.
func sweepTemplates(cache string) {
	old, _ := filepath.Glob(filepath.Join(cache, "template-*")) // the pattern is well formed
	for _, dir := range old {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > 7*24*time.Hour {
			_ = os.RemoveAll(dir) // tried again next time
		}
	}
}

// sweep removes the clusters of test binaries that have ended. Their servers died with them; one that did not is told to
// go, and swept by the run after.
func sweep(runs string) error {
	dirs, err := os.ReadDir(runs)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		dir := filepath.Join(runs, d.Name())
		var pid int
		if _, err := fmt.Sscanf(d.Name(), "%d-", &pid); err != nil || unix.Kill(pid, 0) == nil && !free(dir) {
			continue
		}
		if server := postmaster(dir); server > 0 && unix.Kill(server, unix.SIGQUIT) == nil {
			continue
		}
		_ = os.RemoveAll(dir) // two sweepers may meet
	}
	return nil
}

// free tells whether nobody holds the lock of a data folder although the process id in its name lives: the id belongs to
// another program now. A folder without a lock is being filled.
func free(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "lock"))
	if err != nil {
		return false
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil
}

// postmaster is the process id of the server of a data folder, 0 if there is none.
func postmaster(dir string) int {
	content, err := os.ReadFile(filepath.Join(dir, "pg", "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(content), "\n")
	var pid int
	if _, err := fmt.Sscanf(line, "%d", &pid); err != nil {
		return 0
	}
	// Only if it truly works there: the id may belong to another program by now.
	if _, err := os.Stat("/proc/self"); err == nil {
		if at, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err != nil || at != filepath.Join(dir, "pg") {
			return 0
		}
	}
	return pid
}
