package audit

import (
	"runtime"
	"slices"
	"time"
)

const (
	// idle is how long a committer keeps a lane that nobody uses.
	idle = 20 * time.Millisecond
	// alone is how many looks at the head must show nobody else's entries until a committer guesses again.
	alone = 8
)

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
		lost = nil
		if len(crowd) == 0 && len(l.air) == 0 {
			if crowd, lost = c.await(l); len(crowd) == 0 && len(l.air) == 0 && len(lost) == 0 {
				return nil, nil, false
			}
		}
		if len(lost) == 0 {
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
		}
		if slices.ContainsFunc(lost, func(f *flight) bool { return !isStale(f.err) }) {
			return crowd, lost, false
		}
		crowd = c.again(lost, crowd)
	}
}

// again is who must be appended again because somebody else wrote, and those behind them.
func (c *Committer) again(lost []*flight, behind []*waiting) (crowd []*waiting) {
	for _, f := range lost {
		crowd = append(crowd, f.batch...)
	}
	c.crowd, c.alone = true, 0
	return append(crowd, behind...)
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

// await waits a while for somebody to come. Meanwhile it lends the lane: it returns the flights that were lost on it then, and there may be one
// on its way.
func (c *Committer) await(l *lane) (crowd []*waiting, lost []*flight) {
	for i := 0; i < 4 && !l.lone; i++ {
		if crowd := c.drain(nil); len(crowd) > 0 {
			return crowd, nil
		}
		runtime.Gosched() // whoever was answered just now may be about to ask again: a timer takes longer than that
	}
	timer := time.NewTimer(idle)
	defer timer.Stop()
	c.idle <- l
	for ended := false; ; {
		select {
		case w, open := <-c.queue:
			if ended = !open; open {
				crowd = []*waiting{w}
			}
		case <-timer.C:
		case lost := <-c.back:
			return nil, lost
		}
		select {
		case <-c.idle:
		case lost := <-c.back:
			return crowd, lost
		}
		left := idle - tick().Sub(l.arrived)
		if len(crowd) > 0 || left <= 0 || ended {
			return crowd, nil
		}
		timer.Reset(left) // somebody had the lane a moment ago
		c.idle <- l
	}
}
