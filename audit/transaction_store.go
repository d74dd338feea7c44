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
	// tx is nil inside while only the log writes: then BEGIN and COMMIT travel with its statements and save two round trips.
	tx   bun.Tx
	bare bool
	done bool
}

// begin begins every transaction that writes to the log; in a bare one, only the log's own statements can take part. A pooled
// connection that turns out to be dead is replaced: nothing has been asked of it yet.
func (l *Log) begin(ctx context.Context, bare bool) (*transaction, error) {
	const tries = 3
	for try := 1; ; try++ {
		t, err := l.beginOnce(ctx, bare)
		if err == nil {
			return t, nil
		}
		if try == tries || ctx.Err() != nil || !isConnectionLost(err) {
			return nil, fmt.Errorf("begin a transaction: %w", err)
		}
	}
}

func (l *Log) beginOnce(ctx context.Context, bare bool) (*transaction, error) {
	conn, err := l.db.Conn(ctx)
	if err != nil || bare {
		return &transaction{conn: conn, bare: true}, err
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

// commit makes the transaction durable. After an error its outcome may be unknown: see outcome. A bare transaction was committed with
// its last statement.
func (t *transaction) commit() (err error) {
	t.done = true
	if !t.bare {
		err = t.tx.Commit()
	}
	_ = t.conn.Close() // the connection goes back to the pool; the outcome is Commit's
	return err
}

// rollback undoes the transaction if it was not committed. Where the server cannot be told to, it does so when the connection ends.
func (t *transaction) rollback() {
	if t.done {
		return
	}
	t.done = true
	if t.bare {
		_ = t.pgx(undo)
	} else {
		_ = t.tx.Rollback()
	}
	_ = t.conn.Close()
}

// undo ends what is left open on conn, or conn.
func undo(conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if conn.IsClosed() || conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	if _, err := conn.Exec(ctx, `ROLLBACK`); err != nil {
		return conn.Close(ctx)
	}
	return nil
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
