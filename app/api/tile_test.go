package api_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
)

// grow appends n entries.
func (s *stage) grow(t *testing.T, n int) []audit.Receipt {
	t.Helper()
	entries := make([]audit.Entry, 0, n)
	for range n {
		entries = append(entries, audit.Entry{
			ID: uuid.New(), Type: "test.made", Actor: audit.Program, OccurredAt: s.clock.Now(), Body: audit.Object{"made": "for a test"},
		})
	}
	receipts, err := s.log.Change(t.Context(), s.clock.Now(), func(context.Context, bun.Tx) ([]audit.Entry, error) { return entries, nil })
	if err != nil {
		t.Fatal(err)
	}
	return receipts
}

// stranger reads a log's tiles over HTTP as the Go toolchain reads those of its checksum database, knowing nothing of us.
type stranger struct {
	*testing.T
	*stage
	read []string
}

func (r *stranger) Height() int                     { return 8 }
func (r *stranger) SaveTiles([]tlog.Tile, [][]byte) {}
func (r *stranger) get(path string) ([]byte, error) {
	r.read = append(r.read, path)
	answer := r.send(r.T, r.request(r.Context(), r.T, http.MethodGet, path, "nobody", nil), false)
	if answer.status != http.StatusOK {
		return nil, fmt.Errorf("%s: %d", path, answer.status)
	}
	return answer.body, nil
}

