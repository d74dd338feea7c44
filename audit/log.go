package audit

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// What Log refuses or cannot do; everything else is a fault.
var (
	// ErrReused means that the entry's id is in the log with another request.
	ErrReused = errors.New("the key was used for another request")
	// ErrBusy means that the queue is full: try again later.
	ErrBusy = errors.New("too many entries are waiting")
	// ErrUnavailable means that the entry is not in the log and the database does not answer: try again later with the same id.
	ErrUnavailable = errors.New("the log cannot be written now")
	// ErrNotFound means that the log has no such entry.
	ErrNotFound = errors.New("no such entry")
)

// Log is the audit log of one database.
type Log struct {
	db     *bun.DB
	origin string
}

// Head is the log's state.
type Head struct {
	Origin string
	Size   int64
	Epoch  int64
	Root   []byte
	LastAt time.Time
}

// Open returns the log of db and creates it, under origin, where there is none; an existing log keeps its origin. It makes the
// partitions of the month of at and the three after it.
func Open(ctx context.Context, db *bun.DB, origin string, at time.Time) (*Log, error) {
	panic("unbuilt")
}

// Origin is the log's name.
func (l *Log) Origin() string { return l.origin }

// AddMonths makes the partitions of the month of at and of the n months after it.
func (l *Log) AddMonths(ctx context.Context, at time.Time, n int) error { panic("unbuilt") }

// Change is the one place where a change begins: it runs do in a transaction, appends the entries that do returns, and commits both
// or neither. When it returns without error, the change and its entries are durable. at is the change's instant; the entries'
// recorded_at is at or, where the log is already later, the log's. Every Change moves the epoch. do returns no entries when
// there was nothing to change: then nothing is written.
func (l *Log) Change(ctx context.Context, at time.Time, do func(ctx context.Context, tx bun.Tx) ([]Entry, error)) ([]Receipt, error) {
	panic("unbuilt")
}

// Head reads the log's state.
func (l *Log) Head(ctx context.Context) (Head, error) { panic("unbuilt") }

// Entry reads one entry by its id; ErrNotFound where there is none.
func (l *Log) Entry(ctx context.Context, id uuid.UUID) (Stored, error) { panic("unbuilt") }

// Query selects entries; zero fields select all.
type Query struct {
	After    int64 // only entries with a greater index; -1 for all. With Newest: only entries with a smaller index; -1 for all.
	Newest   bool  // newest first
	Limit    int
	Type     string
	VendorID uuid.UUID
	ActorID  uuid.UUID
}

// Entries reads at most q.Limit entries in the order of their index.
func (l *Log) Entries(ctx context.Context, q Query) ([]Stored, error) { panic("unbuilt") }

// Verify reads the whole log and checks everything that can be checked from inside: indices without gaps, leaf hashes,
// tiles, edge and root, vendor sequences, times that never go back, columns that agree with their leaf, keys. It returns a *Fault
// that names the first bad index.
func (l *Log) Verify(ctx context.Context) error { panic("unbuilt") }

// Commit is the commitment to canonical JSON text under a random salt: SHA-256(label || 0x00 || salt || text).
func Commit(label string, salt [32]byte, text []byte) []byte { panic("unbuilt") }

// Canonical is v as RFC 8785 canonical JSON; it refuses invalid UTF-8 and, inside Object, anything but the types that Object allows.
func Canonical(v any) ([]byte, error) { panic("unbuilt") }
