package audit

import (
	"context"
	"errors"
	"slices"
)

// launch sends the first n of crowd on their way, and returns the others. They are not sent when first somebody else must land, or when they
// are stuck: they must be appended in another way.
func (c *Committer) launch(l *lane, crowd []*waiting, n int) (rest []*waiting, stuck bool) {
	f := &flight{log: c.log, batch: crowd[:n:n]}
	if f.growth = c.guess(f.batch); (f.growth == nil || f.growth.mustLook(n)) && len(l.air) > 0 {
		return crowd, false
	}
	rest = crowd[n:]
	before := c.last
	c.last = nil
	if f.growth == nil {
		if err := l.lock(f, c.now(), c.crowd); err != nil {
			return crowd, true
		}
		c.meet(f.growth, before)
		if len(rest) == 0 {
			rest = c.join(f)
		}
	}
	if !c.depart(l, f) {
		return append(f.batch, rest...), true
	}
	return rest, false
}

// depart sends a flight, which knows where the log ends, on its way. When it says false, nothing of it is, and it must be appended in another way.
func (c *Committer) depart(l *lane, f *flight) bool {
	ctx := context.Background() // a lane has its own deadline
	f.answers = make([]answer, len(f.batch))
	if f.board(ctx) != nil || l.send(ctx, f) != nil {
		l.abandon()
		return false
	}
	c.last = f.growth.left()
	return true
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
