package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/mod/sumdb/tlog"
)

// head is log_head as it was when it was locked.
type head struct {
	size   int64
	root   tlog.Hash
	epoch  int64
	lastAt time.Time
	frozen string // why nothing but an acknowledgement may be appended
}

const (
	lockHead = `SELECT size, epoch, root, edge, last_at, frozen FROM log_head WHERE id = 1 FOR UPDATE`
	// standInLine makes committers of many programs wait for the head in the order in which they came. Of those who wait for the row alone, each is woken
	// whenever it was changed, and whoever comes just then goes first. It orders them and nothing more: the row's lock is what counts.
	standInLine = `SELECT pg_advisory_xact_lock(hashtext('append'))`
	selectKeys  = `SELECT entry_id, idx, request_hash FROM log_entry_key WHERE entry_id = ANY ($1::uuid[])`
	// byIndex keeps the planner from reading the whole of a table that has grown since it was last analysed.
	byIndex    = `SET LOCAL enable_seqscan = off`
	selectSeqs = `SELECT vendor_id, last_seq FROM log_vendor_seq WHERE vendor_id = ANY ($1::uuid[])`
	selectTail = `SELECT leaf_hash FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx LIMIT 256`
)

// newGrowth is a growth for drafts before the head is read, with the ids and the vendors that are to be asked for.
func newGrowth(origin string, drafts []*draft) (g *growth, ids, vendors []pgtype.UUID) {
	g = &growth{
		origin: origin, seqs: make(map[uuid.UUID]int64), known: make(map[uuid.UUID]known),
	}
	ids = make([]pgtype.UUID, 0, len(drafts))
	for _, d := range drafts {
		ids = append(ids, pgUUID(d.ID))
		if _, ok := g.seqs[d.VendorID]; !ok && d.VendorID != uuid.Nil {
			g.seqs[d.VendorID] = 0
			vendors = append(vendors, pgUUID(d.VendorID))
		}
	}
	return g, ids, vendors
}

// lock locks the head until the transaction's end and reads what is needed to append drafts.
func lock(ctx context.Context, conn *pgx.Conn, origin string, at time.Time, drafts []*draft) (*growth, error) {
	g, ids, vendors := newGrowth(origin, drafts)
	if err := prepare(ctx, conn, lockHead, selectSeqs); err != nil {
		return nil, err
	}
	batch := new(pgx.Batch)
	batch.Queue(lockHead).QueryRow(g.scanHead)
	batch.Queue(byIndex)
	batch.Queue(selectKeys, ids).Query(g.scanKeys)
	if len(vendors) > 0 {
		batch.Queue(selectSeqs, vendors).Query(g.scanSeqs)
	}
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("lock the log's head: %w", err)
	}
	return g, g.startAt(at)
}

// startAt makes at, or where the log is already later the log's time, the instant at which everything is recorded.
func (g *growth) startAt(at time.Time) error {
	g.at = at.UTC().Truncate(time.Microsecond)
	if g.at.Before(g.head.lastAt) {
		g.at = g.head.lastAt
	}
	if !inRange(g.at) {
		return fmt.Errorf("recorded in the year %d", g.at.Year())
	}
	return nil
}

func (g *growth) scanHead(row pgx.Row) error {
	var root, packed []byte
	if err := row.Scan(&g.head.size, &g.head.epoch, &root, &packed, &g.head.lastAt, &g.head.frozen); err != nil {
		return err
	}
	g.head.lastAt = g.head.lastAt.UTC()
	var err error
	if g.edge, err = newEdge(g.head.size, packed); err != nil {
		return err
	}
	if g.head.root = g.edge.root(); !bytes.Equal(root, g.head.root[:]) {
		return errors.New("the log's head is damaged: its root does not belong to its edge")
	}
	return nil
}

func (g *growth) scanKeys(rows pgx.Rows) error {
	for rows.Next() {
		var id pgtype.UUID
		var k known
		var hash []byte
		if err := rows.Scan(&id, &k.index, &hash); err != nil {
			return err
		}
		copy(k.requestHash[:], hash) // one of another length is no request's
		g.known[id.Bytes] = k
	}
	return rows.Err()
}

func (g *growth) scanSeqs(rows pgx.Rows) error {
	for rows.Next() {
		var vendor pgtype.UUID
		var last int64
		if err := rows.Scan(&vendor, &last); err != nil {
			return err
		}
		g.seqs[vendor.Bytes] = last
	}
	return rows.Err()
}

// readTail reads the hashes of the incomplete tile of level 0.
func (g *growth) readTail(ctx context.Context, ask asker) ([]tlog.Hash, error) {
	rows, err := ask(ctx, selectTail, g.head.size-g.head.size%tileWidth, g.head.size)
	if err != nil {
		return nil, fmt.Errorf("read the last tile: %w", err)
	}
	hashes, err := scanHashes(rows)
	if err != nil {
		return nil, fmt.Errorf("read the last tile: %w", err)
	}
	return hashes, nil
}

func scanHashes(rows pgx.Rows) ([]tlog.Hash, error) {
	defer rows.Close()
	var hashes []tlog.Hash
	for rows.Next() {
		var h pgtype.DriverBytes
		if err := rows.Scan(&h); err != nil {
			return nil, err
		}
		if len(h) != tlog.HashSize {
			return nil, fmt.Errorf("a hash of %d bytes", len(h))
		}
		hashes = append(hashes, tlog.Hash(h))
	}
	return hashes, rows.Err()
}

func readSeq(ctx context.Context, conn *pgx.Conn, vendor uuid.UUID) (int64, error) {
	var last int64
	err := conn.QueryRow(ctx, `SELECT last_seq FROM log_vendor_seq WHERE vendor_id = $1`, pgUUID(vendor)).Scan(&last)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("read a vendor's sequence: %w", err)
	}
	return last, nil
}

// prepare prepares statements on conn, once for its life, so that a batch of them is one round trip and its arguments are binary. It
// is for statements whose plan does not depend on how full a table is: one that was planned while the table was small is kept.
func prepare(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, s := range statements {
		if _, err := conn.Prepare(ctx, s, s); err != nil {
			return fmt.Errorf("prepare a statement of the log: %w", err)
		}
	}
	return nil
}

func pgUUID(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }
