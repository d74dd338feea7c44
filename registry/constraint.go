package registry

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// violated is the refusal that refusals has for the constraint that err violates; err itself where it has none.
func violated(err error, refusals map[string]*Refusal) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if refusal, ok := refusals[pg.ConstraintName]; ok {
			return refusal
		}
	}
	return err
}
