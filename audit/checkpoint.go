package audit

import (
	"context"
	"time"
)

// Checkpoint is a published statement of the log's size and root, signed by the log's key (C2SP tlog-checkpoint).
type Checkpoint struct {
	// Size is the number of entries that it covers.
	Size int64
	// Root is the RFC 6962 root of those entries.
	Root []byte
	// Note is the signed note, with the cosignature lines that are known so far.
	Note []byte
	// SignedAt is the signer's clock.
	SignedAt time.Time
}

// Checkpoint reads the newest checkpoint; ErrNotFound while none was published.
func (l *Log) Checkpoint(ctx context.Context) (Checkpoint, error) {
	return l.readCheckpoint(ctx, 0)
}

// CheckpointCovering reads the newest checkpoint when it covers the entry at index; ErrNotFound when none does yet.
func (l *Log) CheckpointCovering(ctx context.Context, index int64) (Checkpoint, error) {
	return l.readCheckpoint(ctx, index+1)
}
