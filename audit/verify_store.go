package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

const (
	pageSize = 8 * tileWidth

	beginSnapshot = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`
	selectAll     = `SELECT h.origin, h.size, h.epoch, h.root, h.last_at, h.edge,
			coalesce((SELECT min(idx) FROM log_entry), 0), coalesce((SELECT max(idx) FROM log_entry), -1),
			coalesce((SELECT max(next_idx) FROM log_pruned), 0)
		FROM log_head h WHERE id = 1`
	selectLines = `SELECT month, idx, entry_id, type, recorded_at, occurred_at, actor_id, vendor_id, coalesce(vendor_seq, 0), leaf_hash, leaf
		FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx LIMIT $3`
	selectTiles      = `SELECT level, n, hashes, root FROM log_tile WHERE level = 0 AND n >= $1 AND n < $2`
	selectUpperTiles = `SELECT level, n, hashes, root FROM log_tile WHERE level <> 0 ORDER BY level, n`
	selectAllSeqs    = `SELECT vendor_id, last_seq FROM log_vendor_seq`
	countAll         = `SELECT (SELECT count(*) FROM log_entry_key), (SELECT count(*) FROM log_tile WHERE level = 0)`
)

// snapshot reads the log as it was at one moment.
type snapshot struct {
	conn                  *pgx.Conn
	head                  Head
	edge                  []byte
	firstIndex, lastIndex int64
	kept                  int64 // index of the first entry that was not pruned
}

type line struct {
	Stored
	month time.Time
}

type storedTile struct {
	level        int
	n            int64
	hashes, root []byte
}

// readSnapshot runs f in a transaction that only reads.
func (l *Log) readSnapshot(ctx context.Context, f func(s *snapshot) error) error {
	return l.onConnection(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, beginSnapshot); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
		s := &snapshot{conn: conn}
		row := conn.QueryRow(ctx, selectAll)
		err := row.Scan(&s.head.Origin, &s.head.Size, &s.head.Epoch, &s.head.Root, &s.head.LastAt, &s.edge, &s.firstIndex, &s.lastIndex, &s.kept)
		if errors.Is(err, pgx.ErrNoRows) {
			return &Fault{0, "the head is missing"}
		}
		if err != nil {
			return fmt.Errorf("verify: read the head: %w", err)
		}
		return f(s)
	})
}

func (s *snapshot) page(ctx context.Context, from int64) (page, error) {
	until := min(from+pageSize, s.head.Size)
	p := page{tiles: make(map[int64]storedTile), keys: make(map[uuid.UUID]int64)}
	rows, err := s.conn.Query(ctx, selectLines, from, until, pageSize+1)
	if err == nil {
		p.lines, err = pgx.CollectRows(rows, scanLine)
	}
	if err != nil {
		return page{}, fmt.Errorf("verify: read lines: %w", err)
	}
	ids := make([]uuid.UUID, 0, len(p.lines))
	for i := range p.lines {
		ids = append(ids, p.lines[i].EntryID)
	}
	g := &growth{known: make(map[uuid.UUID]known, len(ids))}
	batch := new(pgx.Batch)
	batch.Queue(selectKeys, pgUUIDs(ids)).Query(g.scanKeys)
	batch.Queue(selectTiles, from/tileWidth, until/tileWidth+1).Query(func(rows pgx.Rows) error {
		tiles, err := pgx.CollectRows(rows, scanTile)
		for _, t := range tiles {
			p.tiles[t.n] = t
		}
		return err
	})
	if err := s.conn.SendBatch(ctx, batch).Close(); err != nil {
		return page{}, fmt.Errorf("verify: read keys and tiles: %w", err)
	}
	for id, k := range g.known {
		p.keys[id] = k.index
	}
	return p, nil
}

// tiles reads the tiles of level 0 from one on.
func (s *snapshot) tiles(ctx context.Context, from, count int64) (map[int64]storedTile, error) {
	rows, err := s.conn.Query(ctx, selectTiles, from, from+count)
	if err != nil {
		return nil, fmt.Errorf("verify: read tiles: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanTile)
	if err != nil {
		return nil, fmt.Errorf("verify: read tiles: %w", err)
	}
	tiles := make(map[int64]storedTile, len(found))
	for _, t := range found {
		tiles[t.n] = t
	}
	return tiles, nil
}

func scanLine(row pgx.CollectableRow) (line, error) {
	var s line
	var id, actor, vendor pgtype.UUID
	err := row.Scan(&s.month, &s.Index, &id, &s.Type, &s.RecordedAt, &s.OccurredAt, &actor, &vendor, &s.VendorSeq, &s.LeafHash, &s.Leaf)
	s.EntryID, s.ActorID, s.VendorID = id.Bytes, actor.Bytes, vendor.Bytes
	s.RecordedAt, s.OccurredAt = s.RecordedAt.UTC(), s.OccurredAt.UTC()
	return s, err
}

func scanTile(row pgx.CollectableRow) (storedTile, error) {
	var t storedTile
	err := row.Scan(&t.level, &t.n, &t.hashes, &t.root)
	return t, err
}

func (s *snapshot) eachUpperTile(ctx context.Context, f func(t *storedTile) error) error {
	rows, err := s.conn.Query(ctx, selectUpperTiles)
	if err != nil {
		return fmt.Errorf("verify: read tiles: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		t, err := scanTile(rows)
		if err != nil {
			return fmt.Errorf("verify: read tiles: %w", err)
		}
		if err := f(&t); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("verify: read tiles: %w", err)
	}
	return f(nil)
}

func (s *snapshot) eachSeq(ctx context.Context, f func(vendor uuid.UUID, last int64) error) error {
	rows, err := s.conn.Query(ctx, selectAllSeqs)
	if err != nil {
		return fmt.Errorf("verify: read vendors' sequences: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var vendor pgtype.UUID
		var last int64
		if err := rows.Scan(&vendor, &last); err != nil {
			return fmt.Errorf("verify: read vendors' sequences: %w", err)
		}
		if err := f(vendor.Bytes, last); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("verify: read vendors' sequences: %w", err)
	}
	return nil
}

func (s *snapshot) count(ctx context.Context) (keys, tiles int64, err error) {
	if err := s.conn.QueryRow(ctx, countAll).Scan(&keys, &tiles); err != nil {
		return 0, 0, fmt.Errorf("verify: count: %w", err)
	}
	return keys, tiles, nil
}
