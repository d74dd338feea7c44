package sharing

import (
	"context"
	"crypto/sha256"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// openException puts a violation before legal.
func (s sheet) openException(ctx context.Context, tx bun.Tx, j *judgement) error {
	id := entryID(s.by.ID, s.key)
	var codes []string
	for _, r := range j.reasons {
		if !slices.Contains(codes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	return insertException(ctx, tx, exceptionRow{
		ID: exceptionID(id), Kind: "violation", EntryID: id, VendorID: j.vendorID, Reasons: codes,
		OpenedAt: s.now,
	})
}

// exceptionID is the id of the exception that an entry opens.
func exceptionID(entry uuid.UUID) uuid.UUID {
	sum := sha256.Sum256([]byte("onward/exception/v1\x00" + entry.String()))
	return madeUUID(sum[:])
}
