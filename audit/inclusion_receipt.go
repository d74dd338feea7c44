package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrUncovered means that no checkpoint covers the entry yet. The next one will: try again in a second.
var ErrUncovered = errors.New("no checkpoint covers the entry yet")

// Proof is what proves to anyone, offline and for ever, that s is in the log: a C2SP tlog-proof of its place under the newest
// checkpoint, with the cosignatures that are known. Its extra data is the leaf, which is what must be hashed to check it; like all
// extra data it is worth nothing before that. ErrUncovered while no checkpoint covers the entry.
//
// The parser of transparency-dev/formats reads lines of at most 64 KiB, and so no leaf of more than 49,146 bytes.
//
// What does not prove it is never handed out: it is a *Fault.
func (l *Log) Proof(ctx context.Context, s Stored) ([]byte, error) {
	c, err := l.CheckpointCovering(ctx, s.Index)
	if errors.Is(err, ErrNotFound) {
		return nil, ErrUncovered
	}
	if err != nil {
		return nil, err
	}
	path, err := l.Inclusion(ctx, s.Index, c.Size)
	if err != nil {
		return nil, err
	}
	var signed log.Checkpoint                                                                                                 // what whoever checks will read
	if _, err := signed.Unmarshal(c.Note); err != nil || signed.Size != uint64(c.Size) || len(signed.Hash) != tlog.HashSize { //nolint:gosec // sizes are not negative
		return nil, &Fault{c.Size, "the checkpoint's note does not belong to its size"}
	}
	if err := tlog.CheckRecord(path, c.Size, tlog.Hash(signed.Hash), s.Index, tlog.RecordHash(s.Leaf)); err != nil {
		return nil, &Fault{s.Index, fmt.Sprintf("the entry is not under the checkpoint of %d entries", c.Size)}
	}
	p := proof.TLogProof{Index: uint64(s.Index), Checkpoint: c.Note, ExtraData: s.Leaf} //nolint:gosec // an index is not negative
	for _, h := range path {
		p.Hashes = append(p.Hashes, h)
	}
	return p.Marshal(), nil
}
