package audit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

const (
	defaultLimit = 1000
	maxLimit     = 10_000
)

// Query selects entries; zero fields select all.
type Query struct {
	After    int64 // only entries with a greater index; -1 for all. With Newest: only entries with a smaller index; -1 for all.
	Newest   bool  // newest first
	Limit    int   // at most 10,000; 0 means 1,000
	Type     string
	VendorID uuid.UUID
	ActorID  uuid.UUID
}

// Entry reads one entry by its id; ErrNotFound where there is none, of
// which ErrPruned is one that was pruned.
func (l *Log) Entry(ctx context.Context, id uuid.UUID) (Stored, error) {
	return l.readEntry(ctx, id)
}

// Entries reads at most q.Limit entries in the order of their index.
func (l *Log) Entries(ctx context.Context, q Query) ([]Stored, error) {
	if q.Limit < 0 || q.Limit > maxLimit {
		return nil, fmt.Errorf("read entries: a limit of %d", q.Limit)
	}
	if q.Limit == 0 {
		q.Limit = defaultLimit
	}
	return l.readEntries(ctx, q)
}
