package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// flush appends a batch in one transaction and answers everyone in it. A fault of the batch that is not the database's absence
// may be one entry's: then each is tried alone, so that none loses another.
func (c *Committer) flush(batch []*waiting) {
	bare := !slices.ContainsFunc(batch, func(w *waiting) bool { return w.Then != nil })
	var g *growth
	if bare && !c.crowd {
		g = c.guess(batch)
	}
	err := c.try(batch, bare, g)
	if errors.Is(err, errStale) {
		c.crowd = true
		err = c.try(batch, bare, nil)
	}
	if errors.Is(err, errNotBare) {
		err = c.try(batch, false, nil)
	}
	for tries := 0; tries < 3 && lostToAnother(err); tries++ { // undone by the server, so that it can be tried again
		err = c.try(batch, false, nil)
	}
	switch {
	case err == nil:
	case len(batch) > 1 && !errors.Is(err, ErrUnavailable):
		for _, w := range batch {
			c.flush([]*waiting{w})
		}
	default:
		for _, w := range batch {
			w.answer <- answer{err: err}
		}
	}
}

// errNotBare means that the batch needs a transaction that is not bare: because an entry must be judged again, because one is in the log
// already, or because the connection was dead before anything was asked of it, which begin sees to.
var errNotBare = errors.New("not in a bare transaction")

// flight is one attempt to append a batch.
type flight struct {
	log      *Log
	tx       *transaction
	growth   *growth
	batch    []*waiting
	answers  []answer
	replayed []int // places in batch of those whose entry was in the log before
	settled  bool  // the outcome had to be looked up
}

// try appends a batch in one transaction. When it returns nil, everyone has been answered; else nobody, and nothing was written as
// far as can be known. A guess of the head, which is for a bare transaction, saves the reading of it.
func (c *Committer) try(batch []*waiting, bare bool, guess *growth) error {
	before := c.last
	c.last = nil
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	t, err := c.log.begin(ctx, bare)
	if err != nil {
		return refine(err)
	}
	defer t.rollback()
	f := &flight{log: c.log, tx: t, batch: batch, answers: make([]answer, len(batch)), growth: guess}
	if guess == nil {
		if err := f.lock(ctx, c); err != nil {
			return refine(err)
		}
		if before != nil {
			c.crowd = f.growth.head.size != before.edge.size
			f.growth.remember(before)
		}
	}
	for i := range batch {
		if err := f.take(ctx, i); err != nil {
			return refine(err)
		}
	}
	if err := f.finish(ctx); err != nil {
		return err
	}
	if len(f.growth.added) > 0 {
		c.log.tell()
		if !f.settled {
			c.last = &growth{origin: f.log.origin, head: f.growth.head, edge: f.growth.edge, seqs: f.growth.seqs, at: f.growth.at}
		}
	}
	for i, w := range batch {
		w.answer <- f.answers[i]
	}
	return nil
}

func (f *flight) lock(ctx context.Context, c *Committer) error {
	drafts := make([]*draft, 0, len(f.batch))
	for _, w := range f.batch {
		drafts = append(drafts, w.draft)
	}
	err := f.tx.pgx(func(conn *pgx.Conn) (err error) {
		f.growth, err = lock(ctx, conn, f.tx.bare, f.log.origin, c.now(), drafts)
		return err
	})
	if f.tx.bare && ctx.Err() == nil && isConnectionLost(err) {
		return errors.Join(errNotBare, err)
	}
	return err
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
		if f.tx.bare {
			return errNotBare // it may be a request that was recorded before
		}
		f.answers[i].err = ErrFrozen
		return nil
	}
	d := w.draft
	if w.Revise != nil && w.Epoch != f.growth.head.epoch {
		if f.tx.bare {
			return errNotBare
		}
		err := f.tx.attempt(ctx, guard(func() (err error) {
			d, err = f.revise(ctx, w)
			return err
		}))
		if err != nil {
			return f.fail(i, err)
		}
	}
	var a added
	err := f.tx.pgx(func(conn *pgx.Conn) (err error) {
		a, err = f.growth.place(ctx, conn, d)
		return err
	})
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
