package audit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

const (
	selectReceipts = `SELECT e.entry_id, e.idx, e.leaf_hash, e.recorded_at FROM log_entry_key k
		JOIN log_entry e ON e.month = k.month AND e.idx = k.idx WHERE k.entry_id = ANY ($1::uuid[])`
	waitForHead = `SELECT size FROM log_head WHERE id = 1 FOR UPDATE`
)

// readReceipts reads the receipts of those of ids that are in the log.
func readReceipts(ctx context.Context, conn *pgx.Conn, origin string, ids []uuid.UUID) (map[uuid.UUID]Receipt, error) {
	rows, err := conn.Query(ctx, selectReceipts, pgUUIDs(ids))
	if err != nil {
		return nil, fmt.Errorf("read receipts: %w", err)
	}
	defer rows.Close()
	found := make(map[uuid.UUID]Receipt, len(ids))
	for rows.Next() {
		var id pgtype.UUID
		r := Receipt{Log: origin}
		if err := rows.Scan(&id, &r.Index, &r.LeafHash, &r.RecordedAt); err != nil {
			return nil, fmt.Errorf("read receipts: %w", err)
		}
		r.EntryID, r.RecordedAt = id.Bytes, r.RecordedAt.UTC()
		found[r.EntryID] = r
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read receipts: %w", err)
	}
	return found, nil
}

// lockAndReadKeys waits for the head's lock and reads which of ids are in the log.
func lockAndReadKeys(ctx context.Context, conn *pgx.Conn, ids []uuid.UUID) (map[uuid.UUID]known, error) {
	g := &growth{known: make(map[uuid.UUID]known, len(ids))}
	batch := new(pgx.Batch)
	batch.Queue(waitForHead)
	batch.Queue(selectKeys, pgUUIDs(ids)).Query(g.scanKeys)
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("look entries up: %w", err)
	}
	return g.known, nil
}

func pgUUIDs(ids []uuid.UUID) []pgtype.UUID {
	out := make([]pgtype.UUID, 0, len(ids))
	for _, id := range ids {
		out = append(out, pgUUID(id))
	}
	return out
}
