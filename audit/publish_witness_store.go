package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// lastCosigned is the newest checkpoint that a witness cosigned, and when it did last; of size 0 while there is none.
type lastCosigned struct {
	size int64
	at   time.Time
}

func (l *Log) readCosigned(ctx context.Context, key note.Verifier) (lastCosigned, error) {
	var c lastCosigned
	err := l.db.NewRaw(`SELECT size, cosigned_at FROM log_cosignature WHERE key_name = ? AND key_id = ? ORDER BY size DESC, cosigned_at DESC LIMIT 1`,
		key.Name(), int64(key.KeyHash())).Scan(ctx, &c.size, &c.at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return lastCosigned{}, fmt.Errorf("read a cosignature: %w", err)
	}
	c.at = c.at.UTC()
	return c, nil
}

// readSigned reads the newest checkpoint, without cosignatures; ErrNotFound while there is none.
func (l *Log) readSigned(ctx context.Context) (Checkpoint, error) {
	var c Checkpoint
	err := l.db.NewRaw(`SELECT size, root, note, signed_at FROM log_checkpoint ORDER BY size DESC LIMIT 1`).
		Scan(ctx, &c.Size, &c.Root, &c.Note, &c.SignedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return Checkpoint{}, ErrNotFound
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read a checkpoint: %w", err)
	}
	c.SignedAt = c.SignedAt.UTC()
	return c, nil
}

func (l *Log) insertCosignature(ctx context.Context, size int64, key note.Verifier, at time.Time, line string) error {
	_, err := l.db.NewRaw(`INSERT INTO log_cosignature (size, key_name, key_id, cosigned_at, line) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT ON CONSTRAINT log_cosignature_pkey DO NOTHING`, size, key.Name(), int64(key.KeyHash()), at, line).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write a cosignature: %w", err)
	}
	return nil
}
