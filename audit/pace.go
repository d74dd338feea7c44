package audit

import "time"

const (
	// crowded is how many entries make a crowd.
	crowded = 16
	// few is how many entries are written in about the time of a commit.
	few = 8
)

// pace is how fast the database commits and how fast those who were answered ask again. It tells what is faster for a crowd: that all
// commit together, or that one half gets ready while the other half commits, for which one commit more is paid.
type pace struct {
	commit time.Duration // what a flight of few takes; zero until there was one
	pause  time.Duration // between two flights of a crowd, for each entry of the second
	landed time.Time     // when the last flight had been answered
	size   int           // entries of the last flight
}

// flew takes note of a flight of n entries that was alone.
func (p *pace) flew(n int, begun, landed time.Time) {
	if paused := begun.Sub(p.landed); p.size >= crowded && n >= p.size/2 && paused > 0 {
		p.pause = lately(p.pause, paused/time.Duration(n))
	}
	if took := landed.Sub(begun); n <= few && took > 0 {
		p.commit = lately(p.commit, took)
	}
	p.landed, p.size = landed, n
}

// lately is a mean in which the newest value counts for a quarter.
func lately(before, now time.Duration) time.Duration {
	if before == 0 {
		return now
	}
	return before + (now-before)/4
}

// relays tells whether halves are faster for a crowd of n.
func (p *pace) relays(n int) bool {
	return n >= crowded && p.commit > 0 && p.commit < p.pause*time.Duration(n)
}
