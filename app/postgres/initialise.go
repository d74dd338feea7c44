package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// settings are written once, into the postgresql.conf of a new cluster; whoever runs it may change them there.
const settings = `
# Written by Onward when it made this cluster. Change at will; where to listen is decided on the command line.
shared_buffers = 128MB
max_connections = 100
fsync = on
synchronous_commit = on
wal_compression = on
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_line_prefix = '%m [%p] '
`

// initialise makes a new cluster beside its place and moves it there when it is whole and on disk, so that one that was
// interrupted half-way is never taken for a cluster.
func (c *Cluster) initialise(ctx context.Context) error {
	fresh := filepath.Join(c.dir, "pg.new")
	if err := os.RemoveAll(fresh); err != nil { // never holds data: see the rename below
		return fmt.Errorf("remove what an interrupted start left: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", fresh, err)
	}
	err := c.account.own(fresh)
	if err == nil {
		err = c.runInitdb(ctx, fresh)
	}
	if err == nil {
		err = appendDurably(filepath.Join(fresh, "postgresql.conf"), settings)
	}
	if err == nil {
		err = os.Rename(fresh, c.pgData())
	}
	if err != nil {
		return errors.Join(fmt.Errorf("make a cluster in %s: %w", c.dir, err), os.RemoveAll(fresh))
	}
	return syncDir(c.dir)
}

func (c *Cluster) runInitdb(ctx context.Context, target string) error {
	// The server's account must read the password, which lies in a file that only we can.
	passwordFile := filepath.Join(c.socketDir, "initdb.password")
	if err := os.WriteFile(passwordFile, []byte(c.superuser+"\n"), 0o600); err != nil {
		return fmt.Errorf("hand the password to initdb: %w", err)
	}
	defer func() { _ = os.Remove(passwordFile) }() // a leftover is closed to others and overwritten next time
	if err := c.account.own(passwordFile); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + target, "--username=" + Superuser, "--pwfile=" + passwordFile, "--auth=scram-sha-256",
		"--encoding=UTF8", "--data-checksums", "--no-instructions",
	}
	if c.unsafe || c.throwaway {
		args = append(args, "--no-sync", "--wal-segsize=1")
	}
	if c.binaries.Major >= 17 {
		return c.initdb(ctx, append(args, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"))
	}
	err := c.initdb(ctx, append(args, "--locale=C.UTF-8"))
	if err != nil && strings.Contains(err.Error(), "invalid locale") {
		err = c.initdb(ctx, append(args, "--locale=C")) // no such locale on this system
	}
	return err
}

func (c *Cluster) initdb(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, c.binaries.Path("initdb"), args...) //nolint:gosec // the binaries that were found
	cmd.Dir, cmd.Env, cmd.SysProcAttr = c.socketDir, serverEnvironment(), childAttributes(c.account)
	endWithParent(cmd.SysProcAttr, syscall.SIGKILL) // or it would write on while the next start begins anew
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		if _, message, found := strings.Cut(line, "error: "); found {
			return fmt.Errorf("initdb: %s", strings.TrimSpace(message))
		}
		if _, message, found := strings.Cut(line, "FATAL:  "); found {
			return fmt.Errorf("initdb: %s", strings.TrimSpace(message))
		}
	}
	return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
}

func appendDurably(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}
