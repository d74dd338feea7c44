package proof

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"

	tlogproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// receiptHeader is the first line of a C2SP tlog-proof.
const receiptHeader = "c2sp.org/tlog-proof@v1"

// maxReceipt bounds a receipt: its leaf in base64, its proof and its checkpoint.
const maxReceipt = maxCheckpoint + 2*maxLeaf + 8192

// Receipt is a C2SP tlog-proof of one entry, with the leaf as extra data.
type Receipt struct {
	Index      int64
	Leaf       []byte
	Inclusion  tlog.RecordProof
	Checkpoint []byte // the signed note, verbatim
}

// Marshal writes the receipt in the text form of C2SP tlog-proof. Files of it end in .tlog-proof.
func (r Receipt) Marshal() []byte {
	p := tlogproof.TLogProof{Index: uint64(r.Index), Checkpoint: r.Checkpoint, ExtraData: r.Leaf} //nolint:gosec // never negative
	for _, h := range r.Inclusion {
		p.Hashes = append(p.Hashes, h)
	}
	return p.Marshal()
}

// ParseReceipt reads a receipt. What it says is proved by nothing yet: CheckReceipt does that. (The library's own reader fails on leaves
// of more than 48 KiB.)
func ParseReceipt(text []byte) (Receipt, error) {
	var r Receipt
	if len(text) > maxReceipt {
		return r, malformed("a receipt of %d bytes", len(text))
	}
	head, checkpoint, ok := bytes.Cut(text, []byte("\n\n"))
	lines := bytes.Split(head, []byte("\n"))
	if !ok || len(lines) < 2 || string(lines[0]) != receiptHeader {
		return r, malformed("this is not a %s", receiptHeader)
	}
	lines = lines[1:]
	if extra, ok := bytes.CutPrefix(lines[0], []byte("extra ")); ok {
		leaf, err := base64.StdEncoding.Strict().DecodeString(string(extra))
		if err != nil {
			return r, malformed("the receipt's extra data are not base64")
		}
		r.Leaf = leaf
		lines = lines[1:]
	}
	if r.Leaf == nil || len(lines) == 0 {
		return r, malformed("the receipt does not hold its leaf")
	}
	index, ok := bytes.CutPrefix(lines[0], []byte("index "))
	n, err := strconv.ParseInt(string(index), 10, 64)
	if !ok || err != nil || n < 0 || strconv.FormatInt(n, 10) != string(index) {
		return r, malformed("the receipt does not name its index")
	}
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.Strict().DecodeString(string(line))
		if err != nil || len(raw) != tlog.HashSize || len(r.Inclusion) == 64 {
			return r, malformed("the receipt's proof is not made of hashes")
		}
		r.Inclusion = append(r.Inclusion, tlog.Hash(raw))
	}
	r.Index, r.Checkpoint = n, checkpoint
	return r, nil
}

// ProvedReceipt is what a receipt proves.
type ProvedReceipt struct {
	Index      int64
	Leaf       Leaf
	LeafHash   tlog.Hash
	Checkpoint Checkpoint
}

// CheckReceipt proves that the receipt's leaf is in the log of a checkpoint that is signed as the policy demands, at the receipt's index,
// and that the leaf is one of that log. A leaf of version 1 must be written as version 1 demands; of one of another version only
// the hash is proved. It returns a *Fault.
func CheckReceipt(text []byte, p Policy) (ProvedReceipt, error) {
	r, err := ParseReceipt(text)
	if err != nil {
		return ProvedReceipt{}, err
	}
	c, err := OpenCheckpoint(r.Checkpoint, p)
	if err != nil {
		return ProvedReceipt{}, err
	}
	if r.Index >= c.Size {
		return ProvedReceipt{}, &Fault{r.Index, LeafMissing, fmt.Sprintf("the checkpoint covers %d entries only", c.Size)}
	}
	hash := tlog.RecordHash(r.Leaf)
	if err := tlog.CheckRecord(r.Inclusion, c.Size, c.Root, r.Index, hash); err != nil {
		return ProvedReceipt{}, &Fault{r.Index, LeafAltered, "leaf and proof do not lead to the root that was signed"}
	}
	var m members
	if what := m.read(r.Leaf); what != "" {
		return ProvedReceipt{}, &Fault{r.Index, LeafMalformed, what}
	}
	if m.known && !m.of(c.Origin) {
		return ProvedReceipt{}, &Fault{r.Index, ForeignOrigin, fmt.Sprintf("the leaf is of another log than %q", c.Origin)}
	}
	return ProvedReceipt{r.Index, m.leaf(), hash, c}, nil
}
