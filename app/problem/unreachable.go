package problem

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// unreachable says whether err means that the database cannot be reached or used now, through no fault of the program.
func unreachable(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	var server *pgconn.PgError
	switch {
	case errors.As(err, &connect), errors.As(err, &network):
		return true
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return true
	case errors.As(err, &server):
		// Connection exception, insufficient resources, operator intervention, and a server that only reads.
		for _, class := range []string{"08", "53", "57P", "25006"} {
			if strings.HasPrefix(server.Code, class) {
				return true
			}
		}
	}
	return false
}
