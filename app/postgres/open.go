package postgres

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Pool says how to connect. The zero value is right for a private cluster.
type Pool struct {
	// Role is taken on by every connection (SET ROLE), for a database whose login is only a member of the role that
	// the program works as. Empty: the login itself.
	Role string
	// MaxConns is how many connections may be open at once; 0 means 20.
	MaxConns int
	// StatementTimeout ends a statement that runs longer; 0 means one minute, less than 0 none.
	StatementTimeout time.Duration
	// Application is the name shown in pg_stat_activity; empty means "onward".
	Application string
}

// Open connects to a database and returns once it has answered. It refuses a server older than [Oldest] and a role that
// may not be taken on.
//
// Statements go out unprepared, and what arguments Bun has not written into their text apart from it. Two statements in
// one text are refused in a query; in an Exec without arguments the driver lets them pass. Times come back in UTC. A
// transaction left idle for a minute is ended by the server, so that a stuck program cannot hold a lock for ever.
func Open(ctx context.Context, dsn string, pool Pool) (*bun.DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err) // pgx leaves the password out
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, 10*time.Second)
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = cmp.Or(pool.Application, "onward")
	}
	config.AfterConnect = pool.prepare

	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(readTimesInUTC))
	size := cmp.Or(pool.MaxConns, 20)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	bunDB := bun.NewDB(db, pgdialect.New())
	if err := checkServer(ctx, bunDB); err != nil {
		_ = bunDB.Close() // the first error is the one to tell
		return nil, err
	}
	return bunDB, nil
}

// prepare sets up one connection. It sends SET rather than startup parameters, which connection poolers refuse.
func (p Pool) prepare(ctx context.Context, conn *pgconn.PgConn) error {
	timeout := cmp.Or(p.StatementTimeout, time.Minute)
	sql := "SET TIME ZONE 'UTC'; SET idle_in_transaction_session_timeout = '1min'; SET statement_timeout = " +
		strconv.FormatInt(max(timeout.Milliseconds(), 0), 10)
	if p.Role != "" {
		sql += "; SET ROLE " + pgx.Identifier{p.Role}.Sanitize()
	}
	if _, err := conn.Exec(ctx, sql).ReadAll(); err != nil {
		return fmt.Errorf("prepare the connection: %w", err)
	}
	return nil
}

func readTimesInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

func checkServer(ctx context.Context, db *bun.DB) error {
	var number int
	if err := db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int").Scan(&number); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	if number < Oldest*10_000 {
		return fmt.Errorf("the database runs PostgreSQL %d.%d; Onward needs %d or later", number/10_000, number%10_000, Oldest)
	}
	return nil
}
