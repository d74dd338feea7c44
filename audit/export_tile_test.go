package audit

import "golang.org/x/mod/sumdb/tlog"

// Pack is the edge as log_head keeps it.
func (e *Edge) Pack() []byte { return e.pack() }

// TilesRead counts, level by level, the tiles that are read for a proof.
func TilesRead(prove func(tlog.HashReader) error) (map[int]int, error) {
	count := make(map[int]int)
	err := prove(tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		_, slices := slicesFor(indexes)
		for _, s := range slices {
			count[s.level]++
		}
		return make([]tlog.Hash, len(indexes)), nil
	}))
	return count, err
}
