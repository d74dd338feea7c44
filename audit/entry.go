package audit

import (
	"time"

	"github.com/google/uuid"
)

// Object is a JSON object of a leaf. Its values are string, bool, []string, Object or []Object: a leaf has no numbers, so
// that no reader can round one. Keys are ASCII.
type Object map[string]any

// Actor is who did something: an API key, a user, or the program itself at the command line.
type Actor struct {
	Kind string    `json:"kind"` // key, user or program
	ID   uuid.UUID `json:"id"`
	Role string    `json:"role"` // admin, legal, approver, auditor or service
	// System is the system that a service's key belongs to. It is not part of an entry's actor.
	System string `json:"system,omitempty"`
}

// Program is the actor of what the program does by itself or at its own command line.
var Program = Actor{Kind: "program", ID: uuid.MustParse("00000000-0000-8000-8000-000000000001"), Role: "admin"}

// Entry is one line of the log before it has a place in it.
type Entry struct {
	// ID names the entry for ever. For a request that can be retried it is derived from the request's key, so that the same
	// request finds its own entry.
	ID uuid.UUID
	// Type is noun.verb: vendor.created, share.recorded.
	Type string
	// Actor is who did it.
	Actor Actor
	// OccurredAt is when it was true in the world.
	OccurredAt time.Time
	// VendorID puts the entry into that vendor's own sequence; uuid.Nil means that it is about no vendor.
	VendorID uuid.UUID
	// Body is what the type says: codes, ids, dates and frozen names; never personal data.
	Body Object
	// Text is the body as a Builder wrote it, instead of Body.
	Text []byte
	// Commitment is Commit of something kept outside the log; nil when there is nothing.
	Commitment []byte
	// Detail is stored beside the log when the committed text has no table of its own.
	Detail *Detail
	// Links make the entry findable; stored beside the log, each erasable without the others.
	Links []Link
	// RequestHash tells a retry (same ID, same hash) from another request (same ID, other hash). Zero for entries that are
	// not requests.
	RequestHash [32]byte
}

// Detail is what an entry commits to: canonical JSON and the salt that opens the commitment.
type Detail struct {
	Salt [32]byte
	JSON []byte
}

// Link makes an entry findable under a lookup. The database keeps the lookup apart from the entries, behind a random value that is drawn
// for it: once that row is gone, the lookup leads nowhere, and the same lookup starts anew.
type Link struct {
	// Lookup is a keyed pseudonym.
	Lookup [32]byte
	// Salt opens what the entry's detail commits to about this lookup. It is kept with the link and erased with it.
	Salt [32]byte
}

// Receipt says where an entry stands. The same request always gets the same receipt.
type Receipt struct {
	Log        string    `json:"log"`
	Index      int64     `json:"index,string"`
	EntryID    uuid.UUID `json:"entry_id"`
	LeafHash   []byte    `json:"leaf_hash"` // SHA-256(0x00 || leaf); base64 in JSON
	RecordedAt time.Time `json:"recorded_at"`
	// Replayed is true when the entry was there before this request.
	Replayed bool `json:"-"`
}

// Stored is an entry as it stands in the log.
type Stored struct {
	Receipt
	Type       string
	OccurredAt time.Time
	ActorID    uuid.UUID
	VendorID   uuid.UUID // uuid.Nil when it is about no vendor
	VendorSeq  int64     // 0 when it is about no vendor
	Leaf       []byte    // canonical JSON, byte for byte as hashed
}
