package publishing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/google/uuid"
)

// linkLabel sets the signatures of objection links apart from all others that the same key makes.
const linkLabel = "onward/link/objection/v1\x00"

// macSize is how much of the HMAC-SHA-256 a link carries: 128 bits, which nobody guesses.
const macSize = 16

// Links signs the links by which customers answer a notice: who has the link is who got the notice.
type Links struct{ key [32]byte }

// NewLinks signs with a key of 32 bytes.
func NewLinks(key []byte) (Links, error) {
	if len(key) != sha256.Size {
		return Links{}, errors.New("a key of links has 32 bytes")
	}
	return Links{[32]byte(key)}, nil
}

// Link is whose answer to which change a link takes, and in which delivery it went out.
type Link struct{ Change, Customer, Delivery uuid.UUID }

// Token is the last part of the address /objections/{token}: 86 letters, digits, - and _.
func (k Links) Token(l Link) string {
	b := make([]byte, 0, 3*len(uuid.UUID{})+macSize)
	b = append(append(append(b, l.Change[:]...), l.Customer[:]...), l.Delivery[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, k.mac(b)...))
}

// Read reads a token; false for every text that the key did not make.
func (k Links) Read(token string) (Link, bool) {
	const signed = 3 * len(uuid.UUID{})
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != signed+macSize || !hmac.Equal(b[signed:], k.mac(b[:signed])) {
		return Link{}, false
	}
	return Link{Change: uuid.UUID(b[:16]), Customer: uuid.UUID(b[16:32]), Delivery: uuid.UUID(b[32:48])}, true
}

func (k Links) mac(b []byte) []byte {
	h := hmac.New(sha256.New, k.key[:])
	h.Write([]byte(linkLabel))
	h.Write(b)
	return h.Sum(nil)[:macSize]
}
