package audit

import "time"

const (
	// forEntry is about what we take for an entry until it is sent, and what the database takes for it then.
	forEntry = 20 * time.Microsecond
	// cheap is what a transaction may take beyond that, most of all its commit, so that it is not worth much thought.
	cheap = time.Millisecond
	// full is how many entries share what a transaction takes so that hardly anything is left of it.
	full = 64
)

// pace is how a committer finds out whether a crowd is better appended in parts: one gets ready while others are on their way, and in
// exchange what a transaction takes however small it is is paid for each part.
type pace struct {
	fixed time.Duration // what a transaction took lately beyond what its entries take
	// parted is for tests: in parts, whatever it takes.
	parted bool
}

// parts is in how many a crowd is best appended.
func (p *pace) parts(crowd int) int {
	if p.parted || p.fixed < max(cheap, time.Duration(crowd)*forEntry) {
		return min(max(crowd/full, 2), 4)
	}
	return 1
}

// share is how many of those who are waiting are to be sent now, behind so many flights with so many entries that are on their way.
func (p *pace) share(waiting, flights, flying int) int {
	crowd := waiting + flying
	parts := p.parts(crowd)
	each := (crowd + parts - 1) / parts
	if flights >= parts || flights > 0 && 2*waiting < each {
		return 0
	}
	return min(waiting, each)
}

// learn takes in that a transaction of n entries took so long.
func (p *pace) learn(n int, took time.Duration) {
	p.fixed += (max(took-time.Duration(n)*forEntry, 0) - p.fixed) / 8
}
