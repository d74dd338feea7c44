package sharing

import (
	"crypto/hmac"
	"crypto/sha256"

	"github.com/google/uuid"

	"onward/registry"
)

// pageRows is how many leaves are read at a time: a page of the largest leaves has 16 MB, of usual ones a third of a megabyte.
const pageRows = 250

// page is a part of the log.
type page struct {
	leaves    []byte // one after the other
	ends      []int
	index     []int64
	corrected map[int64]uuid.UUID // by the share's index
	now       map[uuid.UUID]registry.Standing
}

func (p *page) clear() {
	p.leaves, p.ends, p.index, p.corrected = p.leaves[:0], p.ends[:0], p.index[:0], nil
}

func (p *page) add(index int64, leaf []byte) {
	p.leaves = append(p.leaves, leaf...)
	p.ends, p.index = append(p.ends, len(p.leaves)), append(p.index, index)
}

func (p *page) leaf(i int) []byte {
	begin := 0
	if i > 0 {
		begin = p.ends[i-1]
	}
	return p.leaves[begin:p.ends[i]]
}

// pages go round between who reads and who writes: there are never more than two.
type pages struct{ full, empty chan *page }

func newPages() *pages {
	p := &pages{full: make(chan *page), empty: make(chan *page, 2)}
	p.empty <- new(page)
	p.empty <- new(page)
	return p
}

// mac is HMAC-SHA-256(key, text).
func mac(key [32]byte, text string) [32]byte {
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte(text))
	return [32]byte(h.Sum(nil))
}
