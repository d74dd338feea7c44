package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// writeFrozen notes why the log is frozen since at, or with an empty text that it is not. A log that is frozen stays so for the first reason.
func writeFrozen(ctx context.Context, conn *pgx.Conn, text string, at time.Time) error {
	_, err := conn.Exec(ctx, `
		UPDATE log_head SET frozen = $1, frozen_at = CASE WHEN $1 = '' THEN NULL ELSE $2::timestamptz END
		WHERE id = 1 AND (frozen = '' OR $1 = '')`, text, at)
	if err != nil {
		return fmt.Errorf("freeze the log: %w", err)
	}
	return nil
}
