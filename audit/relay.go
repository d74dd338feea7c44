package audit

import (
	"context"
	"runtime"
)

// relay appends a crowd by halves: while one flight is on its way, the next is made ready for the head that the first will leave, so that
// the server does not wait until entries are sealed. One flight at a time is on its way. When one fails, the next is taken apart and its
// entries are appended in the ordinary way. It returns when there is no crowd any more, or somebody in it who needs a look into the database.
func (c *Committer) relay(crowd []*waiting) {
	half := (len(crowd) + 1) / 2
	f := c.ready(c.last)
	if crowd = f.board(crowd, half); f == nil || len(f.batch) == 0 {
		c.flush(crowd)
		return
	}
	left := f.growth.left() // before the flight, which reads what it needs while the next is made ready
	landed := c.launch(f)
	for {
		next := c.ready(left)
		err := c.await(landed, next, &crowd, half)
		if err != nil || f.settled || next == nil {
			c.last = nil
			c.disband(f, err, next, crowd)
			return
		}
		c.log.tell()
		half = (min(len(f.batch)+len(next.batch)+len(crowd)+len(c.queue), c.batch) + 1) / 2
		late := len(next.batch) < half/2 // most of the crowd was in f, and must be answered before it can ask again
		if late {
			f.answer()
			crowd = c.fill(next, crowd, half)
		}
		if len(next.batch) < few {
			if !late {
				f.answer()
			}
			c.end(left, next, crowd)
			return
		}
		left = next.growth.left()
		landed = c.launch(next)
		if !late {
			f.answer()
		}
		f = next
	}
}

// end ends a relay: next is the last to fly, over left, and those of crowd are appended in the ordinary way.
func (c *Committer) end(left *growth, next *flight, crowd []*waiting) {
	c.last, c.pace.size = left, 0
	if len(next.batch) > 0 {
		err := c.carry(next)
		if c.last = nil; err == nil && !next.settled {
			c.last = next.growth.left()
		}
		c.disband(next, err, nil, nil)
	}
	if len(crowd) > 0 {
		c.flush(crowd)
	}
}

// disband ends a relay after f landed with err: whoever is in next, or waits behind it, is appended in the ordinary way.
func (c *Committer) disband(f *flight, err error, next *flight, crowd []*waiting) {
	if err != nil {
		c.conclude(f.batch, err)
	} else {
		c.log.tell()
		f.answer()
	}
	if next != nil && len(next.batch) > 0 {
		c.flush(next.batch)
	}
	if len(crowd) > 0 {
		c.flush(crowd)
	}
}

// ready is an empty flight from the head that left tells of; nil where nothing can be guessed.
func (c *Committer) ready(left *growth) *flight {
	g := left.next(c.now())
	if g == nil {
		return nil
	}
	return &flight{log: c.log, growth: g}
}

// board takes those of crowd into f, in their order, who need no look into the database, until f has n entries. It returns the others.
func (f *flight) board(crowd []*waiting, n int) []*waiting {
	for f != nil && len(crowd) > 0 && len(f.batch) < n && f.fits(crowd[0]) {
		f.batch, f.answers = append(f.batch, crowd[0]), append(f.answers, answer{})
		if err := f.take(context.Background(), len(f.batch)-1); err != nil {
			f.answers[len(f.batch)-1].err = err
		}
		crowd = crowd[1:]
	}
	return crowd
}

// fits tells whether w can be appended without a look into the database.
func (f *flight) fits(w *waiting) bool {
	return w.Then == nil && f.growth.knows(w.draft.VendorID) && (w.Revise == nil || w.Epoch == f.growth.head.epoch)
}

// launch writes and commits f beside the caller; what finish returns comes through the channel.
func (c *Committer) launch(f *flight) <-chan error {
	landed := make(chan error, 1)
	go func() { landed <- c.carry(f) }()
	return landed
}

func (c *Committer) carry(f *flight) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	t, err := c.log.begin(ctx, true)
	if err != nil {
		return refine(err)
	}
	defer t.rollback()
	f.tx = t
	return f.finish(ctx)
}

// await fills next, up to n entries, with those who come until a flight has landed. Whoever does not fit into it is added to crowd; then nobody else is
// let in before him.
func (c *Committer) await(landed <-chan error, next *flight, crowd *[]*waiting, n int) error {
	*crowd = next.board(*crowd, n)
	queue := c.queue
	for {
		if next == nil || len(*crowd) > 0 || len(next.batch) >= n {
			queue = nil
		}
		select {
		case err := <-landed:
			return err
		case w, open := <-queue:
			if !open {
				queue = nil
				continue
			}
			*crowd = next.board(append(*crowd, w), n)
		}
	}
}

// fill fills next with those who have been answered just now and ask again, as gather does.
func (c *Committer) fill(next *flight, crowd []*waiting, n int) []*waiting {
	for before := -1; len(crowd) == 0 && len(next.batch) > before && len(next.batch) < n; {
		before = len(next.batch)
		runtime.Gosched()
		for more := c.drain(nil); len(more) > 0; more = nil {
			crowd = next.board(more, n)
		}
	}
	return crowd
}
