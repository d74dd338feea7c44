package witness

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// keyType is that of an Ed25519 cosignature (C2SP tlog-cosignature).
const keyType = 4

// Key is a witness's signing key.
type Key struct {
	name    string
	private ed25519.PrivateKey
}

// NewKey makes a key from a source of random bytes. Without a name it gets one that is made of its own public key.
func NewKey(name string, random io.Reader) (Key, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return Key{}, fmt.Errorf("make a witness's key: %w", err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	if name == "" {
		name = fmt.Sprintf("onward-witness/%x", public(private)[:6])
	}
	if strings.ContainsAny(name, "+ \t\r\n") {
		return Key{}, errors.New("a witness's name has no space and no plus sign")
	}
	return Key{name, private}, nil
}

// ParseKey reads what Private writes.
func ParseKey(text []byte) (Key, error) {
	bad := errors.New("this is not the key of a witness")
	fields := strings.SplitN(string(bytes.TrimSuffix(text, []byte("\n"))), "+", 5)
	if len(fields) != 5 {
		return Key{}, bad
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(fields[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != keyType {
		return Key{}, bad
	}
	k := Key{fields[2], ed25519.NewKeyFromSeed(raw[1:])}
	if k.name == "" || k.Private() != strings.TrimSuffix(string(text), "\n")+"\n" {
		return Key{}, bad
	}
	return k, nil
}

// Private is the key as it is kept in a file: PRIVATE+KEY+NAME+HASH+SEED and a newline.
func (k Key) Private() string {
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s\n", k.name, k.hash(), base64.StdEncoding.EncodeToString(append([]byte{keyType}, k.private.Seed()...)))
}

// Verifier is the verifier key, for everybody.
func (k Key) Verifier() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.hash(), base64.StdEncoding.EncodeToString(k.typed()))
}

// Cosign is the signature line on the text of a checkpoint, with the time of signing.
func (k Key) Cosign(text string, at time.Time) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: text}, cosigner{k, at})
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	return signed[len(text)+1:], nil
}

// typed is the public key after its type.
func (k Key) typed() []byte { return append([]byte{keyType}, public(k.private)...) }

func (k Key) hash() uint32 {
	sum := sha256.Sum256(append([]byte(k.name+"\n"), k.typed()...))
	return binary.BigEndian.Uint32(sum[:])
}

func public(k ed25519.PrivateKey) []byte { return k[ed25519.SeedSize:] }

// cosigner signs as C2SP tlog-cosignature demands. (The library's signer has a clock of its own.)
type cosigner struct {
	key Key
	at  time.Time
}

func (c cosigner) Name() string    { return c.key.name }
func (c cosigner) KeyHash() uint32 { return c.key.hash() }

func (c cosigner) Sign(text []byte) ([]byte, error) {
	seconds := c.at.Unix()
	if seconds < 0 {
		return nil, errors.New("the clock is before 1970")
	}
	message := append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", seconds), text...)
	signature := binary.BigEndian.AppendUint64(nil, uint64(seconds))
	return append(signature, ed25519.Sign(c.key.private, message)...), nil
}
