package audit

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/mod/sumdb/tlog"
)

// errLost means that an entry is not in the log because the commit that it was sent with did not arrive.
var errLost = errors.New("a commit was lost")

// outcome answers, draft by draft, for a commit that returned an error; hashes are the leaves that were on their way. What the server
// refused was not written: then outcome returns that error. Where the answer was lost, the entries are looked up on another
// connection, under the head's lock: the lost transaction holds it until it has ended, so that what is not found then will not
// appear later.
func (l *Log) outcome(ctx context.Context, commit error, drafts []*draft, hashes map[uuid.UUID]tlog.Hash) ([]answer, error) {
	if refused(commit) {
		return nil, refine(fmt.Errorf("commit: %w", commit))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	known, found, err := l.lookUp(ctx, drafts)
	if err != nil {
		return nil, fmt.Errorf("%w: a commit was lost and could not be looked up: %w", ErrUnavailable, errors.Join(commit, err))
	}
	answers := make([]answer, 0, len(drafts))
	for _, d := range drafts {
		k, ok := known[d.ID]
		switch {
		case !ok:
			answers = append(answers, answer{err: fmt.Errorf("%w: %w: %w", ErrUnavailable, errLost, commit)})
		case k.requestHash != d.RequestHash:
			answers = append(answers, answer{err: ErrReused})
		default:
			r := found[d.ID]
			ours := hashes[d.ID]
			r.Replayed = !bytes.Equal(r.LeafHash, ours[:]) // somebody else's, who asked the same at the same time
			answers = append(answers, answer{receipt: r})
		}
	}
	return answers, nil
}

// lookUp reads which entries are in the log, once the transactions that are on their way have ended.
func (l *Log) lookUp(ctx context.Context, drafts []*draft) (known map[uuid.UUID]known, found map[uuid.UUID]Receipt, err error) {
	ids := make([]uuid.UUID, 0, len(drafts))
	for _, d := range drafts {
		ids = append(ids, d.ID)
	}
	const tries = 6
	for try, pause := 1, 50*time.Millisecond; ; try, pause = try+1, 2*pause {
		known, found, err = l.lookUpOnce(ctx, ids)
		if err == nil || try == tries || ctx.Err() != nil {
			return known, found, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (l *Log) lookUpOnce(ctx context.Context, ids []uuid.UUID) (known map[uuid.UUID]known, found map[uuid.UUID]Receipt, err error) {
	t, err := l.begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer t.rollback()
	err = t.pgx(func(conn *pgx.Conn) error {
		if known, err = lockAndReadKeys(ctx, conn, ids); err != nil {
			return err
		}
		found, err = readReceipts(ctx, conn, l.origin, ids)
		return err
	})
	return known, found, err
}

// refused tells whether the server itself answered that it did not commit.
func refused(commit error) bool {
	if errors.Is(commit, pgx.ErrTxCommitRollback) {
		return true
	}
	var p *pgconn.PgError
	return errors.As(commit, &p) && p.SeverityUnlocalized == "ERROR"
}

// refine makes ErrUnavailable out of what says that the database cannot take the entry now, and leaves everything else as it is.
func refine(err error) error {
	if !errors.Is(err, ErrUnavailable) && (isConnectionLost(err) || isOutOfService(err)) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// isConnectionLost tells whether err is of the connection, or of an attempt to make one, and not the server's answer to a statement.
func isConnectionLost(err error) bool {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return true
	}
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return strings.HasPrefix(p.Code, "08") || strings.HasPrefix(p.Code, "57P")
	}
	var network net.Error
	return errors.As(err, &network) || pgconn.Timeout(err) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// isKnownKey tells whether the server refused an entry because its id is in the log already.
func isKnownKey(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && p.Code == "23505" && p.ConstraintName == "log_entry_key_pkey" // unique_violation
}

// lostToAnother tells whether the server undid a transaction for the sake of another one.
func lostToAnother(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01") // serialization_failure, deadlock_detected
}

// isOutOfService tells whether the server answered that it lacks something now: room, connections, time, the right to write.
func isOutOfService(err error) bool {
	var p *pgconn.PgError
	if !errors.As(err, &p) {
		return false
	}
	switch p.Code {
	case "25006", // read_only_sql_transaction: a standby
		"55P03", // lock_not_available
		"57014": // query_canceled
		return true
	}
	return strings.HasPrefix(p.Code, "53") || strings.HasPrefix(p.Code, "58")
}
