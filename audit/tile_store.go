package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// selectSlices reads, in one snapshot, the log's size and what there is of the wanted tiles: stored ones whole, and others put
	// together from the hashes below. The limits keep the planner from reading a table where an index leads to a few rows; the month
	// keeps it from planning for each of many.
	selectSlices = `SELECT h.size, coalesce(w.level, 0), coalesce(w.n, 0), coalesce(t.hashes, b.hashes, e.hashes, ''), e.month
		FROM log_head h
		LEFT JOIN unnest($1::int[], $2::bigint[], $3::int[]) AS w (level, n, width) ON true
		LEFT JOIN log_tile t ON t.level = w.level AND t.n = w.n
		LEFT JOIN LATERAL (SELECT string_agg(x.root, '' ORDER BY x.n) AS hashes FROM (SELECT n, root FROM log_tile
			WHERE t.hashes IS NULL AND level = w.level - 1 AND n >= w.n * 256 AND n < w.n * 256 + w.width ORDER BY n LIMIT 256) x) b ON true
		LEFT JOIN LATERAL (SELECT string_agg(x.leaf_hash, '' ORDER BY x.idx) AS hashes, min(x.month) AS month FROM (SELECT idx, month, leaf_hash
			FROM log_entry WHERE t.hashes IS NULL AND w.level = 0 AND month >= $4::date AND idx >= w.n * 256 AND idx < w.n * 256 + w.width
			ORDER BY idx LIMIT 256) x) e ON true
		WHERE h.id = 1`
	selectLeaves = `SELECT h.size, coalesce(e.leaf, '') FROM log_head h
		LEFT JOIN LATERAL (SELECT idx, leaf FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx LIMIT 256) e ON true
		WHERE h.id = 1 ORDER BY e.idx`
)

// inBinary is the form in which hashes and leaves travel: as text they are twice as long.
var inBinary = pgx.QueryResultFormats{pgx.BinaryFormatCode}

// readTiles reads the log's size and what it has of some tiles. What it has not is empty.
//
// Lines are looked for only from the month on in which the unfinished tile was last seen to begin: it has not begun earlier since.
// Where a line is missing there, it is looked for everywhere.
func (l *Log) readTiles(ctx context.Context, slices []tileSlice) (size int64, tiles map[tileAt][]byte, err error) {
	from := l.tail.Load()
	size, tiles, err = l.readTilesFrom(ctx, slices, from)
	if err != nil || from == nil {
		return size, tiles, err
	}
	for _, s := range slices {
		if s.level == 0 && within(size, 0, s.n, s.width) && len(tiles[tileAt{0, s.n}]) < s.width*tlog.HashSize {
			return l.readTilesFrom(ctx, slices, nil)
		}
	}
	return size, tiles, nil
}

func (l *Log) readTilesFrom(ctx context.Context, slices []tileSlice, from *time.Time) (size int64, tiles map[tileAt][]byte, err error) {
	levels, numbers, widths := make([]int32, 0, len(slices)), make([]int64, 0, len(slices)), make([]int32, 0, len(slices))
	for _, s := range slices {
		levels = append(levels, int32(s.level)) //nolint:gosec // at most 63
		numbers = append(numbers, s.n)
		widths = append(widths, int32(s.width)) //nolint:gosec // at most 256
	}
	month := "-infinity"
	if from != nil {
		month = from.Format(time.DateOnly)
	}
	tiles = make(map[tileAt][]byte, len(slices))
	found := false
	err = l.query(ctx, selectSlices, []any{inBinary, levels, numbers, widths, month}, func(rows pgx.Rows) error {
		var at tileAt
		var hashes []byte
		var begins *time.Time
		if err := rows.Scan(&size, &at.level, &at.n, &hashes, &begins); err != nil {
			return err
		}
		if begins != nil {
			l.tail.Store(begins)
		}
		tiles[at], found = hashes, true
		return nil
	})
	if err == nil && !found {
		err = &Fault{0, "the head is missing"}
	}
	if err != nil {
		return 0, nil, fmt.Errorf("read tiles: %w", err)
	}
	return size, tiles, nil
}

// readLeaves reads the log's size and the leaves from ≤ index < until, at most 256.
func (l *Log) readLeaves(ctx context.Context, from, until int64) (size int64, leaves [][]byte, err error) {
	err = l.query(ctx, selectLeaves, []any{inBinary, from, until}, func(rows pgx.Rows) error {
		var leaf []byte
		if err := rows.Scan(&size, &leaf); err != nil {
			return err
		}
		if len(leaf) > 0 {
			leaves = append(leaves, leaf)
		}
		return nil
	})
	if err != nil {
		return 0, nil, fmt.Errorf("read leaves: %w", err)
	}
	return size, leaves, nil
}

// query runs a statement that reads, through pgx, for its arrays and its binary results.
func (l *Log) query(ctx context.Context, statement string, args []any, each func(pgx.Rows) error) error {
	return l.onConnection(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, statement, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := each(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// readTileRoots reads the roots of the stored tiles from ≤ n < until of a level.
func readTileRoots(ctx context.Context, ask asker, level int, from, until int64) ([]tlog.Hash, error) {
	rows, err := ask(ctx, selectRoots, level, from, until)
	if err != nil {
		return nil, fmt.Errorf("read tile roots: %w", err)
	}
	roots, err := scanHashes(rows)
	if err != nil {
		return nil, fmt.Errorf("read tile roots: %w", err)
	}
	return roots, nil
}
