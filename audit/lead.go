package audit

import "time"

// lone is how long a caller holds its thread for its own entry.
const lone = 20 * time.Millisecond

// lead appends w on the lane that is lent, if there is one, in the caller's goroutine: where nobody else wants to append, the way to another
// goroutine and back takes a good part of the time. It says false when it has done nothing. When the outcome does not come soon, or the
// flight is lost, the lane goes back to where it came from, and w will be answered from there.
func (c *Committer) lead(w *waiting) bool {
	if c.unanswered.Load() > 1 {
		return false // somebody was first, perhaps the same caller
	}
	var l *lane
	select {
	case l = <-c.idle:
	default:
		return false
	}
	f := &flight{log: c.log, batch: []*waiting{w}}
	if l.lone && c.foresees(w) {
		f.growth = c.guess(f.batch)
	}
	if f.growth == nil {
		c.idle <- l
		return false
	}
	c.last = nil
	if !c.depart(l, f) {
		c.idle <- l
		return false
	}
	if !awaitBytes(l.conn.PgConn().Conn(), lone) {
		c.back <- nil
		return true
	}
	if lost := c.landNext(l); len(lost) > 0 {
		c.back <- lost
		return true
	}
	c.idle <- l
	return true
}

// foresees tells whether everything is known that is needed to append w without asking and without others.
func (c *Committer) foresees(w *waiting) bool {
	return w.Then == nil && c.last != nil && !c.last.mustLook(1) && (w.Revise == nil || w.Epoch == c.last.head.epoch)
}
