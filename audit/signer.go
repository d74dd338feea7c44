package audit

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/note"
)

// Keys are what a log signs its checkpoints with, and what its checkpoints were signed with before. They are Ed25519 note keys whose
// name is the log's origin.
//
// While a key is being replaced there are two that sign, the new one first, and every checkpoint carries both signatures. A verifier
// that knows only the old key accepts all of these and takes no notice of the other line, which its key does not explain; so does one
// that knows only the new key. The entry log.key_rotated names the new key and stands under checkpoints that the old one signed: that is
// how whoever trusts the old key learns the new one. Once the old key is retired, a verifier that knows no other finds no signature that
// it can check on any later checkpoint, and must refuse them all; those that he had stay valid.
type Keys struct {
	signers   []note.Signer
	active    []string // verifier keys of the signers
	verifiers map[keyID]note.Verifier
}

// keyID is by what a signature line names its key.
type keyID struct {
	name string
	hash uint32
}

const privatePrefix = "PRIVATE+KEY+"

// ParseKeys reads the keys of the log named origin, separated by commas or spaces: first the current one, PRIVATE+KEY+…; after it
// private keys that sign too until they are retired, and the verifier keys of those that are retired, by which old checkpoints can
// still be checked. An error is one sentence, which tells nothing of a private key but its name.
func ParseKeys(origin, text string) (*Keys, error) {
	k := &Keys{verifiers: make(map[keyID]note.Verifier)}
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		if err := k.add(origin, one); err != nil {
			return nil, err
		}
	}
	if len(k.signers) == 0 {
		return nil, errors.New("there is no private key among the log's keys")
	}
	return k, nil
}

func (k *Keys) add(origin, one string) error {
	public := one
	if strings.HasPrefix(one, privatePrefix) {
		signer, err := note.NewSigner(one)
		if err == nil {
			public, err = publicKey(one)
		}
		if err != nil {
			return errors.New("a key of the log is not of the form PRIVATE+KEY+origin+hash+base64") // not repeated: it is a secret
		}
		k.signers, k.active = append(k.signers, signer), append(k.active, public)
	}
	verifier, err := note.NewVerifier(public)
	switch {
	case err != nil:
		return errors.New("a key of the log is neither a private key, PRIVATE+KEY+origin+hash+base64, nor a verifier key, origin+hash+base64")
	case verifier.Name() != origin:
		return fmt.Errorf("the key is of the log %s, and this is the log %s", verifier.Name(), origin)
	case len(k.signers) == 0:
		return errors.New("the first key of the log must be the private key that signs now")
	}
	id := keyID{verifier.Name(), verifier.KeyHash()}
	if k.verifiers[id] != nil {
		return fmt.Errorf("the key %s is given twice", public)
	}
	k.verifiers[id] = verifier
	return nil
}

// publicKey is the verifier key of a private one.
func publicKey(private string) (string, error) {
	parts := strings.SplitN(private, "+", 5) // PRIVATE, KEY, name, hash, key
	if len(parts) != 5 {
		return "", errors.New("malformed key")
	}
	seed, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return "", errors.New("malformed key")
	}
	public, ok := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("malformed key")
	}
	return note.NewEd25519VerifierKey(parts[2], public)
}

// NewKey makes a key for the log named origin: the private key, which is a secret, and the verifier key for everybody.
func NewKey(origin string) (private, verifier string, err error) {
	if private, verifier, err = note.GenerateKey(rand.Reader, origin); err != nil {
		return "", "", fmt.Errorf("make a key: %w", err)
	}
	return private, verifier, nil
}

// Active are the verifier keys of those that sign, origin+hash+base64, the current one first.
func (k *Keys) Active() []string { return slices.Clone(k.active) }

// Verifier finds a key of the log, whether it signs still or is retired: Keys are note.Verifiers.
func (k *Keys) Verifier(name string, hash uint32) (note.Verifier, error) {
	if v := k.verifiers[keyID{name, hash}]; v != nil {
		return v, nil
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// sign makes a note of text with every signature that is active.
func (k *Keys) sign(text string) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: text}, k.signers...)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return signed, nil
}
