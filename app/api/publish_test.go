package api_test

import (
	"bytes"
	"testing"

	checkpoint "github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

// logKey signs the checkpoints of every stage.
func logKey(t *testing.T) (note.Signer, note.Verifier) {
	t.Helper()
	secret, public, err := note.GenerateKey(bytes.NewReader(make([]byte, 32)), "onward.example/test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

// publish publishes a checkpoint of the log as it is now.
func (s *stage) publish(t *testing.T) {
	t.Helper()
	head, err := s.log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signer, _ := logKey(t)
	text := checkpoint.Checkpoint{Origin: head.Origin, Size: uint64(head.Size), Hash: head.Root}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.db.ExecContext(t.Context(), `INSERT INTO log_checkpoint (size, root, note, signed_at) VALUES (?, ?, ?, ?)`,
		head.Size, head.Root, signed, s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
}
