package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/formats/log"
	formats "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkProof checks a .tlog-proof offline as its reader does: with the log's key and a witness's, and nothing else. It returns the leaf.
func checkProof(t *testing.T, file []byte, keys ...note.Verifier) (index int64, leaf []byte) {
	t.Helper()
	var p proof.TLogProof
	if err := p.Unmarshal(file); err != nil {
		t.Fatal(err)
	}
	opened, err := note.Open(p.Checkpoint, note.VerifierList(keys...))
	if err != nil || len(opened.Sigs) != len(keys) {
		t.Fatalf("%v: %d signatures of %d\n%s", err, len(opened.Sigs), len(keys), p.Checkpoint)
	}
	var c log.Checkpoint
	if _, err := c.Unmarshal([]byte(opened.Text)); err != nil {
		t.Fatal(err)
	}
	path := make(tlog.RecordProof, 0, len(p.Hashes))
	for _, h := range p.Hashes {
		path = append(path, h)
	}
	if err := tlog.CheckRecord(path, int64(c.Size), tlog.Hash(c.Hash), int64(p.Index), tlog.RecordHash(p.ExtraData)); err != nil {
		t.Fatal(err)
	}
	if again := p.Marshal(); !bytes.Equal(again, file) {
		t.Errorf("written again it is %q", again)
	}
	return int64(p.Index), p.ExtraData
}

func TestReceiptIsAProof(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, logKey := s.logKey(t)
	receipts := s.grow(t, 300)
	s.publish(t)
	get := func(i int) []byte {
		path := "/v1/audit/entries/" + receipts[i].EntryID.String() + "/receipt?format=tlog-proof"
		answer := s.send(t, s.request(t.Context(), t, http.MethodGet, path, "auditor", nil), false)
		if answer.status != http.StatusOK {
			t.Fatal(answer.status, string(answer.body))
		}
		return answer.body
	}
	for _, i := range []int{0, 1, 249, 250, 299} {
		index, leaf := checkProof(t, get(i), logKey)
		stored, err := s.log.Entry(t.Context(), receipts[i].EntryID)
		if err != nil || index != receipts[i].Index || !bytes.Equal(leaf, stored.Leaf) {
			t.Errorf("entry %d: index %d, leaf %s, %v", i, index, leaf, err)
		}
	}

	secret, public, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)), "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := formats.NewSignerForCosignatureV1(secret)
	if err != nil {
		t.Fatal(err)
	}
	witness, err := formats.NewVerifierForCosignatureV1(public)
	if err != nil {
		t.Fatal(err)
	}
	newest, err := s.log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := note.Open(newest.Note, note.VerifierList(logKey))
	if err != nil {
		t.Fatal(err)
	}
	cosigned, err := note.Sign(opened, signer)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(cosigned)), "\n")
	_, err = s.db.ExecContext(t.Context(), `INSERT INTO log_cosignature (size, key_name, key_id, cosigned_at, line) VALUES (?, ?, ?, ?, ?)`,
		newest.Size, signer.Name(), int64(signer.KeyHash()), time.Now(), lines[len(lines)-1])
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the cosignatures of witnesses are in it", func(t *testing.T) {
		t.Parallel()
		checkProof(t, get(7), logKey, witness)
	})
	t.Run("two receipts under one checkpoint are the same file", func(t *testing.T) {
		t.Parallel()
		if d := cmp.Diff(string(get(8)), string(get(8))); d != "" {
			t.Error(d)
		}
	})
}

// A checkpoint that is not this log's makes no receipt: whoever was given it could prove nothing.
func TestReceiptOfAnotherTree(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	signer, _ := s.logKey(t)
	text := log.Checkpoint{Origin: signer.Name(), Size: 6, Hash: make([]byte, 32)}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.db.ExecContext(t.Context(), `INSERT INTO log_checkpoint (size, root, note, signed_at) VALUES (6, ?, ?, now())`, make([]byte, 32), signed)
	if err != nil {
		t.Fatal(err)
	}
	entries := s.send(t, s.request(t.Context(), t, http.MethodGet, "/v1/audit/proof?index=0", "auditor", nil), false)
	if entries.status != http.StatusInternalServerError || !strings.Contains(s.faults.take(), "prove that 0 is in 6") {
		t.Error(entries.status, string(entries.body))
	}
}