func (r *stranger) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, 0, len(tiles))
	for _, t := range tiles {
		b, err := r.get("/log/" + strings.Replace(t.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		data = append(data, b)
	}
	return data, nil
}

// A client of another make needs the address and the key, and nothing else.
func TestStrangersVerify(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	receipts := s.grow(t, 700)
	s.publish(t)
	s.grow(t, 400) // nobody may see these
	_, key := s.logKey(t)

	t.Run("with the tree of the Go toolchain", func(t *testing.T) {
		t.Parallel()
		r := &stranger{T: t, stage: s}
		signed, err := r.get("/log/checkpoint")
		if err != nil {
			t.Fatal(err)
		}
		opened, err := note.Open(signed, note.VerifierList(key))
		if err != nil {
			t.Fatal(err)
		}
		var c log.Checkpoint
		if _, err := c.Unmarshal([]byte(opened.Text)); err != nil || c.Origin != key.Name() || c.Size != 706 {
			t.Fatal(c, err)
		}
		tree := tlog.Tree{N: int64(c.Size), Hash: tlog.Hash(c.Hash)}
		hashes := tlog.TileHashReader(tree, r) // it verifies every tile against the root
		for _, receipt := range receipts {
			path, err := tlog.ProveRecord(tree.N, receipt.Index, hashes)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(path, tree.N, tree.Hash, receipt.Index, tlog.Hash(receipt.LeafHash)); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("with the client of Tessera", func(t *testing.T) {
		t.Parallel()
		root, err := url.Parse(s.server.URL + "/log/")
		if err != nil {
			t.Fatal(err)
		}
		fetch, err := client.NewHTTPFetcher(root, s.server.Client())
		if err != nil {
			t.Fatal(err)
		}
		c, _, _, err := client.FetchCheckpoint(t.Context(), fetch.ReadCheckpoint, key, key.Name())
		if err != nil {
			t.Fatal(err)
		}
		builder, err := client.NewProofBuilder(t.Context(), c.Size, fetch.ReadTile)
		if err != nil {
			t.Fatal(err)
		}
		for _, receipt := range receipts[:40] {
			path, err := builder.InclusionProof(t.Context(), uint64(receipt.Index))
			if err != nil {
				t.Fatal(err)
			}
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(receipt.Index), c.Size, receipt.LeafHash, path, c.Hash); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := client.GetEntryBundle(t.Context(), fetch.ReadEntryBundle, 0, c.Size); err == nil {
			t.Error("a stranger read entries")
		}
		fetch.SetAuthorizationHeader("Bearer " + s.secret["auditor"])
		for n := range c.Size/256 + 1 {
			bundle, err := client.GetEntryBundle(t.Context(), fetch.ReadEntryBundle, n, c.Size)
			if err != nil {
				t.Fatal(err)
			}
			leaves, err := client.FetchLeafHashes(t.Context(), fetch.ReadTile, n*256, uint64(len(bundle.Entries)), c.Size)
			if err != nil || len(leaves) != len(bundle.Entries) {
				t.Fatal(len(leaves), len(bundle.Entries), err)
			}
			for i, e := range bundle.Entries {
				if string(rfc6962.DefaultHasher.HashLeaf(e)) != string(leaves[i]) {
					t.Fatalf("entry %d of bundle %d does not have its hash", i, n)
				}
			}
		}
	})
	t.Run("and follow its growth", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.grow(t, 250)
		s.publish(t)
		_, key := s.logKey(t)
		root, err := url.Parse(s.server.URL + "/log/")
		if err != nil {
			t.Fatal(err)
		}
		fetch, err := client.NewHTTPFetcher(root, s.server.Client())
		if err != nil {
			t.Fatal(err)
		}
		tracker, err := client.NewLogStateTracker(t.Context(), fetch.ReadTile, nil, key, key.Name(), client.UnilateralConsensus(fetch.ReadCheckpoint))
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			s.grow(t, 130)
			s.publish(t)
			if _, _, _, err := tracker.Update(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if size := tracker.Latest().Size; size != 250+6+4*130 {
			t.Error(size)
		}
	})
}

// A full tile may be kept for ever; what it has is what all its parts had.
func TestFullTile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	get := func(path, as string) reply {
		return s.send(t, s.request(t.Context(), t, http.MethodGet, path, as, nil), false)
	}
	s.grow(t, 200)
	s.publish(t)
	part := get("/log/tile/0/000.p/206", "nobody")
	s.grow(t, 51)
	s.publish(t)
	full := get("/log/tile/0/000", "nobody")
	if full.status != http.StatusOK || len(full.body) != 8192 || full.header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Fatal(full.status, len(full.body), full.header)
	}
	again := get("/log/tile/0/000.p/206", "nobody")
	if string(part.body) != string(full.body[:206*32]) || string(again.body) != string(part.body) {
		t.Error("the parts of a tile differ")
	}
	root := get("/log/tile/1/000.p/1", "nobody")
	path, err := s.log.Root(t.Context(), 256)
	if err != nil || string(root.body) != string(path[:]) {
		t.Error("the tile above does not have the root", err)
	}
	bundle := get("/log/tile/entries/000", "auditor").body
	for i := range 256 {
		length := binary.BigEndian.Uint16(bundle)
		h := tlog.RecordHash(bundle[2 : 2+length])
		if string(h[:]) != string(full.body[32*i:][:32]) {
			t.Fatalf("entry %d does not have its hash", i)
		}
		bundle = bundle[2+length:]
	}
}

// A checkpoint that was published a moment ago by another instance is seen at once.
func TestNewCheckpointIsSeen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for size := 6; size < 12; size++ {
		path := fmt.Sprintf("/log/tile/0/000.p/%d", size)
		before := s.send(t, s.request(t.Context(), t, http.MethodGet, path, "nobody", nil), false)
		s.publish(t)
		after := s.send(t, s.request(t.Context(), t, http.MethodGet, path, "nobody", nil), false)
		if before.status != http.StatusNotFound || after.status != http.StatusOK {
			t.Errorf("%s: %d before, %d after", path, before.status, after.status)
		}
		s.clock.add(time.Second)
		s.grow(t, 1)
	}
}

// That no checkpoint covers an entry yet is not that there is no entry.
func TestProofWaitsForACheckpoint(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	stored, err := s.log.Entry(t.Context(), s.grow(t, 1)[0].EntryID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.log.Proof(t.Context(), stored); !errors.Is(err, audit.ErrUncovered) || errors.Is(err, audit.ErrNotFound) {
		t.Error(err)
	}
}
