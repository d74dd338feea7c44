package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onward/app/postgres"
)

// migrated is the database that the databases of tests are copied from.
const migrated = "template_migrated"

// kind is one of the two clusters that a test binary may run.
type kind struct {
	name   string
	unsafe bool
	once   *sync.Once
	it     *cluster
	err    error
}

var (
	quick   = &kind{name: "quick", unsafe: true, once: new(sync.Once)}
	durable = &kind{name: "durable", once: new(sync.Once)}
)

// cluster is a running cluster of this test binary.
type cluster struct {
	*postgres.Cluster
	count  atomic.Int64
	admins chan *pgx.Conn
}

// start returns the cluster of a kind, started by the first test that asks for it.
func start(tb testing.TB, k *kind) *cluster {
	tb.Helper()
	k.once.Do(func() { k.it, k.err = k.start() })
	if k.err != nil {
		tb.Fatalf("pgtest: %v", k.err)
	}
	return k.it
}

func (k *kind) start() (*cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	b, err := binaries()
	if err != nil {
		return nil, err
	}
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	template, err := template(ctx, cache, b)
	if err != nil {
		return nil, fmt.Errorf("make the template cluster: %w", err)
	}
	runs, err := runsDir(cache, k)
	if err != nil {
		return nil, err
	}
	if err := sweep(runs); err != nil {
		return nil, fmt.Errorf("sweep what earlier runs left: %w", err)
	}
	dir, err := os.MkdirTemp(runs, fmt.Sprintf("%d-%s-", os.Getpid(), k.name))
	if err != nil {
		return nil, err
	}
	if err := copyTree(template, dir); err != nil {
		return nil, fmt.Errorf("copy the template cluster: %w", err)
	}
	running, err := postgres.Start(ctx, postgres.Options{
		DataDir: dir, Binaries: []postgres.Binaries{b}, Throwaway: true, Unsafe: k.unsafe,
	})
	if err != nil {
		return nil, err
	}
	c := &cluster{Cluster: running, admins: make(chan *pgx.Conn, 2)}
	for range cap(c.admins) {
		c.admins <- nil
	}
	return c, nil
}

// Binaries are the programs of the PostgreSQL that tests run on; pgbench and psql are among them on most systems.
func Binaries(tb testing.TB) postgres.Binaries {
	tb.Helper()
	b, err := binaries()
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	return b
}

// binaries are those in the folder that ONWARD_TEST_POSTGRES names, or else the newest found, or else fetched.
var binaries = sync.OnceValues(func() (postgres.Binaries, error) {
	ctx := context.Background()
	if dir := os.Getenv("ONWARD_TEST_POSTGRES"); dir != "" {
		return postgres.Inspect(ctx, dir)
	}
	cache, err := postgres.DefaultCacheDir()
	if err != nil {
		return postgres.Binaries{}, err
	}
	return postgres.Locate(ctx, os.Getenv("ONWARD_FETCH_POSTGRES") != "never", cache, os.Stderr)
})
