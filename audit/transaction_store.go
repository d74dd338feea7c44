package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// transaction is one transaction on a connection of its own. Others take part in it through Bun; the log's own statements go through
// pgx, for its arrays and pipelines.
type transaction struct {
	conn bun.Conn
	tx   bun.Tx
	done bool
}

// begin begins every transaction that writes to the log, but for those of a lane. A pooled connection that turns out to be dead is
// replaced: nothing has been asked of it yet.
func (l *Log) begin(ctx context.Context) (*transaction, error) {
	const tries = 3
	for try := 1; ; try++ {
		t, err := l.beginOnce(ctx)
		if err == nil {
			return t, nil
		}
		if try == tries || ctx.Err() != nil || !isConnectionLost(err) {
			return nil, fmt.Errorf("begin a transaction: %w", err)
		}
	}
}

func (l *Log) beginOnce(ctx context.Context) (*transaction, error) {
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}) //nolint:forbidigo // the one place, used by Change and the Committer
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &transaction{conn: conn, tx: tx}, nil
}

// pgx runs f on the transaction's connection.
func (t *transaction) pgx(f func(conn *pgx.Conn) error) error { return onPgx(t.conn, f) }

// onConnection runs f on a connection of its own, and undoes what f leaves open.
func (l *Log) onConnection(ctx context.Context, f func(conn *pgx.Conn) error) error {
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer func() { _ = conn.Close() }()
	return onPgx(conn, func(conn *pgx.Conn) error { //nolint:contextcheck // what is left open is undone also when ctx has ended
		return errors.Join(f(conn), undo(conn))
	})
}

// undo ends what is left open on conn, or conn.
func undo(conn *pgx.Conn) error {
	if conn.IsClosed() || conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := conn.Exec(ctx, `ROLLBACK`); err != nil {
		return conn.Close(ctx)
	}
	return nil
}

// onPgx runs f on what is below a connection.
func onPgx(conn bun.Conn, f func(conn *pgx.Conn) error) error {
	return conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the log needs the pgx driver, not %T", driver)
		}
		return f(c.Conn())
	})
}

// commit makes the transaction durable. After an error its outcome may be unknown: see outcome.
func (t *transaction) commit() error {
	t.done = true
	err := t.tx.Commit()
	_ = t.conn.Close() // the connection goes back to the pool; the outcome is Commit's
	return err
}

// rollback undoes the transaction if it was not committed. Where the server cannot be told to, it does so when the connection ends.
func (t *transaction) rollback() {
	if t.done {
		return
	}
	t.done = true
	_ = t.tx.Rollback()
	_ = t.conn.Close()
}

// attempt runs f and undoes what f wrote when it fails, so that the transaction can go on.
func (t *transaction) attempt(ctx context.Context, f func() error) error {
	if _, err := t.tx.ExecContext(ctx, `SAVEPOINT attempt`); err != nil {
		return fmt.Errorf("%w: set a savepoint: %w", errBroken, err)
	}
	failure := f()
	if failure == nil {
		if _, err := t.tx.ExecContext(ctx, `RELEASE SAVEPOINT attempt`); err != nil {
			return fmt.Errorf("%w: release a savepoint: %w", errBroken, err)
		}
		return nil
	}
	if _, err := t.tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT attempt`); err != nil {
		return errors.Join(errBroken, failure, err)
	}
	return failure
}

// errBroken means that the transaction cannot go on.
var errBroken = errors.New("the transaction is broken")
