package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

type checkpointRow struct {
	bun.BaseModel `bun:"table:log_checkpoint,alias:c"`

	Size     int64
	Root     []byte
	Note     []byte
	SignedAt time.Time
	// Lines are the newest cosignature of each witness's key.
	Lines []string `bun:",array,scanonly"`
}

// readCheckpoint reads the newest checkpoint of at least that size.
func (l *Log) readCheckpoint(ctx context.Context, least int64) (Checkpoint, error) {
	var row checkpointRow
	err := l.db.NewSelect().Model(&row).Column("size", "root", "note", "signed_at").
		ColumnExpr(`ARRAY(SELECT DISTINCT ON (s.key_name, s.key_id) s.line FROM log_cosignature s WHERE s.size = c.size
			ORDER BY s.key_name, s.key_id, s.cosigned_at DESC) AS lines`).
		Where("c.size >= ?", least).Order("c.size DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Checkpoint{}, ErrNotFound
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read a checkpoint: %w", err)
	}
	c := Checkpoint{Size: row.Size, Root: row.Root, Note: row.Note, SignedAt: row.SignedAt.UTC()}
	for _, line := range row.Lines {
		c.Note = append(append(c.Note, line...), '\n')
	}
	return c, nil
}
