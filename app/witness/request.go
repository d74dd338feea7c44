package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	maxProof = 63        // lines of a consistency proof
	maxBody  = 600 << 10 // of a request: the proof and a checkpoint with a hundred signatures
)

// Request is the body of add-checkpoint: the size that the witness is thought to know, the proof from there, and the checkpoint.
type Request struct {
	OldSize     int64
	Consistency tlog.TreeProof
	Checkpoint  []byte // a signed note
}

// Marshal writes the request as the protocol has it.
func (r Request) Marshal() []byte {
	b := fmt.Appendf(nil, "old %d\n", r.OldSize)
	for _, h := range r.Consistency {
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '\n')
	}
	return append(append(b, '\n'), r.Checkpoint...)
}

// ParseRequest reads what Marshal writes and refuses everything else.
func ParseRequest(body []byte) (Request, error) {
	head, checkpoint, ok := bytes.Cut(body, []byte("\n\n"))
	lines := bytes.Split(head, []byte("\n"))
	digits, isOld := bytes.CutPrefix(lines[0], []byte("old "))
	size, err := strconv.ParseInt(string(digits), 10, 64)
	if !ok || !isOld || err != nil || size < 0 {
		return Request{}, errors.New("the request does not begin with an old size")
	}
	if len(lines)-1 > maxProof {
		return Request{}, errors.New("the request has more than 63 lines of proof")
	}
	r := Request{OldSize: size, Checkpoint: checkpoint}
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.Strict().DecodeString(string(line))
		if err != nil || len(raw) != tlog.HashSize {
			return Request{}, errors.New("a line of the proof is not a hash")
		}
		r.Consistency = append(r.Consistency, tlog.Hash(raw))
	}
	if !bytes.Equal(r.Marshal(), body) {
		return Request{}, errors.New("the request is not written as the protocol demands")
	}
	return r, nil
}
