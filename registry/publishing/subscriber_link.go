package publishing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"
)

// What the links of subscribers are for; each signs apart from all others.
const (
	confirmLabel = "onward/link/confirm/v1\x00"
	leaveLabel   = "onward/link/leave/v1\x00"
)

// Confirmation is the token by which a subscriber confirms. It works for as long as the subscriber can be confirmed.
func (k Links) Confirmation(subscriber uuid.UUID) string {
	return k.subscriberToken(confirmLabel, subscriber)
}

// Leaving is the token by which a subscriber leaves; it works for ever.
func (k Links) Leaving(subscriber uuid.UUID) string { return k.subscriberToken(leaveLabel, subscriber) }

// ReadConfirmation reads a token of Confirmation; false for every other text.
func (k Links) ReadConfirmation(token string) (uuid.UUID, bool) {
	return k.readSubscriber(confirmLabel, token)
}

// ReadLeaving reads a token of Leaving; false for every other text.
func (k Links) ReadLeaving(token string) (uuid.UUID, bool) {
	return k.readSubscriber(leaveLabel, token)
}

func (k Links) subscriberToken(label string, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(append(id[:], k.sum(label, id[:])...))
}

func (k Links) readSubscriber(label, token string) (uuid.UUID, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != len(uuid.UUID{})+macSize || !hmac.Equal(b[16:], k.sum(label, b[:16])) {
		return uuid.Nil, false
	}
	return uuid.UUID(b[:16]), true
}

func (k Links) sum(label string, b []byte) []byte {
	h := hmac.New(sha256.New, k.key[:])
	h.Write([]byte(label))
	h.Write(b)
	return h.Sum(nil)[:macSize]
}
