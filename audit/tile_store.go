package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

// readTileRoots reads the roots of the stored tiles from ≤ n < until of a level.
func readTileRoots(ctx context.Context, conn *pgx.Conn, level int, from, until int64) ([]tlog.Hash, error) {
	rows, err := conn.Query(ctx, selectRoots, level, from, until)
	if err != nil {
		return nil, fmt.Errorf("read tile roots: %w", err)
	}
	roots, err := scanHashes(rows)
	if err != nil {
		return nil, fmt.Errorf("read tile roots: %w", err)
	}
	return roots, nil
}
