package sharing

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// readMark reads both counts in one statement, so that they belong together.
func readMark(ctx context.Context, db bun.IDB) (m mark, err error) {
	err = db.NewRaw(`SELECT h.epoch, h.epoch - a.moves FROM log_head h, aside_changes a`).Scan(ctx, &m.epoch, &m.records)
	if err != nil {
		return mark{}, fmt.Errorf("read the log's epoch: %w", err)
	}
	return m, nil
}

// countAside is for the inside of a Change that holds the log's lock.
func countAside(ctx context.Context, tx bun.Tx) error {
	if _, err := tx.NewRaw(`UPDATE aside_changes SET moves = moves + 1`).Exec(ctx); err != nil {
		return fmt.Errorf("count a change: %w", err)
	}
	return nil
}
