package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// flush appends a batch in one transaction, in which others can take part, and answers everyone in it.
func (c *Committer) flush(batch []*waiting) {
	err := c.try(batch)
	for tries := 0; tries < 3 && lostToAnother(err); tries++ { // undone by the server, so that it can be tried again
		err = c.try(batch)
	}
	if err != nil {
		c.giveUp(batch, err)
	}
}

// giveUp answers everyone in a batch that could not be written. A fault of the batch that is not the database's absence may be one entry's:
// then each is tried alone, so that none loses another.
func (c *Committer) giveUp(batch []*waiting, err error) {
	switch {
	case len(batch) > 1 && !errors.Is(err, ErrUnavailable):
		for _, w := range batch {
			c.flush([]*waiting{w})
		}
	default:
		for _, w := range batch {
			w.tell(answer{err: err})
		}
	}
}

// errNeedsTransaction means that an entry cannot be appended on a lane: because it must be judged again, or because the log is frozen and it
// may be a request that was recorded before.
var errNeedsTransaction = errors.New("it needs a transaction")

// flight is one attempt to append a batch.
type flight struct {
	log      *Log
	tx       *transaction // nil on a lane
	growth   *growth
	batch    []*waiting
	answers  []answer
	replayed []int // places in batch of those whose entry was in the log before
	settled  bool  // the outcome had to be looked up

	sent time.Time     // when it was sent on a lane
	took time.Duration // how long the server had it
	err  error         // why it was lost
}

// answer answers everyone in the batch.
func (f *flight) answer() {
	for i, w := range f.batch {
		w.tell(f.answers[i])
	}
}

func (f *flight) drafts() []*draft {
	drafts := make([]*draft, 0, len(f.batch))
	for _, w := range f.batch {
		drafts = append(drafts, w.draft)
	}
	return drafts
}

// try appends a batch in one transaction. When it returns nil, everyone has been answered; else nobody, and nothing was written as
// far as can be known.
func (c *Committer) try(batch []*waiting) error {
	before := c.last
	c.last = nil
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	t, err := c.log.begin(ctx)
	if err != nil {
		return refine(err)
	}
	defer t.rollback()
	f := &flight{log: c.log, tx: t, batch: batch, answers: make([]answer, len(batch))}
	err = t.pgx(func(conn *pgx.Conn) (err error) {
		f.growth, err = lock(ctx, conn, c.log.origin, c.now(), f.drafts())
		return err
	})
	if err != nil {
		return refine(err)
	}
	c.meet(f.growth, before)
	if err := f.board(ctx); err != nil {
		return refine(err)
	}
	if err := f.finish(ctx); err != nil {
		return err
	}
	if len(f.growth.added) > 0 {
		c.log.tell()
		if !f.settled {
			c.last = f.growth.left()
		}
	}
	f.answer()
	return nil
}

// board takes everyone in the batch.
func (f *flight) board(ctx context.Context) error {
	for i := range f.batch {
		if err := f.take(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// take decides what becomes of the i-th of the batch. It returns an error only when the whole flight is lost.
func (f *flight) take(ctx context.Context, i int) error {
	w := f.batch[i]
	if k, ok := f.growth.known[w.draft.ID]; ok {
		switch {
		case k.requestHash != w.draft.RequestHash:
			f.answers[i].err = ErrReused
		case k.index < f.growth.head.size:
			f.replayed = append(f.replayed, i)
		default: // asked for more than once in this batch
			f.answers[i].receipt = f.growth.receipt(f.growth.added[k.index-f.growth.head.size])
			f.answers[i].receipt.Replayed = true
		}
		return nil
	}
	if f.growth.head.frozen != "" {
		if f.tx == nil {
			return errNeedsTransaction
		}
		f.answers[i].err = ErrFrozen
		return nil
	}
	d := w.draft
	if w.Revise != nil && w.Epoch != f.growth.head.epoch {
		if f.tx == nil {
			return errNeedsTransaction
		}
		err := f.tx.attempt(ctx, guard(func() (err error) {
			d, err = f.revise(ctx, w)
			return err
		}))
		if err != nil {
			return f.fail(i, err)
		}
	}
	if err := f.know(ctx, d.VendorID); err != nil {
		return err
	}
	a, err := f.growth.place(d)
	if err != nil {
		return err
	}
	if w.Then != nil {
		err := f.tx.attempt(ctx, guard(func() error { return w.Then(ctx, f.tx.tx, d.Entry, f.growth.receipt(a)) }))
		if err != nil {
			return f.fail(i, err)
		}
	}
	f.answers[i].receipt = f.growth.add(a)
	return nil
}

// know reads the last number of a vendor that is not known because an entry was revised into one about it.
func (f *flight) know(ctx context.Context, vendor uuid.UUID) error {
	if _, known := f.growth.seqs[vendor]; known || vendor == uuid.Nil {
		return nil
	}
	return f.tx.pgx(func(conn *pgx.Conn) error {
		last, err := readSeq(ctx, conn, vendor)
		f.growth.seqs[vendor] = last
		return err
	})
}

// fail answers the i-th with its own error, unless the error is the transaction's.
func (f *flight) fail(i int, err error) error {
	if errors.Is(err, errBroken) {
		return err
	}
	f.answers[i].err = err
	return nil
}

func (f *flight) revise(ctx context.Context, w *waiting) (*draft, error) {
	e, err := w.Revise(ctx, f.tx.tx, f.growth.head.epoch)
	if err != nil {
		return nil, err
	}
	if e.ID != w.draft.ID {
		return nil, fmt.Errorf("entry %s was revised into another, %s", w.draft.ID, e.ID)
	}
	e.Links = w.draft.Links
	return newDraft(f.log.origin, e)
}

// guard turns a panic of f into an error: it would end the process, whose other entries are waiting.
func guard(f func() error) func() error {
	return func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic under the log's lock: %v", p)
			}
		}()
		return f()
	}
}
