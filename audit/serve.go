package audit

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"time"
)

// alone is how many looks at the head must show nobody else's entries until a committer guesses again.
const alone = 8

// idle is how long a committer keeps a lane that nobody uses.
const idle = 20 * time.Millisecond

func (c *Committer) run() {
	defer close(c.done)
	for first := range c.queue {
		crowd := c.gather([]*waiting{first})
		for len(crowd) > 0 {
			crowd = c.serve(crowd)
		}
	}
}

// gather adds to crowd who is waiting now, as far as two batches. Those who were answered just now may be about to ask again: they get the
// processor first, as long as that brings anything, so that a crowd is not split into a small and a large batch by turns.
func (c *Committer) gather(crowd []*waiting) []*waiting {
	for before := -1; len(crowd) > before && len(crowd) < 2*c.batch; {
		before = len(crowd)
		runtime.Gosched()
		crowd = c.drain(crowd)
	}
	return crowd
}

// drain adds to crowd what is in the queue.
func (c *Committer) drain(crowd []*waiting) []*waiting {
	for len(crowd) < 2*c.batch {
		select {
		case w, open := <-c.queue:
			if !open {
				return crowd
			}
			crowd = append(crowd, w)
		default:
			return crowd
		}
	}
	return crowd
}

// serve appends those of crowd who come first, and returns who is still waiting. It goes by a lane, and then appends also who comes
// later, until nobody does any more; or in a transaction in which others take part, where one of the crowd needs that or a lane cannot be had.
func (c *Committer) serve(crowd []*waiting) (rest []*waiting) {
	rest, stuck := crowd, true
	var lost []*flight
	if !slices.ContainsFunc(crowd, needsTransaction) {
		c.log.onLane(func(l *lane) { rest, lost, stuck = c.relay(l, crowd) })
	}
	for _, f := range lost {
		c.conclude(f)
	}
	if !stuck {
		return rest
	}
	n := min(len(rest), c.batch)
	c.flush(rest[:n])
	return rest[n:]
}

func needsTransaction(w *waiting) bool { return w.Then != nil }

// relay appends crowd on a lane, and whoever comes later, until nobody has come for a while. It returns who is still waiting, the flights
// that were lost, in their order, and whether the first who wait must be appended in another way.
func (c *Committer) relay(l *lane, crowd []*waiting) (rest []*waiting, lost []*flight, stuck bool) {
	for {
		if len(crowd) == 0 && len(l.air) == 0 {
			if crowd = c.await(); len(crowd) == 0 {
				return nil, nil, false
			}
		}
		crowd = c.gather(crowd)
		stuck = slices.ContainsFunc(crowd, needsTransaction)
		if n := c.share(len(crowd), l); n > 0 && !stuck {
			before := len(l.air)
			if crowd, stuck = c.launch(l, crowd, n); len(l.air) > before {
				continue // perhaps the next part can go at once
			}
		}
		if len(l.air) == 0 {
			return crowd, nil, stuck
		}
		if lost = c.landNext(l); len(lost) == 0 {
			continue
		}
		if !slices.ContainsFunc(lost, func(f *flight) bool { return !isStale(f.err) }) {
			again := crowd
			crowd = nil
			for _, f := range lost {
				crowd = append(crowd, f.batch...)
			}
			crowd, c.crowd, c.alone = append(crowd, again...), true, 0
			continue
		}
		return crowd, lost, false
	}
}

// share is how many of those who are waiting are to be sent now. Where others write too, the head must be read each time, and nobody is sent
// behind others.
func (c *Committer) share(waiting int, l *lane) int {
	switch {
	case !c.crowd:
		return min(c.pace.share(waiting, len(l.air), l.flying()), c.batch)
	case len(l.air) > 0:
		return 0
	default:
		return min(waiting, c.batch)
	}
}

// await waits a while for somebody to come.
func (c *Committer) await() []*waiting {
	for range 4 {
		if crowd := c.drain(nil); len(crowd) > 0 {
			return crowd
		}
		runtime.Gosched() // whoever was answered just now may be about to ask again: a timer takes longer than that
	}
	timer := time.NewTimer(idle)
	defer timer.Stop()
	select {
	case w, open := <-c.queue:
		if open {
			return []*waiting{w}
		}
	case <-timer.C:
	}
	return nil
}

// launch sends the first n of crowd on their way, and returns the others. They are not sent when first somebody else must land, or when they
// are stuck: they must be appended in another way.
func (c *Committer) launch(l *lane, crowd []*waiting, n int) (rest []*waiting, stuck bool) {
	ctx := context.Background() // a lane has its own deadline
	f := &flight{log: c.log, batch: crowd[:n:n]}
	if f.growth = c.guess(f.batch); (f.growth == nil || f.growth.mustLook(n)) && len(l.air) > 0 {
		return crowd, false
	}
	rest = crowd[n:]
	before := c.last
	c.last = nil
	if f.growth == nil {
		if err := l.lock(f, c.now()); err != nil {
			return crowd, true
		}
		c.meet(f.growth, before)
		if len(rest) == 0 {
			rest = c.join(f)
		}
	}
	f.answers = make([]answer, len(f.batch))
	if err := f.board(ctx); err != nil {
		l.abandon()
		return append(f.batch, rest...), true
	}
	if err := l.send(ctx, f); err != nil {
		l.abandon()
		return append(f.batch, rest...), true
	}
	c.last = f.growth.left()
	return rest, false
}

// join takes into a flight those who have come while the head's lock was waited for, as far as it knows of their vendors. It returns the others.
func (c *Committer) join(f *flight) (rest []*waiting) {
	rest = c.drain(nil)
	for len(rest) > 0 && len(f.batch) < c.batch && rest[0].Then == nil && f.growth.knows(rest[0].draft.VendorID) {
		f.batch, rest = append(f.batch, rest[0]), rest[1:]
	}
	return rest
}

// meet compares the head that was locked with what this committer left before.
func (c *Committer) meet(g, before *growth) {
	if before == nil {
		return
	}
	if c.alone++; g.head.size != before.edge.size {
		c.alone = 0
	}
	c.crowd = c.alone < alone
	g.remember(before)
}

// landNext waits for the oldest flight and answers everyone in it. When it is lost, so are those behind it, for they expect the head that
// it would have left: then landNext waits for all and returns those that are lost.
func (c *Committer) landNext(l *lane) (lost []*flight) {
	for {
		f := l.land()
		if f.err == nil {
			c.pace.learn(len(f.batch), f.took)
			c.log.tell()
			f.answer()
		} else {
			c.last = nil
			lost = append(lost, f)
		}
		if len(lost) == 0 || len(l.air) == 0 {
			return lost
		}
	}
}

// conclude goes on after a flight was lost, until everyone in it is answered.
func (c *Committer) conclude(f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if isKnownKey(f.err) || isStale(f.err) || lostToAnother(f.err) {
		c.flush(f.batch)
		return
	}
	if err := f.settle(ctx, f.err); err != nil {
		c.giveUp(f.batch, err)
		return
	}
	if slices.ContainsFunc(f.answers, func(a answer) bool { return errors.Is(a.err, errLost) }) {
		c.flush(f.batch) // it was not written, and it will not appear later
		return
	}
	c.log.tell()
	f.answer()
}
