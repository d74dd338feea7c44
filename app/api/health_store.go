package api

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// isWritable says whether the database takes changes: it is no standby and is not set to read only.
func isWritable(ctx context.Context, db bun.IDB) (writable bool, err error) {
	err = db.NewRaw(`SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'`).Scan(ctx, &writable)
	if err != nil {
		return false, fmt.Errorf("ask whether the database can be written to: %w", err)
	}
	return writable, nil
}
