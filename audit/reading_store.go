package audit

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// beginReading lets a reading take its time, since the client of a stream may be slow; both settings end with the transaction. The server
// takes its snapshot with the first query.
const beginReading = `SET LOCAL statement_timeout = '10min'; SET LOCAL idle_in_transaction_session_timeout = '10min'; SELECT 1`

func (l *Log) read(ctx context.Context, f func(ctx context.Context, r *Reading) error) error {
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}) //nolint:forbidigo // it cannot change anything
	if err != nil {
		return errors.Join(fmt.Errorf("read the log: %w", err), conn.Close())
	}
	t := &transaction{conn: conn, tx: tx}
	defer t.rollback()
	if _, err := tx.ExecContext(ctx, beginReading); err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return f(ctx, &Reading{t})
}

// leaves asks unprepared, so that each page is planned for its own range, and for binary answers, which need no decoding.
func (r *Reading) leaves(ctx context.Context, q Range, limit int, each func(index int64, leaf []byte)) (n int, err error) {
	statement, values := q.statement(limit)
	err = r.t.pgx(func(conn *pgx.Conn) error {
		rows := conn.PgConn().ExecParams(ctx, statement, values, nil, nil, []int16{pgx.BinaryFormatCode})
		for rows.NextRow() {
			v := rows.Values()
			each(int64(binary.BigEndian.Uint64(v[0])), v[1]) //nolint:gosec // a bigint that is not negative
			n++
		}
		_, err := rows.Close()
		return err
	})
	if err != nil {
		return n, fmt.Errorf("read leaves: %w", err)
	}
	return n, nil
}

// statement is the query of a range and its values as text.
func (q *Range) statement(limit int) (string, [][]byte) {
	var b strings.Builder
	var values [][]byte
	put := func(condition, value string) {
		values = append(values, []byte(value))
		b.WriteString(condition + strconv.Itoa(len(values)))
	}
	put(`SELECT idx, leaf FROM log_entry WHERE idx >= $`, strconv.FormatInt(q.From, 10))
	put(` AND idx < $`, strconv.FormatInt(q.Until, 10))
	if q.VendorID != uuid.Nil {
		put(` AND vendor_id = $`, q.VendorID.String())
	}
	if !q.RecordedFrom.IsZero() {
		put(` AND month >= $`, monthOf(q.RecordedFrom).Format(time.DateOnly))
	}
	if !q.RecordedUntil.IsZero() {
		put(` AND month <= $`, monthOf(q.RecordedUntil).Format(time.DateOnly))
	}
	if q.Types != nil {
		put(` AND type = ANY (string_to_array($`, strings.Join(q.Types, ","))
		b.WriteString(`, ','))`)
	}
	put(` ORDER BY idx LIMIT $`, strconv.Itoa(limit))
	return b.String(), values
}

const (
	selectLogPruned    = `SELECT e.idx, e.leaf FROM log_entry e WHERE e.entry_id = (SELECT entry_id FROM log_pruned ORDER BY next_idx DESC LIMIT 1)`
	selectVendorPruned = `SELECT e.idx, e.leaf FROM log_entry e WHERE e.vendor_id = ?0 AND e.type = 'sequence.pruned'
		AND (convert_from(e.leaf, 'UTF8')::jsonb->'body'->>'last_seq')::bigint + 1 =
			(SELECT vendor_seq FROM log_entry WHERE vendor_id = ?0 ORDER BY idx LIMIT 1) ORDER BY e.idx DESC LIMIT 1`
)

func (r *Reading) pruned(ctx context.Context, vendor uuid.UUID) (index int64, leaf []byte, err error) {
	q := r.t.tx.NewRaw(selectLogPruned)
	if vendor != uuid.Nil {
		q = r.t.tx.NewRaw(selectVendorPruned, vendor)
	}
	err = q.Scan(ctx, &index, &leaf)
	if errors.Is(err, sql.ErrNoRows) {
		return -1, nil, nil
	}
	if err != nil {
		return -1, nil, fmt.Errorf("find what tells of a pruning: %w", err)
	}
	return index, leaf, nil
}

func (r *Reading) around(ctx context.Context, vendor uuid.UUID, until int64, from, to time.Time) (before, after int64, err error) {
	before, after = -1, -1
	whose, values := "", []any{until}
	if vendor != uuid.Nil {
		whose, values = " AND vendor_id = ?", append(values, vendor)
	}
	find := func(index *int64, condition, order string, at time.Time) error {
		err := r.t.tx.NewRaw("SELECT idx FROM log_entry WHERE idx < ?"+whose+condition+order+" LIMIT 1",
			append(append([]any{}, values...), at, monthOf(at))...).Scan(ctx, index)
		if errors.Is(err, sql.ErrNoRows) {
			*index, err = -1, nil
		}
		if err != nil {
			return fmt.Errorf("find the neighbours of a period: %w", err)
		}
		return nil
	}
	if !from.IsZero() {
		err = find(&before, " AND recorded_at < ? AND month <= ?", " ORDER BY idx DESC", from)
	}
	if err == nil && !to.IsZero() {
		err = find(&after, " AND recorded_at >= ? AND month >= ?", " ORDER BY idx", to)
	}
	return before, after, err
}
