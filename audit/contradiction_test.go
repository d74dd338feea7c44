package audit_test

import (
	"errors"
	"strings"
	"testing"

	"onward/audit"
	"onward/migrations/pgtest"
)

// contradictions are edits by somebody whom nothing stops.
var contradictions = map[string]struct{ statement, why string }{
	"the head has another root": {
		`UPDATE log_head SET root = set_byte(root, 0, get_byte(root, 0) # 1)`, "does not belong to its edge",
	},
	"the head was cut":         {`UPDATE log_head SET size = 299`, "its head is damaged"},
	"a leaf's hash was edited": {`UPDATE log_entry SET leaf_hash = set_byte(leaf_hash, 0, get_byte(leaf_hash, 0) # 1) WHERE idx = 270`, "do not make up the root"},
	"a line was deleted":       {`DELETE FROM log_entry WHERE idx = 299`, "do not make up the root"},
	"a tile was edited":        {`UPDATE log_tile SET hashes = set_byte(hashes, 7000, get_byte(hashes, 7000) # 1)`, "do not make up the root"},
	"a tile was deleted":       {`DELETE FROM log_tile`, "do not make up the root"},
	"a checkpoint was edited":  {`UPDATE log_checkpoint SET root = set_byte(root, 0, get_byte(root, 0) # 1)`, "its checkpoint of 250 entries is damaged"},
	"a note was edited":        {`UPDATE log_checkpoint SET note = set_byte(note, 20, get_byte(note, 20) # 1)`, "its checkpoint of 250 entries is damaged"},
}

func TestContradiction(t *testing.T) {
	t.Parallel()
	for name, c := range contradictions {
		t.Run("when "+name+", the log is frozen and nobody can acknowledge it", func(t *testing.T) {
			t.Parallel()
			p := newPress(t)
			p.grow(t, 250)
			p.publish(t)
			p.grow(t, 50)
			super := pgtest.Superuser(t, p.db)
			for _, table := range []string{"log_entry_2026_11", "log_tile", "log_checkpoint"} {
				if _, err := super.Exec(`ALTER TABLE ` + table + ` DISABLE TRIGGER USER`); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := super.Exec(c.statement); err != nil {
				t.Fatal(err)
			}
			_, err := p.publisher().Publish(t.Context())
			if !errors.Is(err, audit.ErrFrozen) || !strings.Contains(err.Error(), c.why) {
				t.Fatalf("published with %v", err)
			}
			_, err = p.log.Acknowledge(t.Context(), audit.Program, start, "never mind")
			if name != "the head has another root" && name != "the head was cut" && !errors.Is(err, audit.ErrContradicted) || err == nil {
				t.Fatalf("acknowledged with %v", err)
			}
			if _, err := p.log.Change(t.Context(), start, nothing(newEntry())); err == nil {
				t.Fatal("it still takes entries")
			}
		})
	}
	t.Run("a history that was written anew, leaf by leaf, is found by its checkpoint", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 250)
		p.publish(t)
		forged := newPress(t)
		forged.grow(t, 260)
		super := pgtest.Superuser(t, p.db)
		h, err := forged.log.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var edge []byte
		if err := forged.db.QueryRow(`SELECT edge FROM log_head`).Scan(&edge); err != nil {
			t.Fatal(err)
		}
		var rows []struct {
			Idx      int64
			LeafHash []byte
		}
		if err := forged.db.NewRaw(`SELECT idx, leaf_hash FROM log_entry`).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		p.grow(t, 10)
		if _, err := super.Exec(`ALTER TABLE log_entry_2026_11 DISABLE TRIGGER USER; ALTER TABLE log_tile DISABLE TRIGGER USER`); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if _, err := super.Exec(`UPDATE log_entry SET leaf_hash = ? WHERE idx = ?`, r.LeafHash, r.Idx); err != nil {
				t.Fatal(err)
			}
		}
		var hashes, root []byte
		if err := forged.db.QueryRow(`SELECT hashes, root FROM log_tile`).Scan(&hashes, &root); err != nil {
			t.Fatal(err)
		}
		if _, err := super.Exec(`UPDATE log_tile SET hashes = ?, root = ?`, hashes, root); err != nil {
			t.Fatal(err)
		}
		if _, err := super.Exec(`UPDATE log_head SET root = ?, edge = ?`, h.Root, edge); err != nil {
			t.Fatal(err)
		}
		_, err = p.publisher().Publish(t.Context())
		if !errors.Is(err, audit.ErrFrozen) || !strings.Contains(err.Error(), "its first 250 entries are not those of its checkpoint") {
			t.Fatal(err)
		}
	})
}
