// Package login says who a caller is: API keys and people with their sessions, and the actor that each stands for.
package login

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// The roles of a key.
const (
	Admin    = "admin"    // users, keys, settings, and all that the others may
	Legal    = "legal"    // edits, proposes, publishes; reads all
	Approver = "approver" // approves what somebody else proposed; reads
	Auditor  = "auditor"  // reads all, the log too
	Service  = "service"  // records shares of its own system and reads their receipts
)

// Roles are all roles.
func Roles() []string { return []string{Admin, Legal, Approver, Auditor, Service} }

// Key is an API key, without its secret.
type Key struct {
	bun.BaseModel `bun:"table:api_keys" json:"-"`

	ID        uuid.UUID  `bun:"id,pk,type:uuid" json:"id"`
	Name      string     `bun:"name" json:"name"`
	Role      string     `bun:"role" json:"role"`
	System    string     `bun:"system" json:"system,omitempty"`
	Hash      []byte     `bun:"secret_hash" json:"-"`
	CreatedAt time.Time  `bun:"created_at" json:"created_at"`
	CreatedBy uuid.UUID  `bun:"created_by,type:uuid" json:"created_by"`
	ExpiresAt time.Time  `bun:"expires_at" json:"expires_at"`
	RevokedAt *time.Time `bun:"revoked_at" json:"revoked_at,omitempty"`
}

// KeyFields is what is said of a key when it is created.
type KeyFields struct {
	Name   string `json:"name"`
	Role   string `json:"role"`
	System string `json:"system,omitempty"` // of a service, and only of one
	// ExpiresAt is a year from now when it is zero, and at most five years from now.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// actor is who a key stands for.
func (k Key) actor() audit.Actor {
	return audit.Actor{Kind: "key", ID: k.ID, Role: k.Role, System: k.System}
}

// valid says whether the key works at t.
func (k Key) valid(t time.Time) bool { return k.RevokedAt == nil && t.Before(k.ExpiresAt) }

// body is what an entry says of a key: never its name.
func (k Key) body() audit.Object {
	return audit.Object{"key_id": k.ID.String(), "role": k.Role, "expires_at": k.ExpiresAt.Format(time.RFC3339Nano)}
}

// entry is the entry of what was done to the key.
func (k Key) entry(kind string, by audit.Actor, at time.Time) audit.Entry {
	return audit.Entry{ID: uuid.New(), Type: kind, Actor: by, OccurredAt: at, Body: k.body()}
}

// check fills in the expiry and refuses bad fields (Invalid), naming every one.
func (f *KeyFields) check(at time.Time) error {
	var bad []registry.Field
	refuse := func(pointer, sentence string) {
		bad = append(bad, registry.Field{Pointer: pointer, Sentence: sentence})
	}
	if !readable(f.Name) {
		refuse("/name", "must have 1 to 200 printable characters")
	}
	if !known(f.Role) {
		refuse("/role", "must be one of "+strings.Join(Roles(), ", "))
	}
	switch {
	case f.Role == Service && !readable(f.System):
		refuse("/system", "must name the system of a service, in 1 to 200 printable characters")
	case f.Role != Service && f.System != "":
		refuse("/system", "only a service has a system")
	}
	if f.ExpiresAt.IsZero() {
		f.ExpiresAt = at.AddDate(1, 0, 0)
	}
	f.ExpiresAt = f.ExpiresAt.UTC().Truncate(time.Microsecond)
	if !f.ExpiresAt.After(at) || f.ExpiresAt.After(at.AddDate(5, 0, 0)) {
		refuse("/expires_at", "must be later than now and at most five years from now")
	}
	if bad != nil {
		return &registry.Refusal{Kind: registry.Invalid, Sentence: "The key has bad fields.", Fields: bad}
	}
	return nil
}

func known(role string) bool {
	for _, r := range Roles() {
		if r == role {
			return true
		}
	}
	return false
}

func readable(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 1 && n <= 200 && utf8.ValidString(s) && strings.TrimSpace(s) != "" &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// prefix begins every secret, so that one that was leaked is recognised as ours.
const prefix = "onward_"

// digits of a secret: 43 of them hold 256 bits.
const (
	digits       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	secretLength = len(prefix) + 43
)

// newSecret is a secret of 43 random base62 digits: 256 bits.
func newSecret() string {
	secret := make([]byte, 0, secretLength)
	secret = append(secret, prefix...)
	var random [64]byte
	for len(secret) < secretLength {
		_, _ = rand.Read(random[:]) // never fails
		for _, b := range random {
			// 248 is 4 × 62: what is above would make some digits likelier.
			if b < 248 && len(secret) < secretLength {
				secret = append(secret, digits[b%62])
			}
		}
	}
	return string(secret)
}

// hash is under what a secret is kept; false for what cannot be a secret.
func hash(secret string) (h [sha256.Size]byte, possible bool) {
	if len(secret) != secretLength || !strings.HasPrefix(secret, prefix) {
		return h, false
	}
	var text [secretLength]byte // on the stack: every request with a key comes through here
	copy(text[:], secret)
	return sha256.Sum256(text[:]), true
}
