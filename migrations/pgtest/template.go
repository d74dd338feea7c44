package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"onward/app/postgres"
	"onward/migrations"
)

// format changes when templates made by older code must not be used any more.
const format = "1"

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
	defer func() { _ = lock.Close() }() // nothing is pending
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
	defer func() { _ = admin.Close() }() // nothing is pending
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+migrated); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, c.SuperuserDSN(migrated), postgres.Pool{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // nothing is pending
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
