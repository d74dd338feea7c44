package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

// growth is what one transaction adds to the log. It starts at the locked head; nothing of it is visible before the commit.
type growth struct {
	// guessed is true when head is what the last transaction leaves, and not locked before it is written.
	guessed bool

	origin string
	head   head
	edge   *edge
	// at is recorded_at of everything that is added.
	at time.Time
	// known are the asked ids that are in the log already.
	known map[uuid.UUID]known
	// seqs are the last sequence numbers of the vendors that are written about.
	seqs map[uuid.UUID]int64

	added []added
	tiles []tile
	// tail are the hashes from the last whole tile before head on, added ones too; it is nil where they are not known.
	tail []tlog.Hash
}

// added is a draft with its place.
type added struct {
	*draft
	index int64
	seq   int64
	hash  tlog.Hash
}

// known is what log_entry_key says of an id.
type known struct {
	index       int64
	requestHash [32]byte
}

// place seals d as the next entry; the last number of its vendor is known. The entry is not added before add is called.
func (g *growth) place(d *draft) (added, error) {
	a := added{draft: d, index: g.edge.size}
	if d.VendorID != uuid.Nil {
		if a.seq = g.seqs[d.VendorID] + 1; a.seq > maxSeq {
			return added{}, fmt.Errorf("vendor %s has no sequence numbers left", d.VendorID)
		}
	}
	a.hash = d.seal(g.at, a.seq)
	return a, nil
}

// add takes the next index for a, and returns its receipt.
func (g *growth) add(a added) Receipt {
	g.edge.push(a.hash)
	g.added = append(g.added, a)
	if g.tail != nil {
		g.tail = append(g.tail, a.hash)
	}
	if a.seq > 0 {
		g.seqs[a.VendorID] = a.seq
	}
	g.known[a.ID] = known{index: a.index, requestHash: a.RequestHash}
	return g.receipt(a)
}

// receipt is the receipt of an entry that was placed.
func (g *growth) receipt(a added) Receipt {
	return Receipt{Log: g.origin, Index: a.index, EntryID: a.ID, LeafHash: a.hash[:], RecordedAt: g.at}
}

// asker asks one statement of the transaction that g is written in.
type asker func(ctx context.Context, sql string, args ...any) (pgx.Rows, error)

// completeTiles makes the tiles, of every level, that the added entries complete.
func (g *growth) completeTiles(ctx context.Context, ask asker) error {
	if g.head.size/tileWidth == g.edge.size/tileWidth {
		return nil
	}
	if g.tail == nil {
		if err := g.learnTail(ctx, ask); err != nil {
			return err
		}
	}
	hashes := g.tail
	first := g.head.size / tileWidth
	for level := 0; ; level++ {
		made := cutTiles(level, first, hashes)
		if len(made) == 0 {
			return nil
		}
		g.tiles = append(g.tiles, made...)
		start := first - first%tileWidth
		if first/tileWidth == (first+int64(len(made)))/tileWidth {
			return nil
		}
		below, err := readTileRoots(ctx, ask, level, start, first)
		if err != nil {
			return err
		}
		if int64(len(below)) != first-start {
			return fmt.Errorf("the log has gaps: tiles of level %d are missing before %d", level, first)
		}
		for _, t := range made {
			below = append(below, t.root)
		}
		hashes, first = below, start/tileWidth
	}
}

// learnTail reads what is in the unfinished tile.
func (g *growth) learnTail(ctx context.Context, ask asker) error {
	hashes, err := g.readTail(ctx, ask)
	if err != nil {
		return err
	}
	if int64(len(hashes)) != g.head.size%tileWidth {
		return errors.New("the log has gaps: its last tile is not whole")
	}
	for _, a := range g.added {
		hashes = append(hashes, a.hash)
	}
	g.tail = hashes
	return nil
}

// cutTiles makes the whole tiles among hashes, the first of which is the first of tile n.
func cutTiles(level int, n int64, hashes []tlog.Hash) []tile {
	var made []tile
	for ; len(hashes) >= tileWidth; hashes = hashes[tileWidth:] {
		made = append(made, newTile(level, n, hashes[:tileWidth]))
		n++
	}
	return made
}
