package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// Run applies what the shipped schema has more than the database; see [Sequence.Run].
func Run(ctx context.Context, db *bun.DB, at time.Time) (applied []string, err error) {
	return Shipped().Run(ctx, db, at)
}

// Pending names what [Run] would apply; see [Sequence.Pending].
func Pending(ctx context.Context, db bun.IDB) ([]string, error) { return Shipped().Pending(ctx, db) }

// Run applies every file that the database does not have yet, in order, each in a transaction of its own that also
// records its name, its SHA-256 and the time at. Names it returns are durable, also when it returns an error as well: the
// file named in the error left nothing behind, and those after it were not tried.
//
// Programs that run at the same time take turns; the later ones find nothing left to do. Run refuses, before it applies
// anything, a database where an applied file differs from ours, and one that has files we do not know.
//
// Files run as onward_owner where the login may act as it, so that the program's own role owns nothing.
func (s Sequence) Run(ctx context.Context, db *bun.DB, at time.Time) (applied []string, err error) {
	conn, err := db.DB.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to migrate: %w", err)
	}
	defer func() { err = errors.Join(err, closeConn(conn)) }()
	err = conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("migrating needs the pgx driver, not %T", driverConn)
		}
		applied, err = s.run(ctx, c.Conn(), at)
		return err
	})
	return applied, err
}

// closeConn gives back the connection; one that broke was closed already.
func closeConn(conn *sql.Conn) error {
	if err := conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
		return fmt.Errorf("close the connection that migrated: %w", err)
	}
	return nil
}

// lockKey is "onward" read as a number: the advisory lock that only one migrating program holds.
const lockKey = 0x6f6e77617264

func (s Sequence) run(ctx context.Context, conn *pgx.Conn, at time.Time) (applied []string, err error) {
	// Waiting for the turn and building an index may both take longer than a request may.
	var timeout string
	err = conn.QueryRow(ctx, "SELECT current_setting('statement_timeout')").Scan(&timeout)
	if err == nil {
		_, err = conn.Exec(ctx, "SET statement_timeout = 0")
	}
	if err != nil {
		return nil, fmt.Errorf("prepare to migrate: %w", err)
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(lockKey)); err != nil {
		return nil, fmt.Errorf("wait for the turn to migrate: %w", err)
	}
	defer func() {
		// The lock must go even if ctx has ended; if the connection broke, the server has released it.
		after := context.WithoutCancel(ctx)
		if _, unlockErr := conn.Exec(after, "SELECT pg_advisory_unlock($1)", int64(lockKey)); unlockErr != nil {
			err = errors.Join(err, fmt.Errorf("end the turn to migrate: %w", unlockErr), conn.Close(after))
			return
		}
		if _, resetErr := conn.Exec(after, "SELECT set_config('statement_timeout', $1, false)", timeout); resetErr != nil {
			err = errors.Join(err, resetErr, conn.Close(after))
		}
	}()
	if _, err := conn.PgConn().Exec(ctx, createRecord).ReadAll(); err != nil {
		return nil, fmt.Errorf("create schema_migrations: %w", err)
	}
	known, err := recorded(ctx, conn)
	if err != nil {
		return nil, err
	}
	todo, err := s.compare(known)
	if err != nil {
		return nil, err
	}
	for _, f := range todo {
		if err := f.apply(ctx, conn, at); err != nil {
			return applied, fmt.Errorf("migration %s: %w", f.name, err)
		}
		applied = append(applied, f.name)
	}
	return applied, nil
}

func (f file) apply(ctx context.Context, conn *pgx.Conn, at time.Time) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if !f.asLogin() {
			if err := becomeOwner(ctx, tx); err != nil {
				return err
			}
		}
		// The simple protocol takes a whole file.
		if _, err := conn.PgConn().Exec(ctx, f.sql).ReadAll(); err != nil {
			return located(f.sql, err)
		}
		if conn.PgConn().TxStatus() != 'T' {
			return errors.New("it ended the transaction it runs in")
		}
		_, err := tx.Exec(ctx, `INSERT INTO schema_migrations (name, sha256, applied_at) VALUES ($1, $2, $3)`, f.name, f.sha256, at.UTC())
		if err != nil {
			return fmt.Errorf("record it: %w", err)
		}
		return nil
	})
}

// becomeOwner takes on onward_owner for the transaction, if that role exists, the login may, and 0001 gave it this schema;
// otherwise the database works with a single role.
func becomeOwner(ctx context.Context, tx pgx.Tx) error {
	var may bool
	err := tx.QueryRow(ctx, `
		SELECT pg_has_role(oid, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
		       AND has_schema_privilege(oid, 'public', 'CREATE')
		FROM pg_roles WHERE rolname = 'onward_owner'`).Scan(&may)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !may {
		return nil
	}
	if err == nil {
		_, err = tx.Exec(ctx, "SET LOCAL ROLE onward_owner")
	}
	if err != nil {
		return fmt.Errorf("act as onward_owner: %w", err)
	}
	return nil
}

// located adds the line of the file to an error of the server.
func located(sql string, err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Position == 0 {
		return err
	}
	line := 1
	for i, r := range []rune(sql) {
		if i >= int(pg.Position)-1 {
			break
		}
		if r == '\n' {
			line++
		}
	}
	return fmt.Errorf("line %d: %w", line, err)
}
