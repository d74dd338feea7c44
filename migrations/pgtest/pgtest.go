// Package pgtest gives every test a private, migrated PostgreSQL database.
//
// Each test binary runs a cluster of its own, started when the first test asks for a database. It is copied from a
// template that is made once per PostgreSQL version and schema and kept in a cache, so that a start takes a fraction of a
// second and a database some 30 ms. The server dies with the test binary, which needs no TestMain; what it leaves on disk is
// swept by a later run.
//
// A test is never skipped for want of PostgreSQL: it fails, with one sentence that says what to install.
//
// This package may import app/postgres although it lies below it: no program contains it.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"onward/app/postgres"
)

// Address is all that a client program such as pgbench or psql needs to reach a database.
type Address struct {
	Host     string // the directory of the socket
	Port     string
	User     string
	Password string
	Database string
	DSN      string // all of it as one URL
}

// place is where a database of a test lies.
type place struct {
	cluster  *cluster
	database string
}

// places finds the database behind a handle that this package gave out.
var places sync.Map // *bun.DB → place

// New returns a database that only this test knows, migrated, connected as onward_app: the role the program works as. It
// is not durable. Connections are closed and the database is dropped when the test ends.
func New(tb testing.TB) *bun.DB {
	tb.Helper()
	c := start(tb, quick)
	return c.connect(tb, c.create(tb, migrated), postgres.App)
}

// NewDurable is [New] on a cluster that forces every commit to disk, for benchmarks and for tests about durability.
func NewDurable(tb testing.TB) *bun.DB {
	tb.Helper()
	c := start(tb, durable)
	return c.connect(tb, c.create(tb, migrated), postgres.App)
}

// Empty returns a private database without a schema, connected as the superuser, as a migrating program would be.
func Empty(tb testing.TB) *bun.DB {
	tb.Helper()
	c := start(tb, quick)
	return c.connect(tb, c.create(tb, "template1"), postgres.Superuser)
}

// Copy returns a private database that is a copy of the one behind db as it is now, as a backup of it would be when restored. It ends the
// connections to db, which makes new ones when it is used again.
func Copy(tb testing.TB, db *bun.DB) *bun.DB {
	tb.Helper()
	p := find(tb, db)
	for _, statement := range []string{
		"ALTER DATABASE " + p.database + " ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" + p.database + "'",
	} {
		if err := p.cluster.admin(statement); err != nil {
			tb.Fatalf("pgtest: copy a database: %v", err)
		}
	}
	name := p.cluster.create(tb, p.database)
	for _, database := range []string{p.database, name} {
		if err := p.cluster.admin("ALTER DATABASE " + database + " ALLOW_CONNECTIONS true"); err != nil {
			tb.Fatalf("pgtest: copy a database: %v", err)
		}
	}
	return p.cluster.connect(tb, name, postgres.App)
}

// Superuser connects to the database behind db as the superuser, whom no grant and no owner holds back: for tests that
// tamper.
func Superuser(tb testing.TB, db *bun.DB) *bun.DB {
	tb.Helper()
	p := find(tb, db)
	return p.cluster.connect(tb, p.database, postgres.Superuser)
}

// As connects to the database behind db as another login, which the test has created.
func As(tb testing.TB, db *bun.DB, login, password string) *bun.DB {
	tb.Helper()
	p := find(tb, db)
	u, err := url.Parse(p.cluster.AppDSN(p.database))
	if err != nil {
		tb.Fatal(err)
	}
	u.User = url.UserPassword(login, password)
	return p.open(tb, u.String())
}

// DSN is the address of the database behind db for the role onward_app.
func DSN(tb testing.TB, db *bun.DB) string {
	tb.Helper()
	p := find(tb, db)
	return p.cluster.AppDSN(p.database)
}

// SuperuserDSN is the address of the database behind db for the superuser.
func SuperuserDSN(tb testing.TB, db *bun.DB) string {
	tb.Helper()
	p := find(tb, db)
	return p.cluster.SuperuserDSN(p.database)
}

// AddressOf is [DSN] in parts.
func AddressOf(tb testing.TB, db *bun.DB) Address {
	tb.Helper()
	dsn := DSN(tb, db)
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		tb.Fatal(err)
	}
	return Address{
		Host: config.Host, Port: strconv.Itoa(int(config.Port)), User: config.User, Password: config.Password,
		Database: config.Database, DSN: dsn,
	}
}

func find(tb testing.TB, db *bun.DB) place {
	tb.Helper()
	p, ok := places.Load(db)
	if !ok {
		tb.Fatal("pgtest: the handle was not given out by pgtest, or its test has ended")
	}
	return p.(place)
}

// connect opens a database for one test.
func (c *cluster) connect(tb testing.TB, database, role string) *bun.DB {
	tb.Helper()
	dsn := c.AppDSN(database)
	if role == postgres.Superuser {
		dsn = c.SuperuserDSN(database)
	}
	return place{cluster: c, database: database}.open(tb, dsn)
}

func (p place) open(tb testing.TB, dsn string) *bun.DB {
	tb.Helper()
	db, err := postgres.Open(context.Background(), dsn, postgres.Pool{})
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	places.Store(db, p)
	tb.Cleanup(func() {
		places.Delete(db)
		if err := db.Close(); err != nil {
			tb.Errorf("pgtest: close: %v", err)
		}
	})
	return db
}

// create makes a database from a template and drops it when the test ends. Cleanups run last in, first out: the
// connections are closed by then.
func (c *cluster) create(tb testing.TB, template string) string {
	tb.Helper()
	name := fmt.Sprintf("t%d_%s", c.count.Add(1), readable(tb.Name()))
	// Copying files is some five times faster here than writing each page to the log.
	if err := c.admin("CREATE DATABASE " + name + " TEMPLATE " + template + " STRATEGY file_copy"); err != nil {
		tb.Fatalf("pgtest: create a database: %v", err)
	}
	tb.Cleanup(func() {
		if err := c.admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			tb.Logf("pgtest: drop the database: %v", err) // swept with the cluster
		}
	})
	return name
}

// readable makes a test's name a part of a database's name, which may have 63 bytes.
func readable(name string) string {
	short := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return '_'
		}
	}, name)
	return short[:min(len(short), 50)]
}

// admin runs one statement as the superuser, on one of a few connections that are kept.
func (c *cluster) admin(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn := <-c.admins
	defer func() { c.admins <- conn }()
	if conn == nil || conn.IsClosed() {
		var err error
		if conn, err = pgx.Connect(ctx, c.SuperuserDSN("postgres")); err != nil {
			conn = nil
			return err
		}
	}
	_, err := conn.Exec(ctx, sql)
	return err
}
