package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// writeFrozen notes why the log is frozen, or with an empty text that it is not. A log that is frozen stays so for the first reason.
func writeFrozen(ctx context.Context, conn *pgx.Conn, text string) error {
	if _, err := conn.Exec(ctx, `UPDATE log_head SET frozen = $1 WHERE id = 1 AND (frozen = '' OR $1 = '')`, text); err != nil {
		return fmt.Errorf("freeze the log: %w", err)
	}
	return nil
}
