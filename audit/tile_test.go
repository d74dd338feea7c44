package audit_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
	"onward/migrations/pgtest"
)

func TestTiles(t *testing.T) {
	t.Parallel()
	t.Run("every width of every tile that the log has", func(t *testing.T) {
		t.Parallel()
		log, db := open(t)
		const size = 65_536 + 256 + 3
		fill(t, db, size)
		leaves := make([]tlog.Hash, 0, size)
		for i := range int64(size) {
			leaves = append(leaves, madeHash(i))
		}
		w := newTwin(t, leaves)
		for _, last := range []struct {
			level int
			n     int64
			width int
		}{{0, 0, 256}, {0, 255, 256}, {0, 256, 256}, {0, 257, 3}, {1, 0, 256}, {1, 1, 1}, {2, 0, 1}} {
			for width := 1; width <= last.width; width += 1 + width/40 {
				checkTile(t, log, w, last.level, last.n, width)
			}
			checkTile(t, log, w, last.level, last.n, last.width)
			if last.width < 256 {
				notFound(t, log, last.level, last.n, last.width+1)
				notFound(t, log, last.level, last.n, 256)
			}
			if last.width < 256 || last.level > 1 {
				notFound(t, log, last.level, last.n+1, 1)
			}
		}
	})
	t.Run("what no tree has is not found", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		notFound(t, log, 0, 0, 1)
		change(t, log, start, newEntry())
		for _, c := range []struct {
			level int
			n     int64
			width int
		}{{0, 0, 0}, {0, 0, -1}, {0, 0, 257}, {-1, 0, 1}, {64, 0, 1}, {63, 0, 1}, {8, 0, 1}, {1, 0, 1}, {0, -1, 1}, {0, 1, 1}, {0, 1 << 55, 1}, {0, 1<<63 - 1, 256}, {63, 1<<63 - 1, 256}} {
			notFound(t, log, c.level, c.n, c.width)
			if _, err := log.EntryBundle(t.Context(), c.n, c.width); c.level == 0 && !errors.Is(err, audit.ErrNotFound) {
				t.Errorf("bundle %v: %v", c, err)
			}
		}
	})
	t.Run("a bundle has the leaves, and they have the hashes of its tile", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		entries := make([]audit.Entry, 0, 300)
		for range cap(entries) {
			entries = append(entries, newEntry())
		}
		change(t, log, start, entries...)
		for _, c := range []struct {
			n     int64
			width int
		}{{0, 1}, {0, 255}, {0, 256}, {1, 1}, {1, 44}} {
			hashes, err := log.Tile(t.Context(), 0, c.n, c.width)
			bundle, bundleErr := log.EntryBundle(t.Context(), c.n, c.width)
			if err != nil || bundleErr != nil {
				t.Fatal(c, err, bundleErr)
			}
			for range c.width {
				length := binary.BigEndian.Uint16(bundle)
				leaf := bundle[2 : 2+length]
				bundle = bundle[2+length:]
				if h := tlog.RecordHash(leaf); !bytes.Equal(h[:], hashes[:32]) {
					t.Fatalf("bundle %v: the leaf %s does not have its hash", c, leaf)
				}
				hashes = hashes[32:]
			}
			if len(bundle) > 0 {
				t.Errorf("bundle %v: %d bytes too many", c, len(bundle))
			}
		}
		if _, err := log.EntryBundle(t.Context(), 1, 45); !errors.Is(err, audit.ErrNotFound) {
			t.Error(err)
		}
	})
	t.Run("what should be there and is not is a fault that names the place", func(t *testing.T) {
		t.Parallel()
		log, db := open(t)
		fill(t, db, 65_536+5)
		admin := pgtest.Superuser(t, db)
		for _, s := range []string{
			`SET session_replication_role = replica; ALTER TABLE log_tile DISABLE TRIGGER ALL; ALTER TABLE log_entry DISABLE TRIGGER ALL`,
			`DELETE FROM log_tile WHERE (level, n) IN ((0, 7), (1, 0))`,
			`DELETE FROM log_entry WHERE idx = 65538`,
		} {
			if _, err := admin.ExecContext(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		_, err := log.Tile(t.Context(), 0, 7, 256)
		faultAt(t, err, 7*256)
		_, err = log.Tile(t.Context(), 1, 0, 8)
		faultAt(t, err, 0)
		_, err = log.Inclusion(t.Context(), 7*256+9, 65_541)
		faultAt(t, err, 7*256)
		_, err = log.Root(t.Context(), 65_541)
		faultAt(t, err, 0)
		_, err = log.EntryBundle(t.Context(), 256, 5)
		faultAt(t, err, 65_536)
	})
}

func checkTile(t *testing.T, log *audit.Log, w *twin, level int, n int64, width int) {
	t.Helper()
	want, err := tlog.ReadTileData(tlog.Tile{H: 8, L: level, N: n, W: width}, w)
	if err != nil {
		t.Fatal(err)
	}
	got, err := log.Tile(t.Context(), level, n, width)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("tile %d/%d.p/%d: got %d bytes, want %d; %v", level, n, width, len(got), len(want), err)
	}
}

func notFound(t *testing.T, log *audit.Log, level int, n int64, width int) {
	t.Helper()
	if b, err := log.Tile(t.Context(), level, n, width); !errors.Is(err, audit.ErrNotFound) {
		t.Errorf("tile %d/%d.p/%d: got %d bytes, %v", level, n, width, len(b), err)
	}
}

func faultAt(t *testing.T, err error, index int64) {
	t.Helper()
	var fault *audit.Fault
	if !errors.As(err, &fault) || fault.Index != index {
		t.Errorf("got %v, want a fault at %d", err, index)
	}
}
