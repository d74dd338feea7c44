package audit_test

import (
	"encoding/binary"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
	"onward/migrations/pgtest"
)

// madeHash is the hash of a leaf that is only its index.
func madeHash(index int64) tlog.Hash {
	return tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(index)))
}

// fill makes, in an empty log, what proofs of size entries read, with madeHash for leaves: every completed tile, the lines after the last
// of them, and the head. There are no other lines, so that ten million entries take half a minute; such a log does not verify.
func fill(tb testing.TB, db *bun.DB, size int64) {
	tb.Helper()
	ctx := tb.Context()
	conn, err := pgx.Connect(ctx, pgtest.SuperuserDSN(tb, db))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() {
		if err := conn.Close(ctx); err != nil {
			tb.Error(err)
		}
	}()
	var edge audit.Edge
	roots := fillTiles(tb, conn, 0, size, func(i int64) tlog.Hash {
		h := madeHash(i)
		edge.Push(h)
		return h
	})
	for level := 1; len(roots) >= 256; level++ {
		below := roots
		roots = fillTiles(tb, conn, level, int64(len(below)), func(i int64) tlog.Hash { return below[i] })
	}
	for i := size - size%256; i < size; i++ {
		h := madeHash(i)
		edge.Push(h)
		_, err := conn.Exec(ctx, `INSERT INTO log_entry (month, idx, entry_id, type, recorded_at, occurred_at, actor_id, leaf_hash, leaf)
			VALUES (date_trunc('month', $1::timestamptz)::date, $2, $3::uuid, 'test.made', $1, $1, $3::uuid, $4, '{}')`, start, i, uuid.NewString(), h[:])
		if err != nil {
			tb.Fatal(err)
		}
	}
	root := edge.Root()
	if _, err := conn.Exec(ctx, `UPDATE log_head SET size = $1, root = $2, edge = $3, last_at = $4`, size, root[:], edge.Pack(), start); err != nil {
		tb.Fatal(err)
	}
	if _, err := conn.Exec(ctx, `ANALYZE log_tile`); err != nil {
		tb.Fatal(err)
	}
}

// fillTiles makes the completed tiles of a level that has size hashes, and returns their roots.
func fillTiles(tb testing.TB, conn *pgx.Conn, level int, size int64, hash func(int64) tlog.Hash) []tlog.Hash {
	tb.Helper()
	var roots []tlog.Hash
	n := int64(0)
	next := func() ([]any, error) {
		if n == size/256 {
			return nil, nil
		}
		packed, hashes := make([]byte, 0, 8192), make([]tlog.Hash, 0, 256)
		for i := n * 256; i < (n+1)*256; i++ {
			h := hash(i)
			packed, hashes = append(packed, h[:]...), append(hashes, h)
		}
		for len(hashes) > 1 {
			for i := range len(hashes) / 2 {
				hashes[i] = tlog.NodeHash(hashes[2*i], hashes[2*i+1])
			}
			hashes = hashes[:len(hashes)/2]
		}
		roots = append(roots, hashes[0])
		n++
		return []any{int16(level), n - 1, packed, hashes[0][:]}, nil
	}
	columns := []string{"level", "n", "hashes", "root"}
	if _, err := conn.CopyFrom(tb.Context(), pgx.Identifier{"log_tile"}, columns, pgx.CopyFromFunc(next)); err != nil {
		tb.Fatal(err)
	}
	return roots
}
