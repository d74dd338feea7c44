package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// lead makes this program the owner of the cluster: it adopts a server that still runs, or starts one.
func (c *Cluster) lead(ctx context.Context, lock *os.File, o Options) (*Cluster, error) {
	c.lock = lock
	err := writeOwner(lock)
	if err == nil {
		err = c.readSecrets(true)
	}
	if err == nil {
		err = c.makeSocketDir()
	}
	if err == nil {
		err = c.run(ctx, o)
	}
	if err == nil {
		err = c.ensure(ctx)
	}
	if err != nil {
		if c.server != nil {
			_ = c.shutDown(context.WithoutCancel(ctx)) // the first error is the one to tell
		}
		return nil, errors.Join(c.explain("use", err), lock.Close())
	}
	return c, nil
}

func (c *Cluster) run(ctx context.Context, o Options) error {
	if running, err := c.settle(ctx); err != nil || running {
		return err
	}
	if err := c.choose(ctx, o); err != nil {
		return err
	}
	if !exists(c.pgData()) {
		if err := c.initialise(ctx); err != nil {
			return err
		}
	}
	return c.serve(ctx)
}

// settle looks at what an earlier owner left: a server that runs is taken on, one that is stopping is waited for.
func (c *Cluster) settle(ctx context.Context) (running bool, err error) {
	var s status
	err = until(ctx, func() bool {
		s = c.runningStatus()
		return s.pid == 0 || s.state == "ready"
	})
	if err != nil {
		return false, fmt.Errorf("wait for the PostgreSQL with process id %d: %w", s.pid, err)
	}
	if s.pid == 0 {
		// PostgreSQL refuses to start if the process id in a stale file belongs to any program of its user now.
		if stale := filepath.Join(c.pgData(), "postmaster.pid"); exists(stale) {
			err = os.Remove(stale)
		}
		return false, err
	}
	if s.socketDir != "" {
		c.socketDir = s.socketDir
	}
	return true, nil
}

// choose picks the binaries: those whose major version made the cluster, or the newest for a new one.
func (c *Cluster) choose(ctx context.Context, o Options) error {
	made, err := os.ReadFile(filepath.Join(c.pgData(), "PG_VERSION"))
	if err != nil && exists(c.pgData()) {
		return fmt.Errorf("read the version of the cluster: %w", err)
	}
	wanted, _ := strconv.Atoi(strings.TrimSpace(string(made))) // 0, any, for a new cluster
	all := o.Binaries
	if len(all) == 0 {
		all = Find(ctx)
	}
	for _, b := range all {
		if wanted == 0 || b.Major == wanted {
			c.binaries = b
			return nil
		}
	}
	if o.Fetch && (wanted == 0 || wanted == fetchedMajor) {
		c.binaries, err = Fetch(ctx, o.CacheDir, o.Progress)
		return err
	}
	if len(all) == 0 && wanted == 0 {
		return errMissing()
	}
	return errVersion(c.dir, strings.TrimSpace(string(made)), all)
}

// errVersion is the sentence for a cluster that none of the binaries can run.
func errVersion(dir, made string, all []Binaries) error {
	found := "no PostgreSQL at all"
	if len(all) > 0 {
		versions := make([]string, len(all))
		for i, b := range all {
			versions[i] = b.Version
		}
		found = "only PostgreSQL " + strings.Join(versions, ", ")
	}
	return fmt.Errorf("the cluster in %s was made by PostgreSQL %s but this machine has %s: install PostgreSQL %s beside it, "+
		"or move the data with `onward backup` there and `onward restore` into a new folder", dir, made, found, made)
}

// serve starts the server and waits until it is ready.
func (c *Cluster) serve(ctx context.Context) error {
	log, from, err := openLog(c.logFile())
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()                                                                    // the server has its own handle
	cmd := exec.CommandContext(context.WithoutCancel(ctx), c.binaries.Path("postgres"), c.arguments()...) //nolint:gosec // found binaries
	cmd.Dir, cmd.Env, cmd.SysProcAttr = c.pgData(), serverEnvironment(), childAttributes(c.account)
	cmd.Stdout, cmd.Stderr = log, log
	s, err := launch(cmd, c.throwaway)
	if err != nil {
		return err
	}
	ended := false
	err = until(ctx, func() bool {
		if ended = s.gone(); ended {
			return true
		}
		st := readStatus(c.pgData())
		return st.pid == s.pid && st.state == "ready"
	})
	c.server = s
	if ended {
		c.server = nil
		err = errors.New("it ended")
	}
	if err != nil {
		return fmt.Errorf("PostgreSQL %s did not start: %w: %s (more in %s)", c.binaries.Version, err, lastWords(c.logFile(), from), c.logFile())
	}
	return nil
}

// arguments hold what safety depends on; everything else is in postgresql.conf.
func (c *Cluster) arguments() []string {
	quoted := `"` + strings.ReplaceAll(c.socketDir, `"`, `""`) + `"`
	settings := []string{
		"listen_addresses=", "port=5432", "unix_socket_directories=" + quoted, "unix_socket_permissions=0700",
		"logging_collector=off", "log_destination=stderr",
	}
	if c.unsafe {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	if c.throwaway {
		settings = append(settings, "max_connections=500", "shared_buffers=64MB", "autovacuum_naptime=10min", "max_wal_size=512MB")
	}
	args := []string{"-D", c.pgData()}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return args
}

// biggestLog is the size at which a server log is put aside before a start; one old log is kept.
const biggestLog = 10 << 20

func openLog(path string) (f *os.File, size int64, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() > biggestLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, 0, fmt.Errorf("put the server log aside: %w", err)
		}
	}
	if f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return nil, 0, fmt.Errorf("open the server log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open the server log: %w", err), f.Close())
	}
	return f, info.Size(), nil
}

// writeOwner leaves the process id for people; the lock itself is what counts.
func writeOwner(lock *os.File) error {
	err := lock.Truncate(0)
	if err == nil {
		_, err = lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return err
}

// takeoverEvery is how often a guest looks whether the owner is gone.
const takeoverEvery = 200 * time.Millisecond
