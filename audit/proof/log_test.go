package proof_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit/proof"
)

const origin = "onward.test/log"

var start = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// counter is a source of key material that is the same every time.
type counter struct{ n byte }

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		c.n++
		p[i] = c.n
	}
	return len(p), nil
}

// signer is a log's key, the same for the same seed.
type signer struct {
	note.Signer
	vkey string
}

func logKey(tb testing.TB, name string, seed byte) signer {
	tb.Helper()
	skey, vkey, err := note.GenerateKey(&counter{seed}, name)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		tb.Fatal(err)
	}
	return signer{s, vkey}
}

// witnessKey is a witness's key, the same for the same seed.
func witnessKey(tb testing.TB, name string, seed byte) signer {
	tb.Helper()
	skey, vkey, err := note.GenerateKey(&counter{seed}, name)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := cosignature.NewSignerForCosignatureV1(skey)
	if err != nil {
		tb.Fatal(err)
	}
	if vkey, err = cosignature.VKeyToCosignatureV1(vkey); err != nil {
		tb.Fatal(err)
	}
	return signer{s, vkey}
}

// ledger is a log in memory.
type ledger struct {
	leaves [][]byte
	hashes []tlog.Hash // as tlog stores them
	seqs   map[int]int
}

func (l *ledger) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		hashes[i] = l.hashes[x]
	}
	return hashes, nil
}

func (l *ledger) append(tb testing.TB, leaf []byte) int64 {
	tb.Helper()
	index := int64(len(l.leaves))
	hashes, err := tlog.StoredHashes(index, leaf, l)
	if err != nil {
		tb.Fatal(err)
	}
	l.leaves, l.hashes = append(l.leaves, leaf), append(l.hashes, hashes...)
	return index
}

// share appends an entry about vendor number v; none for v = 0.
func (l *ledger) share(tb testing.TB, v int) {
	tb.Helper()
	l.entry(tb, "share.recorded", v, fmt.Sprintf(`{"purpose":"p%d","text":"Müller \"& Söhne\"\n"}`, len(l.leaves)%3))
}

func (l *ledger) entry(tb testing.TB, kind string, v int, body string) int64 {
	tb.Helper()
	index := len(l.leaves)
	at := start.Add(time.Duration(index) * time.Second).Format("2006-01-02T15:04:05.000000Z")
	vendor := ""
	if v > 0 {
		if l.seqs == nil {
			l.seqs = make(map[int]int)
		}
		l.seqs[v]++
		vendor = fmt.Sprintf(`,"vendor_id":"%s","vendor_seq":"%012d"`, vendorID(v), l.seqs[v])
	}
	return l.append(tb, fmt.Appendf(nil, `{"actor":{"id":"00000000-0000-8000-8000-000000000001","kind":"key","role":"service"},"body":%s,`+
		`"commitment":"ahnw+0vlRRFSS81bDJizjaHuBJo5c1w5MR4QM2AkQ28=","entry_id":"%s","log":"%s","occurred_at":"%s","recorded_at":"%s","type":"%s","v":"1"%s}`,
		body, entryID(int64(index)), origin, at, at, kind, vendor))
}

func vendorID(v int) string { return fmt.Sprintf("10000000-0000-4000-8000-%012d", v) }

func entryID(index int64) string { return fmt.Sprintf("20000000-0000-4000-8000-%012d", index) }

// tile serves the tiles of the first size entries.
func (l *ledger) tiles(size int64) proof.Tiles {
	return func(_ context.Context, level int, n int64, width int) ([]byte, error) {
		if (n*256+int64(width))<<(8*level) > size {
			return nil, errors.New("there is no such tile")
		}
		return tlog.ReadTileData(tlog.Tile{H: 8, L: level, N: n, W: width}, l)
	}
}

// fetch serves the log as C2SP tlog-tiles.
func (l *ledger) fetch(checkpoint []byte, size int64) proof.Fetch {
	tiles := l.tiles(size)
	return func(ctx context.Context, path string) ([]byte, error) {
		if path == "checkpoint" {
			return checkpoint, nil
		}
		if name, ok := strings.CutPrefix(path, "tile/entries/"); ok {
			_, n, width, ok := proof.ParseTilePath("tile/0/" + name)
			if !ok || n*256+int64(width) > size {
				return nil, errors.New("there are no such entries")
			}
			var data []byte
			for _, leaf := range l.leaves[n*256:][:width] {
				data = binary.BigEndian.AppendUint16(data, uint16(len(leaf)))
				data = append(data, leaf...)
			}
			return data, nil
		}
		level, n, width, ok := proof.ParseTilePath(path)
		if !ok {
			return nil, fmt.Errorf("no path %s", path)
		}
		return tiles(ctx, level, n, width)
	}
}

func (l *ledger) root(tb testing.TB, size int64) tlog.Hash {
	tb.Helper()
	root, err := tlog.TreeHash(size, l)
	if err != nil {
		tb.Fatal(err)
	}
	return root
}

// checkpoint signs the first size entries.
func (l *ledger) checkpoint(tb testing.TB, size int64, signers ...signer) []byte {
	tb.Helper()
	return sign(tb, fmt.Sprintf("%s\n%d\n%s\n", origin, size, l.root(tb, size)), signers...)
}

func sign(tb testing.TB, text string, signers ...signer) []byte {
	tb.Helper()
	all := make([]note.Signer, 0, len(signers))
	for _, s := range signers {
		all = append(all, s)
	}
	signed, err := note.Sign(&note.Note{Text: text}, all...)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

func keyPolicy(tb testing.TB, keys ...string) proof.Policy {
	tb.Helper()
	p, err := proof.KeyPolicy(keys...)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// wantFault fails unless err is a fault of the kind.
func wantFault(tb testing.TB, err error, kind proof.Kind) proof.Fault {
	tb.Helper()
	var fault *proof.Fault
	if !errors.As(err, &fault) {
		tb.Fatalf("got %v, want a fault: %s", err, kind)
	}
	if fault.Kind != kind {
		tb.Fatalf("got %v, want the kind %s", fault, kind)
	}
	return *fault
}
