package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/audit"
	"onward/registry"
)

// What is under /log is a log as C2SP tlog-tiles has it, for clients that know nothing of us. Nothing is served that the newest checkpoint
// does not cover. Entries are for auditors: they say what was done, and to whom.

const (
	tileType = "application/octet-stream"
	noteType = "text/plain; charset=utf-8"
)

func (a *API) readCheckpoint(c *gin.Context) error {
	forEveryone(c)
	if err := none(c); err != nil {
		return err
	}
	checkpoint, err := a.Log.Checkpoint(c.Request.Context())
	if errors.Is(err, audit.ErrNotFound) {
		return registry.Refuse(registry.NotFound, "No checkpoint has been published yet.")
	}
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-cache")
	sum := sha256.Sum256(checkpoint.Note)
	if unchanged(c, `"`+hex.EncodeToString(sum[:16])+`"`) {
		return nil
	}
	c.Data(http.StatusOK, noteType, checkpoint.Note)
	return nil
}

func (a *API) readTile(c *gin.Context) error {
	forEveryone(c)
	t, err := a.tileOf(c, c.Param("level"))
	if err != nil {
		return err
	}
	hashes, err := a.Log.Tile(c.Request.Context(), t.level, t.n, t.width)
	if err != nil {
		return err
	}
	// What a partial tile has never changes either, but nobody asks for it again once the tile is full.
	c.Header("Cache-Control", map[bool]string{true: "public, max-age=31536000, immutable", false: "public, max-age=300"}[t.full()])
	c.Data(http.StatusOK, tileType, hashes)
	return nil
}

func (a *API) readEntryBundle(c *gin.Context) error {
	t, err := a.tileOf(c, "0")
	if err != nil {
		return err
	}
	bundle, err := a.Log.EntryBundle(c.Request.Context(), t.n, t.width)
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, tileType, bundle)
	return nil
}

// forEveryone lets pages of others read the answer, and no cache keep it unless the handler says so.
func forEveryone(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Access-Control-Expose-Headers", "ETag, Retry-After")
	c.Header("Cache-Control", "no-store")
}

// tileOf is the tile that the path asks for. It refuses what is no tile (Nowhere) and what is not covered (NotFound).
func (a *API) tileOf(c *gin.Context, level string) (tilePath, error) {
	t, bad := parseTile(level, c.Param("n"))
	if len(bad) > 0 {
		return t, bad
	}
	if err := none(c); err != nil {
		return t, err
	}
	covered, err := a.covers(c.Request.Context(), t)
	if err == nil && !covered {
		err = registry.Refuse(registry.NotFound, "The newest checkpoint does not cover this tile.")
	}
	return t, err
}

// covers tells whether a checkpoint covers a tile. What one was known to cover stays covered; only what lies beyond asks anew.
func (a *API) covers(ctx context.Context, t tilePath) (bool, error) {
	if audit.Covers(a.published.Load(), t.level, t.n, t.width) {
		return true, nil
	}
	checkpoint, err := a.Log.Checkpoint(ctx)
	if errors.Is(err, audit.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	a.published.Store(checkpoint.Size)
	return audit.Covers(checkpoint.Size, t.level, t.n, t.width), nil
}
