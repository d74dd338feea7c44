package registry

import (
	"crypto/sha256"
	"encoding/base64"
	stdjson "encoding/json"
	"strings"

	"github.com/google/uuid"
)

// The bounds of a page.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// window is a part of an ordered list: what follows a key, at most limit items.
type window struct {
	limit int
	key   string    // sort key of the last item before; empty on the first page
	id    uuid.UUID // and its id
	query string    // fingerprint of what was asked
}

// position is what a cursor says, between the ends of its base64url.
type position struct {
	Query string    `json:"q"`
	Key   string    `json:"k"`
	ID    uuid.UUID `json:"i"`
}

// newWindow reads limit (50 when 0) and cursor. It refuses (Invalid) a limit outside 1..200 and a cursor that was not given out for the
// same question, which asked spells out.
func newWindow(limit int, cursor string, asked ...string) (window, error) {
	sum := sha256.Sum256([]byte(strings.Join(asked, "\x00")))
	w := window{limit: limit, query: base64.RawURLEncoding.EncodeToString(sum[:9])}
	if w.limit == 0 {
		w.limit = defaultLimit
	}
	if w.limit < 1 || w.limit > maxLimit {
		return window{}, InvalidField("/limit", "must be a whole number from 1 to %d", maxLimit)
	}
	if cursor == "" {
		return w, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return window{}, foreignCursor()
	}
	var p position
	if err := stdjson.Unmarshal(text, &p); err != nil || p.Query != w.query || p.Key == "" || strings.ContainsRune(p.Key, 0) {
		return window{}, foreignCursor()
	}
	w.key, w.id = p.Key, p.ID
	return w, nil
}

// next is the cursor of what follows the item with that key and id.
func (w window) next(key string, id uuid.UUID) string {
	text, err := stdjson.Marshal(position{Query: w.query, Key: key, ID: id})
	if err != nil {
		return "" // two strings and a UUID can always be written
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// keyIsInstant refuses a cursor that somebody else made.
func (w window) keyIsInstant() error {
	if _, err := parseInstant([]byte(w.key)); err != nil {
		return foreignCursor()
	}
	return nil
}

func foreignCursor() *Refusal {
	return InvalidField("/cursor", "is not a cursor of this list with these filters and this order; leave it out to begin again")
}
