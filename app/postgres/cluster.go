package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// The roles that may log in to a private cluster.
const (
	Superuser = "onward_superuser" // migrations and repairs
	App       = "onward_app"       // the program at work
)

// Database is the one that the program works in.
const Database = "onward"

// Options say where a cluster lives and how it is run. Only DataDir is required.
type Options struct {
	// DataDir holds the cluster and all that belongs to it; it is made if missing.
	DataDir string
	// Binaries to choose from; empty means those that [Find] finds.
	Binaries []Binaries
	// Fetch allows [Fetch] when no fitting binaries are found; CacheDir is where they go, Progress is told about it.
	Fetch    bool
	CacheDir string
	Progress io.Writer
	// Throwaway is for tests: the cluster will not outlive the program, which may kill it at any time.
	Throwaway bool
	// Unsafe is for tests: nothing is forced to disk, so a crash of the machine destroys the cluster.
	Unsafe bool
}

// Cluster is a running private PostgreSQL.
type Cluster struct {
	options   Options
	dir       string
	socketDir string
	account   *account
	binaries  Binaries
	superuser string // its password
	app       string // its password
	unsafe    bool
	throwaway bool

	mu      sync.Mutex
	lock    *os.File // held while this program owns the cluster
	server  *server  // nil if another program started it
	leave   context.CancelFunc
	left    chan struct{} // closed when the goroutine of a guest has ended
	stopped bool
}

// Start runs the cluster of a data folder, making it first if there is none, and returns when it answers: the role
// onward_app and the database onward exist then. If another program already runs the cluster, Start joins it.
//
// The server ends when this program ends, even if it is killed, on systems that offer it (Linux); elsewhere the next
// Start adopts the server it finds. A cluster made by another major version is refused unless binaries of that version
// are there; nothing in the folder is touched then.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	c, err := prepare(o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, 2*time.Minute, errors.New("not ready after two minutes"))
	defer cancel()
	for {
		lock, err := tryLock(c.lockFile())
		if err != nil {
			return nil, c.explain("use", err)
		}
		if lock != nil {
			return c.lead(ctx, lock, o)
		}
		joined, err := c.join(ctx)
		if err != nil {
			return nil, err
		}
		if joined {
			return c, nil
		}
	}
}

// SuperuserDSN is the address of a database as the superuser.
func (c *Cluster) SuperuserDSN(database string) string {
	return c.dsn(Superuser, c.superuser, database)
}

// AppDSN is the address of a database as the role the program works as.
func (c *Cluster) AppDSN(database string) string { return c.dsn(App, c.app, database) }

func (c *Cluster) dsn(user, password, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Path: "/" + database}
	u.RawQuery = url.Values{"host": {c.socketDir}, "port": {"5432"}}.Encode()
	return u.String()
}

// Binaries are those the cluster was started with; those of the owner's choice are not known to a guest.
func (c *Cluster) Binaries() Binaries {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.binaries
}

// SocketDir is where the server listens.
func (c *Cluster) SocketDir() string { return c.socketDir }

// Owner tells whether this program owns the cluster, so that [Cluster.Stop] stops it.
func (c *Cluster) Owner() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lock != nil
}

// Stop leaves the cluster. The owner shuts it down: open transactions are rolled back, and it is on disk, whole, when
// Stop returns nil. If ctx ends first, the server is told to quit at once; it recovers at the next start and nothing
// committed is lost. A guest only leaves; the cluster runs on.
func (c *Cluster) Stop(ctx context.Context) error {
	c.mu.Lock()
	leave, left := c.leave, c.left
	c.mu.Unlock()
	if leave != nil {
		leave()
		<-left
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || c.lock == nil {
		c.stopped = true
		return nil
	}
	c.stopped = true
	err := c.shutDown(ctx)
	return errors.Join(err, c.lock.Close())
}

func (c *Cluster) shutDown(ctx context.Context) error {
	s := c.server
	if s == nil {
		s = &server{pid: c.runningStatus().pid}
	}
	if s.gone() {
		return nil
	}
	if err := signal(s.pid, syscall.SIGINT); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	if err := until(ctx, s.gone); err != nil {
		_ = signal(s.pid, syscall.SIGQUIT) // it recovers from its log at the next start
		return fmt.Errorf("stop PostgreSQL in time: %w", err)
	}
	return nil
}

func (c *Cluster) pgData() string   { return filepath.Join(c.dir, "pg") }
func (c *Cluster) lockFile() string { return filepath.Join(c.dir, "lock") }
func (c *Cluster) logFile() string  { return filepath.Join(c.dir, "postgres.log") }
