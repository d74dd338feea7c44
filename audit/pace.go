package audit

import "time"

// pace is how a committer finds out whether a crowd is better appended by halves: one gets ready while the other is on its way, and in
// exchange what a transaction takes however small it is, most of all its commit, is paid twice.
type pace struct {
	each  time.Duration // what it takes to get one entry ready, when many are
	fixed time.Duration // what a transaction takes beyond what its entries take
	// always is for tests: by halves, whatever it takes.
	always bool
}

// share is how many of those who are waiting are to be sent now, while as many as flying are on their way.
func (p *pace) share(flying, waiting int) int {
	total := flying + waiting
	halves := p.always || p.fixed < time.Duration(total)*p.each
	switch {
	case flying == 0 && halves:
		return (waiting + 1) / 2
	case flying == 0:
		return waiting
	case halves && 3*waiting >= total:
		return min(waiting, (total+1)/2)
	default:
		return 0
	}
}

// learn takes in that n entries took so long to get ready, and then so long to be committed. The database takes about as long for an entry as
// we do.
func (p *pace) learn(n int, ready, committed time.Duration) {
	p.each += (ready/time.Duration(n) - p.each) / 8
	p.fixed += (max(committed-ready, 0) - p.fixed) / 8
}
