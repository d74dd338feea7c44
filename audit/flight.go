package audit

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

// finish writes and commits what was added, and fills in the answers.
func (f *flight) finish(ctx context.Context) error {
	err := f.tx.pgx(func(conn *pgx.Conn) error {
		if err := f.replay(ctx, conn); err != nil || len(f.growth.added) == 0 {
			return err
		}
		return f.growth.write(ctx, conn, f.growth.head.epoch)
	})
	switch {
	case err != nil:
		return refine(err)
	case len(f.growth.added) == 0:
		return nil
	}
	if err := f.tx.commit(); err != nil {
		return f.settle(ctx, err)
	}
	return nil
}

// replay reads the receipts of those whose entries were in the log before.
func (f *flight) replay(ctx context.Context, conn *pgx.Conn) error {
	if len(f.replayed) == 0 {
		return nil
	}
	drafts := make([]*draft, 0, len(f.replayed))
	for _, i := range f.replayed {
		drafts = append(drafts, f.batch[i].draft)
	}
	receipts, err := replays(ctx, conn, f.log.origin, f.growth.known, drafts)
	if err != nil {
		return err
	}
	for n, i := range f.replayed {
		f.answers[i].receipt = receipts[n]
	}
	return nil
}

// settle answers after a commit that returned an error. Whoever was refused by his own Revise or Then stays refused; all others
// get what the log says of their ids.
func (f *flight) settle(ctx context.Context, commit error) error {
	f.settled = true
	hashes := make(map[uuid.UUID]tlog.Hash, len(f.growth.added))
	for _, a := range f.growth.added {
		hashes[a.ID] = a.hash
	}
	again := make(map[int]bool)
	var places []int
	var drafts []*draft
	for i, a := range f.answers {
		if a.err == nil || errors.Is(a.err, ErrReused) {
			again[i] = a.receipt.Replayed
			places, drafts = append(places, i), append(drafts, f.batch[i].draft)
		}
	}
	answers, err := f.log.outcome(ctx, commit, drafts, hashes)
	if err != nil {
		return err
	}
	for n, i := range places {
		f.answers[i] = answers[n]
		f.answers[i].receipt.Replayed = f.answers[i].receipt.Replayed || again[i]
	}
	return nil
}
