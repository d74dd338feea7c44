package sharing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// supply is what of a vendor's data was passed on, and the first entry that says so.
type supply struct {
	span
	entry uuid.UUID
}

// supplied counts a share of what a vendor gave.
func supplied(sources map[string]*supply, r *Row) error {
	if r.SourceVendorID == "" {
		return nil
	}
	s := sources[r.SourceVendorID]
	if s == nil {
		entry, err := uuid.Parse(r.EntryID)
		if err != nil {
			return fmt.Errorf("read the leaf of share %s: %w", r.EntryID, err)
		}
		s = &supply{entry: entry}
		sources[r.SourceVendorID] = s
	}
	s.add(r.OccurredAt)
	return nil
}

// sources finds vendors whose data was passed on and for which nobody active answers now. Whom a vendor became a part of answers for it.
func (r *Reconciliation) sources(ctx context.Context, seen map[string]*supply, each func(*Finding) error) error {
	r.gone = nil
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		vendor, err := uuid.Parse(id)
		if err != nil {
			return fmt.Errorf("read the id of a source: %w", err)
		}
		line, err := lineageOf(vendor, r.now, r.gate.now(ctx))
		if err != nil {
			return refusal(fmt.Errorf("read source %s: %w", id, err))
		}
		of := sourceAt(line, r.now)
		if !of.gone() {
			continue
		}
		r.gone = append(r.gone, sourceException(of, seen[id].entry, r.now))
		f := Finding{
			Kind: SourceNotActive, VendorID: id, Vendor: of.name(), On: string(of.state), Sentence: fmt.Sprintf(findingSentences[SourceNotActive], of.state),
			Shares: seen[id].shares, First: seen[id].first, Last: seen[id].last,
		}
		if err := each(&f); err != nil {
			return err
		}
	}
	return nil
}

// open opens an exception for each source that is gone, and returns the ids of those that were not opened before.
func (r *Reconciliation) open(ctx context.Context, tx bun.Tx, now time.Time) (opened []string, err error) {
	if len(r.gone) == 0 {
		return nil, nil
	}
	if err := r.gate.log.LockHead(ctx, tx); err != nil { // the committer opens exceptions under it
		return nil, err //nolint:wrapcheck // says enough
	}
	for _, row := range r.gone {
		row.OpenedAt = registry.Instant(now)
		fresh, err := openException(ctx, tx, row)
		if err != nil {
			return nil, err
		}
		if fresh {
			opened = append(opened, row.ID.String())
		}
	}
	return opened, nil
}
