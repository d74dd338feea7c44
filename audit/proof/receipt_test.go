package proof_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	tlogproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"onward/audit/proof"
)

func (l *ledger) receipt(tb testing.TB, index, size int64, key signer) []byte {
	tb.Helper()
	p, err := tlog.ProveRecord(size, index, l)
	if err != nil {
		tb.Fatal(err)
	}
	return proof.Receipt{Index: index, Leaf: l.leaves[index], Inclusion: p, Checkpoint: l.checkpoint(tb, size, key)}.Marshal()
}

func TestReceiptIsProved(t *testing.T) {
	t.Parallel()
	key := logKey(t, origin, 1)
	var l ledger
	for i := range 300 {
		l.share(t, i%2)
	}
	policy := keyPolicy(t, key.vkey)
	for _, size := range []int64{1, 2, 7, 256, 300} {
		for index := range size {
			text := l.receipt(t, index, size, key)
			got, err := proof.CheckReceipt(text, policy)
			if err != nil || got.Index != index || got.Leaf.EntryID != entryID(index) || !got.Leaf.Known || got.Checkpoint.Size != size {
				t.Fatalf("%d of %d: %+v, %v", index, size, got, err)
			}
			var other tlogproof.TLogProof
			if err := other.Unmarshal(text); err != nil || other.Index != uint64(index) || !bytes.Equal(other.ExtraData, l.leaves[index]) {
				t.Fatalf("another implementation reads %+v, %v", other, err)
			}
		}
	}
	t.Run("of the largest leaf", func(t *testing.T) {
		t.Parallel()
		var l ledger
		l.entry(t, "share.recorded", 1, `{"x":"`+strings.Repeat("x", 65_000)+`"}`)
		if _, err := proof.CheckReceipt(l.receipt(t, 0, 1, key), policy); err != nil {
			t.Error(err)
		}
	})
	t.Run("every changed byte is found", func(t *testing.T) {
		t.Parallel()
		text := l.receipt(t, 123, 300, key)
		good, _ := proof.ParseReceipt(text)
		rapid.Check(t, func(r *rapid.T) {
			bad := bytes.Clone(text)
			bad[rapid.IntRange(0, len(bad)-1).Draw(r, "at")] = rapid.Byte().Draw(r, "byte")
			if _, err := proof.CheckReceipt(bad, policy); err == nil {
				// Two spellings of one receipt are possible in what says nothing: what is proved must be the same.
				again, _ := proof.ParseReceipt(bad)
				if again.Index != good.Index || !bytes.Equal(again.Leaf, good.Leaf) {
					r.Fatal("another receipt was proved")
				}
			}
		})
	})
	t.Run("a leaf of another log", func(t *testing.T) {
		t.Parallel()
		var l ledger
		l.share(t, 1)
		l.replaceLast(t, origin, "other.test/log")
		_, err := proof.CheckReceipt(l.receipt(t, 0, 1, key), policy)
		wantFault(t, err, proof.ForeignOrigin)
	})
	t.Run("a leaf of an unknown version", func(t *testing.T) {
		t.Parallel()
		var l ledger
		l.share(t, 1)
		l.replaceLast(t, `"v":"1"`, `"v":"7","z":1`)
		if got, err := proof.CheckReceipt(l.receipt(t, 0, 1, key), policy); err != nil || got.Leaf.Known || got.Leaf.Version != "7" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("a leaf that is not canonical", func(t *testing.T) {
		t.Parallel()
		var l ledger
		l.share(t, 1)
		l.replaceLast(t, `"v":"1"`, `"v" :"1"`)
		_, err := proof.CheckReceipt(l.receipt(t, 0, 1, key), policy)
		wantFault(t, err, proof.LeafMalformed)
	})
	for name, change := range map[string]func(string) string{
		"no leaf":          func(s string) string { return strings.Replace(s, "extra ", "extra", 1) },
		"another version":  func(s string) string { return strings.Replace(s, "@v1", "@v2", 1) },
		"a zero before":    func(s string) string { return strings.Replace(s, "index ", "index 0", 1) },
		"a negative index": func(s string) string { return strings.Replace(s, "index ", "index -", 1) },
		"nothing":          func(string) string { return "" },
		"no checkpoint":    func(s string) string { return s[:strings.Index(s, "\n\n")] },
		"a short hash":     func(s string) string { return strings.Replace(s, "\n\n", "\nAAAA\n\n", 1) },
	} {
		_, err := proof.CheckReceipt([]byte(change(string(l.receipt(t, 5, 300, key)))), policy)
		if fault := wantFault(t, err, proof.Malformed); fault.Index != -1 {
			t.Errorf("%s: index %d", name, fault.Index)
		}
	}
	_, err := proof.CheckReceipt(bytes.Replace(l.receipt(t, 5, 300, key), []byte("index 5"), []byte("index 300"), 1), policy)
	wantFault(t, err, proof.LeafMissing)
}

func FuzzCheckReceipt(f *testing.F) {
	key := logKey(f, origin, 1)
	var l ledger
	for range 5 {
		l.share(f, 1)
	}
	leaves := map[string]bool{}
	for i := range int64(5) {
		f.Add(string(l.receipt(f, i, 5, key)))
		leaves[fmt.Sprint(i, string(l.leaves[i]))] = true
	}
	policy := keyPolicy(f, key.vkey)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := proof.CheckReceipt([]byte(text), policy)
		if r, _ := proof.ParseReceipt([]byte(text)); err == nil && !leaves[fmt.Sprint(r.Index, string(r.Leaf))] {
			t.Error("an entry that was never logged was proved")
		}
	})
}
