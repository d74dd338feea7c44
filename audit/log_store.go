package audit

import (
	"context"
	"fmt"
	"time"
)

const (
	selectHead = `SELECT origin, size, epoch, root, last_at, frozen, frozen_at FROM log_head WHERE id = 1`
	insertHead = `INSERT INTO log_head (origin, size, epoch, root, edge, last_at) VALUES (?, 0, 0, ?, '', 'epoch')
		ON CONFLICT ON CONSTRAINT log_head_pkey DO NOTHING`
)

func (l *Log) create(ctx context.Context) error {
	root := new(edge).root()
	if _, err := l.db.NewRaw(insertHead, l.origin, root[:]).Exec(ctx); err != nil {
		return fmt.Errorf("create the log: %w", err)
	}
	return nil
}

func (l *Log) readHead(ctx context.Context) (Head, error) {
	var h Head
	var since *time.Time
	if err := l.db.NewRaw(selectHead).Scan(ctx, &h.Origin, &h.Size, &h.Epoch, &h.Root, &h.LastAt, &h.Frozen, &since); err != nil {
		return Head{}, fmt.Errorf("read the log's head: %w", err)
	}
	h.LastAt = h.LastAt.UTC()
	why := parseFreeze(h.Frozen)
	h.Frozen, h.Outside = why.why, why.outside
	if since != nil {
		h.FrozenAt = since.UTC()
	}
	return h, nil
}

func (l *Log) addMonth(ctx context.Context, month time.Time) error {
	if _, err := l.db.NewRaw(`SELECT add_log_month(?::date)`, month.Format(time.DateOnly)).Exec(ctx); err != nil {
		return fmt.Errorf("add a month to the log: %w", err)
	}
	return nil
}
