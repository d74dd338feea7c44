package audit

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

const (
	// planOnce keeps the planner from planning each insert anew for the very arrays that it is given, which takes longer than the insert.
	planOnce = `SET LOCAL plan_cache_mode = force_generic_plan`

	// appendEntries moves the head from one size and root to the next and writes the entries between them. The head, which it locks, must have a
	// size: it has none, and all of it fails, where the head is not the expected one, or is frozen.
	appendEntries = `WITH
		added AS MATERIALIZED (SELECT $1::date AS month, $5::timestamptz AS recorded_at, $6 + u.place - 1 AS idx, u.* FROM
			unnest($8::uuid[], $9::bytea[], $10::text[], $11::timestamptz[], $12::uuid[], $13::uuid[], $14::bigint[], $15::bytea[], $16::bytea[]) WITH ORDINALITY
			AS u (entry_id, request_hash, type, occurred_at, actor_id, vendor_id, vendor_seq, leaf_hash, leaf, place)),
		keys AS (INSERT INTO log_entry_key (month, entry_id, idx, request_hash) SELECT month, entry_id, idx, request_hash FROM added),
		entries AS (INSERT INTO log_entry (month, recorded_at, idx, entry_id, type, occurred_at, actor_id, vendor_id, vendor_seq, leaf_hash, leaf)
			SELECT month, recorded_at, idx, entry_id, type, occurred_at, actor_id, vendor_id, vendor_seq, leaf_hash, leaf FROM added),
		seqs AS (INSERT INTO log_vendor_seq (vendor_id, last_seq) SELECT * FROM unnest($17::uuid[], $18::bigint[])
			ON CONFLICT ON CONSTRAINT log_vendor_seq_pkey DO UPDATE SET last_seq = excluded.last_seq)
		UPDATE log_head SET size = CASE WHEN size = $6::bigint AND root = $7 AND frozen = '' THEN $6::bigint + cardinality($8::uuid[]) END,
			epoch = $2, root = $3, edge = $4, last_at = $5 WHERE id = 1`
	// appendEntry is appendEntries for one entry: the server takes a seventh less for it than for lists of one.
	appendEntry = `WITH
		keys AS (INSERT INTO log_entry_key (month, entry_id, idx, request_hash) VALUES ($1::date, $8::uuid, $6::bigint, $9::bytea)),
		entries AS (INSERT INTO log_entry (month, recorded_at, idx, entry_id, type, occurred_at, actor_id, vendor_id, vendor_seq, leaf_hash, leaf)
			VALUES ($1, $5::timestamptz, $6, $8, $10::text, $11::timestamptz, $12::uuid, $13::uuid, $14::bigint, $15::bytea, $16::bytea)),
		seqs AS (INSERT INTO log_vendor_seq (vendor_id, last_seq) SELECT $13, $14 WHERE $13 IS NOT NULL
			ON CONFLICT ON CONSTRAINT log_vendor_seq_pkey DO UPDATE SET last_seq = excluded.last_seq)
		UPDATE log_head SET size = CASE WHEN size = $6 AND root = $7 AND frozen = '' THEN $6 + 1 END,
			epoch = $2, root = $3, edge = $4, last_at = $5 WHERE id = 1`
	insertDetails = `INSERT INTO entry_detail (entry_id, salt, detail) SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[])`
	insertLookups = `INSERT INTO entry_lookup (lookup, link) SELECT * FROM unnest($1::bytea[], $2::bytea[])
		ON CONFLICT ON CONSTRAINT entry_lookup_pkey DO NOTHING`
	insertLinks = `INSERT INTO entry_link (entry_id, link, salt)
		SELECT u.entry_id, (SELECT k.link FROM entry_lookup k WHERE k.lookup = u.lookup), u.salt
		FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS u (entry_id, lookup, salt)`
	insertTiles = `INSERT INTO log_tile (level, n, hashes, root) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])`
	selectRoots = `SELECT root FROM log_tile WHERE level = $1 AND n >= $2 AND n < $3 ORDER BY n`
)

// write stores what was added and moves the head to epoch. Nothing is durable before the commit.
func (g *growth) write(ctx context.Context, conn *pgx.Conn, epoch int64) error {
	if err := g.completeTiles(ctx, conn.Query); err != nil {
		return err
	}
	batch := new(pgx.Batch)
	batch.Queue(planOnce)
	batch.Queue(byIndex)
	for _, s := range g.statements(epoch) {
		if err := prepare(ctx, conn, s.sql); err != nil {
			return err
		}
		batch.Queue(s.sql, s.args...)
	}
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write to the log: %w", err)
	}
	return nil
}

