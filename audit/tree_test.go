package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
)

// other is the tree of another implementation.
type other struct{ *compact.Range }

func newOther() other {
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return other{f.NewEmptyRange(0)}
}

func (o other) push(tb testing.TB, leafHash []byte) {
	tb.Helper()
	if err := o.Append(leafHash, nil); err != nil {
		tb.Fatal(err)
	}
}

func (o other) root(tb testing.TB) []byte {
	tb.Helper()
	if o.End() == 0 {
		return rfc6962.DefaultHasher.EmptyRoot()
	}
	root, err := o.GetRootHash(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return root
}

func TestTree(t *testing.T) {
	t.Parallel()
	t.Run("its root is that of another implementation at every size", func(t *testing.T) {
		t.Parallel()
		var ours audit.Edge
		theirs := newOther()
		for size := range 1101 {
			if root := ours.Root(); !bytes.Equal(root[:], theirs.root(t)) {
				t.Fatalf("size %d: %x is not %x", size, root, theirs.root(t))
			}
			leaf := fmt.Appendf(nil, "leaf %d", size)
			ours.Push(tlog.RecordHash(leaf))
			theirs.push(t, rfc6962.DefaultHasher.HashLeaf(leaf))
		}
	})
	t.Run("the stored head has that root, whatever the sizes of the changes", func(t *testing.T) {
		t.Parallel()
		log, _ := open(t)
		theirs := newOther()
		random := rand.New(rand.NewPCG(1, 2))
		for theirs.End() < 1100 {
			var entries []audit.Entry
			for range 1 + random.IntN(300) {
				entries = append(entries, newEntry())
			}
			for _, r := range change(t, log, start, entries...) {
				theirs.push(t, r.LeafHash)
			}
			head, err := log.Head(t.Context())
			if err != nil || !bytes.Equal(head.Root, theirs.root(t)) || uint64(head.Size) != theirs.End() {
				t.Fatalf("head %+v, want %x; %v", head, theirs.root(t), err)
			}
		}
		verify(t, log)
	})
	t.Run("tiles of the second level are completed too", func(t *testing.T) {
		t.Parallel()
		log, db := open(t)
		for range 17 { // 66,300 entries: more than 256 tiles, which end in the middle of a change
			entries := make([]audit.Entry, 0, 3900)
			for range cap(entries) {
				entries = append(entries, newEntry())
			}
			change(t, log, start, entries...)
		}
		var levels string
		err := db.NewRaw(`SELECT string_agg(level || ':' || n, ' ' ORDER BY level, n) FROM log_tile WHERE level > 0 OR n = 257`).Scan(t.Context(), &levels)
		if err != nil || strings.TrimSpace(levels) != "0:257 1:0" {
			t.Fatal(levels, err)
		}
		verify(t, log)
	})
}

// verify fails the test when the log is not whole.
func verify(tb testing.TB, log *audit.Log) {
	tb.Helper()
	if err := log.Verify(context.Background()); err != nil {
		tb.Fatal(err)
	}
}
