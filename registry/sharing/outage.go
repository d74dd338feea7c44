package sharing

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"onward/audit"
	"onward/registry"
)

// refusal turns what the log cannot do, and the absence of the database, into an answer; everything else it leaves as it is.
func refusal(err error) error {
	switch {
	case errors.Is(err, audit.ErrReused):
		return registry.Refuse(registry.Conflict, "This Idempotency-Key was used for another share. A new share needs a new key.")
	case errors.Is(err, audit.ErrBusy):
		return registry.Refuse(registry.Busy, "Too many shares are waiting to be recorded. Try again with the same key.")
	case errors.Is(err, audit.ErrFrozen):
		return registry.Refuse(registry.Busy, "The log is frozen: no share can be recorded, and none is allowed, until an administrator has acknowledged why.")
	case errors.Is(err, audit.ErrUnavailable) || isAway(err):
		return registry.Refuse(registry.Busy, "The log cannot be written now. Try again with the same key.")
	default:
		return err
	}
}

// isAway tells whether err says that the database cannot be reached, and not that it answered.
func isAway(err error) bool {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return strings.HasPrefix(answer.Code, "08") || strings.HasPrefix(answer.Code, "57P") || strings.HasPrefix(answer.Code, "53")
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
