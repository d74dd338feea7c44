package audit_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	checkpoint "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	signed "golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"onward/audit"
)

// publish inserts a signed checkpoint of a size of the log.
func (r *room) publish(size int64, root tlog.Hash) {
	r.Helper()
	secret, _, err := signed.GenerateKey(bytes.NewReader(make([]byte, 32)), r.log.Origin())
	if err != nil {
		r.Fatal(err)
	}
	signer, err := signed.NewSigner(secret)
	if err != nil {
		r.Fatal(err)
	}
	text := checkpoint.Checkpoint{Origin: r.log.Origin(), Size: uint64(size), Hash: root[:]}.Marshal()
	checkpointNote, err := signed.Sign(&signed.Note{Text: string(text)}, signer)
	if err != nil {
		r.Fatal(err)
	}
	if _, err := r.db.ExecContext(r.Context(), `INSERT INTO log_checkpoint (size, root, note, signed_at) VALUES (?, ?, ?, ?)`, size, root[:], checkpointNote, start); err != nil {
		r.Fatal(err)
	}
}

func TestProofOfAnEntry(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*room, []audit.Stored) {
		t.Helper()
		log, db := open(t)
		change(t, log, start, newEntry(), newEntry(), newEntry())
		stored, err := log.Entries(t.Context(), audit.Query{After: -1})
		if err != nil {
			t.Fatal(err)
		}
		return &room{T: t, log: log, db: db}, stored
	}
	rootOf := func(r *room, size int64) tlog.Hash {
		root, err := r.log.Root(r.Context(), size)
		if err != nil {
			r.Fatal(err)
		}
		return root
	}
	t.Run("it waits for a checkpoint that covers it", func(t *testing.T) {
		t.Parallel()
		r, stored := begin(t)
		for i := range stored {
			_, err := r.log.Proof(t.Context(), stored[i])
			if want := audit.ErrUncovered; !cmp.Equal(err, want, cmpopts.EquateErrors()) {
				t.Error(err)
			}
			r.publish(stored[i].Index+1, rootOf(r, stored[i].Index+1))
			if _, err := r.log.Proof(t.Context(), stored[i]); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("it has the leaf, its place and the path to the newest checkpoint", func(t *testing.T) {
		t.Parallel()
		r, stored := begin(t)
		r.publish(3, rootOf(r, 3))
		file, err := r.log.Proof(t.Context(), stored[1])
		var p proof.TLogProof
		if err != nil || p.Unmarshal(file) != nil || p.Index != 1 || !bytes.Equal(p.ExtraData, stored[1].Leaf) {
			t.Fatal(string(file), err)
		}
		if want := [][32]byte{tlog.Hash(stored[0].LeafHash), tlog.Hash(stored[2].LeafHash)}; !cmp.Equal(p.Hashes, want) {
			t.Error(p.Hashes)
		}
	})
	t.Run("what would prove nothing is a fault", func(t *testing.T) {
		t.Parallel()
		r, stored := begin(t)
		r.publish(3, tlog.Hash{1})
		_, err := r.log.Proof(t.Context(), stored[2])
		faultAt(t, err, 2)
		r, stored = begin(t)
		r.publish(3, rootOf(r, 3))
		stored[1].Leaf = append([]byte(" "), stored[1].Leaf...)
		_, err = r.log.Proof(t.Context(), stored[1])
		faultAt(t, err, 1)
	})
	t.Run("the largest leaf that other parsers read is as large as promised", func(t *testing.T) {
		t.Parallel()
		for size, readable := range map[int]bool{49_146: true, 49_147: false} {
			file := proof.TLogProof{ExtraData: make([]byte, size), Checkpoint: []byte("x\n")}.Marshal()
			if err := new(proof.TLogProof).Unmarshal(file); (err == nil) != readable {
				t.Errorf("%d bytes: %v", size, err)
			}
		}
	})
}

// What is written is read as it was.
func TestProofFileRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := proof.TLogProof{Index: rapid.Uint64().Draw(t, "index"), Checkpoint: []byte("origin\n1\nAAAA\n\n— origin sig\n")}
		p.ExtraData = rapid.SliceOfN(rapid.Byte(), 1, 2000).Draw(t, "leaf")
		for range rapid.IntRange(0, 40).Draw(t, "hashes") {
			p.Hashes = append(p.Hashes, [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash")))
		}
		var again proof.TLogProof
		if err := again.Unmarshal(p.Marshal()); err != nil || !cmp.Equal(p, again) {
			t.Fatal(err, cmp.Diff(p, again))
		}
	})
}

// Whatever is read as a proof is written as one that is read as the same.
func FuzzProofFile(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra e30=\nindex 7\n" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" + "\norigin\n8\nAAAA\n\n— origin sig\n"))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\norigin\n"))
	f.Add([]byte("c2sp.org/tlog-proof@v1\r\nextra \nindex 007\r\n\n\n\r\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		var first, second proof.TLogProof
		if first.Unmarshal(file) != nil {
			return
		}
		if err := second.Unmarshal(first.Marshal()); err != nil || !cmp.Equal(first, second, cmpopts.EquateEmpty()) {
			t.Fatal(err, cmp.Diff(first, second))
		}
	})
}
