package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	selectFullTiles = `SELECT t.level, t.n, t.hashes, t.root FROM log_tile t
		JOIN unnest($1::smallint[], $2::bigint[]) AS w (level, n) ON t.level = w.level AND t.n = w.n`
	selectLeafHashes = `SELECT leaf_hash FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx LIMIT 256`
)

// storedTree is the tree of one size, read from what the database keeps of it. Every hash that it gives has been checked against the
// root: what is not as it was is an errContradiction.
type storedTree struct {
	ctx  context.Context //nolint:containedctx // tlog's readers take none, and this one lives as long as a call
	conn *pgx.Conn
	size int64
	root tlog.Hash

	reader tlog.HashReader
	cache  map[tlog.Tile][]byte
	failed error // why the database could not be read
}

// errContradiction means that what the database keeps does not agree with itself.
var errContradiction = errors.New("the database contradicts itself")

func newStoredTree(ctx context.Context, conn *pgx.Conn, size int64, root tlog.Hash) *storedTree {
	t := &storedTree{ctx: ctx, conn: conn, size: size, root: root, cache: make(map[tlog.Tile][]byte)}
	t.reader = tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, t)
	return t
}

// rootAt is the root of the first size entries.
func (t *storedTree) rootAt(size int64) (tlog.Hash, error) {
	h, err := tlog.TreeHash(size, t.reader)
	return h, t.explain(err)
}

// proof is the consistency proof from an earlier size.
func (t *storedTree) proof(from int64) (tlog.TreeProof, error) {
	if from == 0 || from == t.size {
		return nil, nil
	}
	p, err := tlog.ProveTree(t.size, from, t.reader)
	return p, t.explain(err)
}

// extends tells whether the tree begins with the one of another size and root: by the consistency proof that anybody would be given.
func (t *storedTree) extends(size int64, root tlog.Hash) (bool, error) {
	if size == 0 {
		return true, nil
	}
	p, err := t.proof(size)
	if err != nil {
		return false, err
	}
	return tlog.CheckTree(p, t.size, t.root, size, root) == nil, nil
}

// explain tells what the database did not answer from what it should not have answered.
func (t *storedTree) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case t.failed != nil:
		return t.failed
	default:
		return fmt.Errorf("%w: %w", errContradiction, err)
	}
}

// Height is that of a tile: storedTree is a tlog.TileReader.
func (t *storedTree) Height() int { return tileHeight }

// SaveTiles keeps tiles that were checked.
func (t *storedTree) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for i, tile := range tiles {
		t.cache[tile] = data[i]
	}
}

// ReadTiles reads tiles; what of them is missing is left out.
func (t *storedTree) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make(map[tlog.Tile][]byte, len(tiles))
	batch := new(pgx.Batch)
	var levels []int16
	var ns []int64
	for _, tile := range tiles {
		if data, ok := t.cache[tile]; ok {
			found[tile] = data
			continue
		}
		if tile.W == tileWidth {
			levels, ns = append(levels, int16(tile.L)), append(ns, tile.N) //nolint:gosec // a level is at most 7
			continue
		}
		keep := func(rows pgx.Rows) error {
			hashes, err := scanHashes(rows)
			for _, h := range hashes {
				found[tile] = append(found[tile], h[:]...)
			}
			return err
		}
		first := tile.N * tileWidth
		if tile.L == 0 {
			batch.Queue(selectLeafHashes, first, first+int64(tile.W)).Query(keep)
		} else {
			batch.Queue(selectRoots, tile.L-1, first, first+int64(tile.W)).Query(keep)
		}
	}
	if len(levels) > 0 {
		batch.Queue(selectFullTiles, levels, ns).Query(func(rows pgx.Rows) error {
			full, err := pgx.CollectRows(rows, scanTile)
			for _, f := range full {
				found[tlog.Tile{H: tileHeight, L: f.level, N: f.n, W: tileWidth}] = f.hashes
			}
			return err
		})
	}
	if batch.Len() > 0 {
		if err := t.conn.SendBatch(t.ctx, batch).Close(); err != nil {
			t.failed = fmt.Errorf("read the tree: %w", err)
			return nil, t.failed
		}
	}
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		if len(found[tile]) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %d/%d is not whole", tile.L, tile.N)
		}
		data[i] = found[tile]
	}
	return data, nil
}
