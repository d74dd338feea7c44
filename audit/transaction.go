package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// transaction is one transaction on a connection of its own, reachable through Bun for those who know what the entries tell of, and
// through pgx for the log's own arrays and pipelines.
type transaction struct {
	conn bun.Conn
	tx   bun.Tx
	done bool
}

// begin begins every transaction that writes to the log. A pooled connection that turns out to be dead is replaced: nothing has
// been asked of it yet.
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
func (t *transaction) pgx(f func(conn *pgx.Conn) error) error {
	return t.conn.Raw(func(driver any) error {
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

// rollback undoes the transaction if it was not committed.
func (t *transaction) rollback() {
	if t.done {
		return
	}
	t.done = true
	_ = t.tx.Rollback() // where it cannot be told to, the server rolls back when the connection ends
	_ = t.conn.Close()
}

// attempt runs f and undoes what f wrote when it fails, so that the transaction can go on.
func (t *transaction) attempt(ctx context.Context, f func() error) error {
	if _, err := t.tx.ExecContext(ctx, `SAVEPOINT attempt`); err != nil {
		return fmt.Errorf("set a savepoint: %w", err)
	}
	failure := f()
	if failure == nil {
		_, err := t.tx.ExecContext(ctx, `RELEASE SAVEPOINT attempt`)
		return err
	}
	if _, err := t.tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT attempt`); err != nil {
		return errors.Join(errBroken, failure, err)
	}
	return failure
}

// errBroken means that the transaction cannot go on.
var errBroken = errors.New("the transaction is broken")
