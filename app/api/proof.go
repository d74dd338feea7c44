package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
)

// inclusionProof proves that an entry is in the tree of a size.
type inclusionProof struct {
	Log      string   `json:"log"`
	Index    int64    `json:"index,string"`
	Size     int64    `json:"size,string"`
	LeafHash []byte   `json:"leaf_hash"`
	Root     []byte   `json:"root"`
	Path     [][]byte `json:"path"` // from the leaf's neighbour to the root's child
}

// consistencyProof proves that the tree of a size begins with that of a smaller one.
type consistencyProof struct {
	Log      string   `json:"log"`
	From     int64    `json:"from,string"`
	Size     int64    `json:"size,string"`
	FromRoot []byte   `json:"from_root"`
	Root     []byte   `json:"root"`
	Path     [][]byte `json:"path"`
}

func (a *API) readProof(c *gin.Context) error {
	ctx := c.Request.Context()
	q := queryOf(c, "index", "from", "size")
	name := "index"
	if q.values.Has("from") {
		name = "from"
	}
	if q.values.Has("index") == q.values.Has("from") && len(q.bad) == 0 {
		q.refuse("index", "is needed, or from: one of the two")
		q.refuse("from", "is needed, or index: one of the two")
	}
	asked, size := q.number(name, 0), q.number("size", 1)
	newest, err := a.newest(ctx)
	if err == nil {
		size = q.within(name, asked, size, newest.Size)
	}
	if bad := q.err(); bad != nil {
		return bad
	}
	if err != nil {
		return err
	}
	root, err := a.rootOf(ctx, size, newest)
	if err != nil {
		return err
	}
	if name == "from" {
		return a.consistency(c, asked, size, root)
	}
	return a.inclusion(c, asked, size, root)
}

// number is a whole number of at least least, or -1 when it is not given or not right.
func (q *query) number(name string, least int64) int64 {
	if !q.values.Has(name) {
		return -1
	}
	text := q.text(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || strconv.FormatInt(n, 10) != text {
		q.refuse(name, "must be a whole number of at least %d", least)
		return -1
	}
	return n
}

// within is the size to prove for: the newest checkpoint's when none is asked for. It refuses sizes that no checkpoint covers, and an index
// or a smaller size that the size does not have.
func (q *query) within(name string, asked, size, newest int64) int64 {
	switch {
	case size > newest:
		q.refuse("size", "must be at most %d, which is what the newest checkpoint covers", newest)
		return size
	case size < 0:
		size = newest
	}
	if name == "index" && asked >= size {
		q.refuse("index", "must be less than the size, which is %d", size)
	}
	if name == "from" && asked > size {
		q.refuse("from", "must be at most the size, which is %d", size)
	}
	return size
}

// newest is the newest checkpoint; it is not an absence when there is none yet, but a matter of seconds (ErrUncovered).
func (a *API) newest(ctx context.Context) (audit.Checkpoint, error) {
	c, err := a.Log.Checkpoint(ctx)
	if errors.Is(err, audit.ErrNotFound) {
		return c, audit.ErrUncovered
	}
	return c, err
}

// rootOf is the root of a size, signed if it can be.
func (a *API) rootOf(ctx context.Context, size int64, newest audit.Checkpoint) (tlog.Hash, error) {
	if size == newest.Size && len(newest.Root) == tlog.HashSize {
		return tlog.Hash(newest.Root), nil
	}
	return a.Log.Root(ctx, size)
}

func (a *API) inclusion(c *gin.Context, index, size int64, root tlog.Hash) error {
	ctx := c.Request.Context()
	width := int(index%tileWidth) + 1
	hashes, err := a.Log.Tile(ctx, 0, index/tileWidth, width)
	if err != nil {
		return err
	}
	leaf := tlog.Hash(hashes[(width-1)*tlog.HashSize:])
	path, err := a.Log.Inclusion(ctx, index, size)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(path, size, root, index, leaf); err != nil {
		return fmt.Errorf("prove that %d is in %d: %w", index, size, err)
	}
	return answer(c, http.StatusOK, inclusionProof{a.Log.Origin(), index, size, leaf[:], root[:], hashesOf(path)})
}

func (a *API) consistency(c *gin.Context, from, size int64, root tlog.Hash) error {
	ctx := c.Request.Context()
	first, err := a.Log.Root(ctx, from)
	if err != nil {
		return err
	}
	path, err := a.Log.Consistency(ctx, from, size)
	if err != nil {
		return err
	}
	if from > 0 {
		if err := tlog.CheckTree(path, size, root, from, first); err != nil {
			return fmt.Errorf("prove that %d begins with %d: %w", size, from, err)
		}
	}
	return answer(c, http.StatusOK, consistencyProof{a.Log.Origin(), from, size, first[:], root[:], hashesOf(path)})
}

func hashesOf(path []tlog.Hash) [][]byte {
	hashes := make([][]byte, 0, len(path))
	for _, h := range path {
		hashes = append(hashes, h[:])
	}
	return hashes
}

func (a *API) readEntryReceipt(c *gin.Context) error {
	id, err := idOf(c, "id")
	if err != nil {
		return err
	}
	if err := queryOf(c, "format").err(); err != nil {
		return err
	}
	s, err := a.Log.Entry(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return a.receipt(c, "entry", s.Receipt)
}

// receipt answers with a receipt: where the entry stands, or, as tlog-proof, a file that proves it.
//
// While no checkpoint covers the entry, the file is refused as Busy and not as NotFound: the entry is there and nothing is wrong with
// the request, which will succeed within seconds, and clients repeat a 503 with Retry-After by themselves but take a 404 for the
// answer that the share was never recorded.
func (a *API) receipt(c *gin.Context, noun string, r audit.Receipt) error {
	q := queryOf(c, "format")
	format := q.choice("format", "json", "tlog-proof")
	if err := q.err(); err != nil {
		return err
	}
	if format == "json" {
		return answer(c, http.StatusOK, r)
	}
	s, err := a.Log.Entry(c.Request.Context(), r.EntryID)
	if err != nil {
		return err
	}
	proof, err := a.Log.Proof(c.Request.Context(), s)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", attachment(fmt.Sprintf("%s-%d.tlog-proof", noun, r.Index)))
	c.Data(http.StatusOK, noteType, proof)
	return nil
}
