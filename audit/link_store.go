package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// erasing is how many entries one statement names.
const erasing = 1000

func lockHeadFirst(ctx context.Context, tx bun.Tx) error {
	if _, err := tx.ExecContext(ctx, waitForHead); err != nil {
		return fmt.Errorf("lock the log's head: %w", err)
	}
	return nil
}

func readOpening(ctx context.Context, db bun.IDB, entry uuid.UUID) (Opening, error) {
	var o Opening
	var salt []byte
	var text string
	err := db.NewRaw(`SELECT salt, detail FROM entry_detail WHERE entry_id = ?`, entry).Scan(ctx, &salt, &text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return o, fmt.Errorf("read a detail: %w", err)
	default:
		o.Detail = &Detail{Salt: [32]byte(salt), JSON: []byte(text)}
	}
	var links []struct{ Lookup, Salt []byte }
	err = db.NewRaw(`SELECT k.lookup, l.salt FROM entry_link l JOIN entry_lookup k ON k.link = l.link WHERE l.entry_id = ?
		ORDER BY k.lookup`, entry).Scan(ctx, &links)
	if err != nil {
		return o, fmt.Errorf("read links: %w", err)
	}
	for _, l := range links {
		o.Links = append(o.Links, Link{Lookup: [32]byte(l.Lookup), Salt: [32]byte(l.Salt)})
	}
	return o, nil
}

func (l *Log) readLinked(ctx context.Context, db bun.IDB, lookup [32]byte, after int64, limit int) ([]Stored, error) {
	var rows []storedRow
	err := db.NewSelect().Model(&rows).Join("JOIN log_entry_key k ON k.month = e.month AND k.idx = e.idx").
		Where(`k.entry_id IN (SELECT n.entry_id FROM entry_link n JOIN entry_lookup p ON p.link = n.link WHERE p.lookup = ?)`, lookup[:]).
		Where("e.idx > ?", after).Order("e.idx").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read linked entries: %w", err)
	}
	return l.storedOf(rows), nil
}

func (l *Log) readEntriesOf(ctx context.Context, db bun.IDB, entries []uuid.UUID) ([]Stored, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	var rows []storedRow
	err := db.NewSelect().Model(&rows).Join("JOIN log_entry_key k ON k.month = e.month AND k.idx = e.idx").
		Where("k.entry_id IN (?)", bun.List(entries)).Order("e.idx").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return l.storedOf(rows), nil
}

func (l *Log) storedOf(rows []storedRow) []Stored {
	entries := make([]Stored, 0, len(rows))
	for i := range rows {
		entries = append(entries, rows[i].stored(l.origin))
	}
	return entries
}

func unlink(ctx context.Context, tx bun.Tx, lookup [32]byte, entries []uuid.UUID) (unlinked []uuid.UUID, err error) {
	var link []byte
	err = tx.NewRaw(`SELECT link FROM entry_lookup WHERE lookup = ?`, lookup[:]).Scan(ctx, &link)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a lookup: %w", err)
	}
	for ; len(entries) > 0; entries = entries[min(erasing, len(entries)):] {
		part := bun.List(entries[:min(erasing, len(entries))])
		if _, err := tx.NewRaw(`DELETE FROM entry_link WHERE link = ? AND entry_id IN (?)`, link, part).Exec(ctx); err != nil {
			return nil, fmt.Errorf("delete links: %w", err)
		}
		var alone []uuid.UUID
		err := tx.NewRaw(`SELECT entry_id FROM log_entry_key k WHERE entry_id IN (?) AND NOT EXISTS (SELECT FROM entry_link l WHERE l.entry_id = k.entry_id)`,
			part).Scan(ctx, &alone)
		if err != nil {
			return nil, fmt.Errorf("read which entries have no links: %w", err)
		}
		unlinked = append(unlinked, alone...)
	}
	_, err = tx.NewRaw(`DELETE FROM entry_lookup k WHERE lookup = ? AND NOT EXISTS (SELECT FROM entry_link l WHERE l.link = k.link)`, lookup[:]).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("delete a lookup: %w", err)
	}
	return unlinked, nil
}

func eraseDetails(ctx context.Context, tx bun.Tx, entries []uuid.UUID) error {
	for ; len(entries) > 0; entries = entries[min(erasing, len(entries)):] {
		part := bun.List(entries[:min(erasing, len(entries))])
		if _, err := tx.NewRaw(`DELETE FROM entry_detail WHERE entry_id IN (?)`, part).Exec(ctx); err != nil {
			return fmt.Errorf("erase details: %w", err)
		}
	}
	return nil
}