// statements store what was added, and move the head to epoch.
func (g *growth) statements(epoch int64) []statement {
	root := g.edge.root()
	args := []any{monthOf(g.at), epoch, root[:], g.edge.pack(), g.at, g.head.size, g.head.root[:]}
	all := make([]statement, 0, 5)
	if len(g.added) == 1 {
		all = append(all, statement{appendEntry, append(args, g.added[0].values()...)})
	} else {
		all = append(all, statement{appendEntries, append(append(args, g.entryColumns()...), g.seqColumns()...)})
	}
	all = append(all, g.detailStatements()...)
	all = append(all, g.linkStatements()...)
	return append(all, g.tileStatements()...)
}

func (g *growth) entryColumns() []any {
	n := len(g.added)
	var (
		id         = make([]pgtype.UUID, n)
		kind       = make([]string, n)
		occurredAt = make([]time.Time, n)
		actor      = make([]pgtype.UUID, n)
		vendor     = make([]pgtype.UUID, n)
		seq        = make([]pgtype.Int8, n)
		hash       = make([][]byte, n)
		leaf       = make([][]byte, n)
		request    = make([][]byte, n)
	)
	for i := range g.added {
		a := &g.added[i]
		id[i], kind[i], occurredAt[i] = pgUUID(a.ID), a.Type, a.OccurredAt
		actor[i] = pgUUID(a.Actor.ID)
		vendor[i], seq[i] = a.place()
		hash[i], leaf[i], request[i] = a.hash[:], a.leaf, a.RequestHash[:]
	}
	return []any{id, request, kind, occurredAt, actor, vendor, seq, hash, leaf}
}

// values are the columns of one entry, in the order of entryColumns.
func (a *added) values() []any {
	vendor, seq := a.place()
	return []any{pgUUID(a.ID), a.RequestHash[:], a.Type, a.OccurredAt, pgUUID(a.Actor.ID), vendor, seq, a.hash[:], a.leaf}
}

// place is the entry's place among those of its vendor; null where it has none.
func (a *added) place() (vendor pgtype.UUID, seq pgtype.Int8) {
	about := a.VendorID != uuid.Nil
	return pgtype.UUID{Bytes: a.VendorID, Valid: about}, pgtype.Int8{Int64: a.seq, Valid: about}
}

func (g *growth) seqColumns() []any {
	vendors, last := []pgtype.UUID{}, []int64{}
	place := make(map[uuid.UUID]int)
	for _, a := range g.added {
		if a.seq == 0 {
			continue
		}
		i, moved := place[a.VendorID]
		if !moved {
			i = len(vendors)
			place[a.VendorID] = i
			vendors, last = append(vendors, pgUUID(a.VendorID)), append(last, 0)
		}
		last[i] = a.seq
	}
	return []any{vendors, last}
}

func (g *growth) detailStatements() []statement {
	var ids []pgtype.UUID
	var salts [][]byte
	var details []string
	for _, a := range g.added {
		if a.Detail != nil {
			ids, salts, details = append(ids, pgUUID(a.ID)), append(salts, a.Detail.Salt[:]), append(details, string(a.Detail.JSON))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return []statement{{insertDetails, []any{ids, salts, details}}}
}

// linkStatements draws a random value for each lookup; it counts where the lookup has none. Under the head's lock nobody else can draw one
// meanwhile, and nobody who erases takes one away: see Log.Unlink.
func (g *growth) linkStatements() []statement {
	var lookups, drawn, of, salts [][]byte
	var linked []pgtype.UUID
	seen := make(map[[32]byte]bool)
	for _, a := range g.added {
		for i := range a.Links {
			l := &a.Links[i]
			if !seen[l.Lookup] {
				seen[l.Lookup] = true
				link := make([]byte, 32)
				_, _ = rand.Read(link) // crypto/rand never fails
				lookups, drawn = append(lookups, l.Lookup[:]), append(drawn, link)
			}
			linked, of, salts = append(linked, pgUUID(a.ID)), append(of, l.Lookup[:]), append(salts, l.Salt[:])
		}
	}
	if len(linked) == 0 {
		return nil
	}
	return []statement{{insertLookups, []any{lookups, drawn}}, {insertLinks, []any{linked, of, salts}}}
}

func (g *growth) tileStatements() []statement {
	if len(g.tiles) == 0 {
		return nil
	}
	var (
		levels        []int16
		ns            []int64
		hashes, roots [][]byte
	)
	for i := range g.tiles {
		t := &g.tiles[i]
		levels, ns = append(levels, int16(t.level)), append(ns, t.n) //nolint:gosec // a level is at most 7
		hashes, roots = append(hashes, t.hashes), append(roots, t.root[:])
	}
	return []statement{{insertTiles, []any{levels, ns, hashes, roots}}}
}

// monthOf is the first day of t's month in UTC: the partition.
func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}
