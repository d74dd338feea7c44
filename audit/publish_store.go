package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tryPublication  = `SELECT pg_try_advisory_xact_lock(hashtext('publish_checkpoint'))`
	waitPublication = `SELECT pg_advisory_xact_lock(hashtext('publish_checkpoint'))`

	selectPublished = `SELECT h.size, h.frozen, coalesce((SELECT max(size) FROM log_checkpoint), 0) FROM log_head h WHERE h.id = 1`
	// selectPublishedHead reads both in one snapshot.
	selectPublishedHead = `SELECT h.size, h.root, h.edge, h.frozen, coalesce(c.size, 0), coalesce(c.root, ''), coalesce(c.note, ''),
			coalesce(c.signed_at, 'epoch')
		FROM log_head h LEFT JOIN (SELECT size, root, note, signed_at FROM log_checkpoint ORDER BY size DESC LIMIT 1) c ON true
		WHERE h.id = 1`
	insertCheckpointRow = `INSERT INTO log_checkpoint (size, root, note, signed_at) VALUES ($1, $2, $3, $4)`
	selectSomeRoots     = `SELECT size, root FROM log_checkpoint WHERE size = ANY ($1::bigint[])`
	selectIndex         = `SELECT idx FROM log_entry_key WHERE entry_id = $1`
)

// lockPublication takes the lock of those who publish until the transaction's end; without wait it returns false when another has it.
func lockPublication(ctx context.Context, conn *pgx.Conn, wait bool) (mine bool, err error) {
	if wait {
		_, err = conn.Exec(ctx, waitPublication)
		mine = err == nil
	} else {
		err = conn.QueryRow(ctx, tryPublication).Scan(&mine)
	}
	if err != nil {
		return false, fmt.Errorf("lock the publication: %w", err)
	}
	return mine, nil
}

// published is what is to be known before something is published.
type published struct {
	size      int64
	frozen    string
	published int64
}

func (l *Log) readPublished(ctx context.Context) (published, error) {
	var p published
	if err := l.db.NewRaw(selectPublished).Scan(ctx, &p.size, &p.frozen, &p.published); err != nil {
		return published{}, fmt.Errorf("read what is published: %w", err)
	}
	p.frozen = parseFreeze(p.frozen).why
	return p, nil
}

// publishedHead is the head, and the last row of log_checkpoint; of size 0 while there is none.
type publishedHead struct {
	size   int64
	root   tlog.Hash
	edge   []byte
	frozen string
	last   Checkpoint
}

func readPublishedHead(ctx context.Context, conn *pgx.Conn) (publishedHead, error) {
	var h publishedHead
	var root []byte
	row := conn.QueryRow(ctx, selectPublishedHead)
	if err := row.Scan(&h.size, &root, &h.edge, &h.frozen, &h.last.Size, &h.last.Root, &h.last.Note, &h.last.SignedAt); err != nil {
		return publishedHead{}, fmt.Errorf("read what is published: %w", err)
	}
	h.root, h.frozen, h.last.SignedAt = tlog.Hash(root), parseFreeze(h.frozen).why, h.last.SignedAt.UTC()
	return h, nil
}

func insertCheckpoint(ctx context.Context, conn *pgx.Conn, c Checkpoint) error {
	if _, err := conn.Exec(ctx, insertCheckpointRow, c.Size, c.Root, c.Note, c.SignedAt); err != nil {
		return fmt.Errorf("write a checkpoint: %w", err)
	}
	return nil
}

// readCheckpointRoots reads the roots of the checkpoints of some sizes; what has no row is left out.
func readCheckpointRoots(ctx context.Context, conn *pgx.Conn, sizes []int64) (map[int64]tlog.Hash, error) {
	rows, err := conn.Query(ctx, selectSomeRoots, sizes)
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	defer rows.Close()
	roots := make(map[int64]tlog.Hash, len(sizes))
	for rows.Next() {
		var size int64
		var root []byte
		if err := rows.Scan(&size, &root); err != nil {
			return nil, fmt.Errorf("read checkpoints: %w", err)
		}
		roots[size] = tlog.Hash(root)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	return roots, nil
}

// readIndex finds the place of an entry.
func readIndex(ctx context.Context, conn *pgx.Conn, id uuid.UUID) (index int64, found bool, err error) {
	err = conn.QueryRow(ctx, selectIndex, pgUUID(id)).Scan(&index)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look an acknowledgement up: %w", err)
	}
	return index, true, nil
}
