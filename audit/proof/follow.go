package proof

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// Fetch reads a path of C2SP tlog-tiles: "checkpoint", "tile/…", "tile/entries/…". It is called from several goroutines at once, and must
// bound what it reads. What the log does not have is ErrAbsent.
type Fetch func(ctx context.Context, path string) ([]byte, error)

// ErrAbsent is in the error of a Fetch when the log says that it does not have what was asked for.
var ErrAbsent = errors.New("the log does not have it")

// MaxFetch is more bytes than any path has: 256 leaves with their lengths.
const MaxFetch = tileWidth * (2 + maxLeaf)

// FollowOptions are how a log is followed.
type FollowOptions struct {
	// Previous is an earlier checkpoint, signed; nil when there is none. The log must only have grown since.
	Previous []byte
	// HashesOnly reads no entries: for whoever may not see them. The leaves' hashes still make the signed root.
	HashesOnly bool
}

// Follow reads a whole log and proves that it is what its checkpoint says: that is signed as the policy demands, the hashes make its
// root, and every leaf has its hash, is as its version demands, is of this log, was recorded no earlier than the one before, and
// has the next number of its vendor. It returns a *Fault that names the first bad index. Memory does not grow with the log: what it
// keeps are a few hundred entries and one counter for each vendor.
//
// Of a log that was pruned the first entries are absent. Then their hashes must make the signed root all the same, and entries must tell of
// what was pruned: of all of it, and of the numbers of each vendor that are missing. Entries in one tile with pruned ones are not served
// either: at most 255, of which the hashes alone are proved.
func Follow(ctx context.Context, fetch Fetch, p Policy, o FollowOptions) (Proved, error) {
	signed, err := fetch(ctx, "checkpoint")
	if err != nil {
		return Proved{}, fmt.Errorf("checkpoint: %w", err)
	}
	c, err := OpenCheckpoint(signed, p)
	if err != nil {
		return Proved{}, err
	}
	t, err := openTree(ctx, c.Size, c.Root, func(ctx context.Context, level int, n int64, width int) ([]byte, error) {
		return fetch(ctx, TilePath(level, n, width))
	})
	if err != nil {
		return Proved{}, err
	}
	proved := Proved{Checkpoint: c, Rows: -1, HashesOnly: o.HashesOnly, Leaves: c.Size, Last: c.Size - 1}
	if o.Previous != nil {
		if proved.Previous, err = since(ctx, t, o.Previous, p); err != nil {
			return Proved{}, err
		}
	}
	f := follower{tree: t, fetch: fetch, hashesOnly: o.HashesOnly, order: newOrder(c.Origin, true)}
	if err := f.run(ctx); err != nil {
		return Proved{}, err
	}
	if f.kept > 0 {
		if proved.Pruned, err = f.told(); err != nil {
			return Proved{}, err
		}
		proved.First, proved.Unread = f.kept, f.kept-proved.Pruned
		proved.Leaves -= f.kept
	}
	proved.Vendors, proved.Unknown, proved.Types = len(f.order.seqs), f.order.unknown, f.order.types
	return proved, nil
}

// follower reads tile after tile of the leaves: several are fetched, hashed and read at once, and told one after the other.
type follower struct {
	tree       *tree
	fetch      Fetch
	hashesOnly bool
	order      *order
	spare      sync.Pool
	kept       int64 // where the first tile begins whose entries are there
	begun      bool  // an entry was read
}

// slice is a tile of level 0 with its leaves, as the log serves them: nothing of it is proved yet.
type slice struct {
	n      int64
	width  int
	hashes []tlog.Hash
	root   tlog.Hash
	leaves []members
	wrong  []string // per leaf: what ReadLeaf would refuse
	fault  *Fault   // the leaves end too early
	absent bool     // the log does not have the leaves: hashes are all there is
	err    error
}

// job is a slice that will be there.
type job struct {
	n    int64
	done chan *slice
}

func (f *follower) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	count := (f.tree.size + tileWidth - 1) / tileWidth
	parallel := max(4, runtime.GOMAXPROCS(0))
	jobs, order := make(chan job), make(chan job, 2*parallel)
	for range parallel {
		workers.Go(func() {
			for j := range jobs {
				j.done <- f.load(ctx, j.n)
			}
		})
	}
	workers.Go(func() {
		defer close(jobs)
		defer close(order)
		for n := range count {
			j := job{n, make(chan *slice, 1)}
			select {
			case order <- j:
			case <-ctx.Done():
				return
			}
			select {
			case jobs <- j:
			case <-ctx.Done():
				return
			}
		}
	})
	for j := range order {
		select {
		case s := <-j.done:
			if err := f.check(ctx, s); err != nil {
				return err
			}
			f.spare.Put(s)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// load fetches and hashes a slice.
func (f *follower) load(ctx context.Context, n int64) *slice {
	s, ok := f.spare.Get().(*slice)
	if !ok {
		s = &slice{}
	}
	*s = slice{n: n, width: widthAt(f.tree.size, 0, n), hashes: s.hashes[:0], leaves: s.leaves[:0], wrong: s.wrong[:0]}
	var data []byte
	if !f.hashesOnly {
		data, s.err = f.fetch(ctx, EntriesPath(n, s.width))
		s.absent = errors.Is(s.err, ErrAbsent) && s.width == tileWidth
	}
	switch {
	case f.hashesOnly || s.absent:
		data, s.err = f.fetch(ctx, TilePath(0, n, s.width))
		if s.hashes = unpack(data, s.hashes); len(data) != s.width*tlog.HashSize {
			s.fault = &Fault{n * tileWidth, LeafMissing, "the log does not serve the hashes from here on"}
		}
	default:
		s.read(data)
	}
	if len(s.hashes) == s.width {
		var room [tileWidth]tlog.Hash
		s.root = merkle(append(room[:0], s.hashes...))
	}
	return s
}

// read reads the leaves of an entry bundle.
func (s *slice) read(data []byte) {
	for len(data) > 0 && len(s.hashes) < s.width {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			break
		}
		leaf := data[2:][:binary.BigEndian.Uint16(data)]
		data = data[2+len(leaf):]
		s.hashes = append(s.hashes, tlog.RecordHash(leaf))
		s.leaves = append(s.leaves, members{})
		s.wrong = append(s.wrong, s.leaves[len(s.leaves)-1].read(leaf))
	}
	if index := s.n*tileWidth + int64(len(s.hashes)); len(s.hashes) < s.width {
		s.fault = &Fault{index, LeafMissing, "the log does not serve the entry"}
	} else if len(data) > 0 {
		s.fault = &Fault{index, OutOfScope, "the log serves more entries than its checkpoint has"}
	}
}

// check proves a slice and follows the entries in it, up to the first that is not as it must be.
func (f *follower) check(ctx context.Context, s *slice) error {
	if s.err != nil {
		return fmt.Errorf("the entries from index %d on: %w", s.n*tileWidth, s.err)
	}
	good, fault, err := f.proved(ctx, s)
	if err != nil {
		return err
	}
	switch {
	case s.absent && f.begun:
		return &Fault{s.n * tileWidth, LeafMissing, "the log does not serve the entries from here on, and serves some before them"}
	case s.absent && fault == nil:
		f.kept, f.order.pruning.happened = (s.n+1)*tileWidth, true
		return nil
	case !f.hashesOnly:
		f.begun = true
	}
	for i := range min(good, len(s.leaves)) {
		index := s.n*tileWidth + int64(i)
		if s.wrong[i] != "" {
			return &Fault{index, LeafMalformed, s.wrong[i]}
		}
		if fault := f.order.next(index, &s.leaves[i]); fault != nil {
			return fault
		}
	}
	if fault != nil {
		return fault
	}
	return nil
}

// told checks that entries tell of the entries that are absent, and returns how many of them were pruned.
func (f *follower) told() (int64, error) {
	pruned := int64(-1)
	for next := range f.order.pruning.nexts {
		if next <= f.kept && next > f.kept-tileWidth {
			pruned = max(pruned, next)
		}
	}
	if pruned < 0 {
		return 0, &Fault{0, LeafMissing, fmt.Sprintf("the log does not serve the entries before %d, and no entry tells that they were pruned", f.kept)}
	}
	if fault := f.order.pruning.sequencesTold(f.kept - pruned); fault != nil {
		return 0, fault
	}
	return pruned, nil
}

// proved is how many of the slice's hashes, from the first on, are in the tree; and what is wrong with the next one, if there is one.
func (f *follower) proved(ctx context.Context, s *slice) (int, *Fault, error) {
	if len(s.hashes) == tileWidth {
		want, err := f.tree.rootOf(ctx, 0, s.n)
		if err != nil {
			return 0, nil, err
		}
		if want == s.root {
			return tileWidth, s.fault, nil
		}
	}
	hashes, err := f.tree.tile(ctx, 0, s.n)
	var fault *Fault
	if errors.As(err, &fault) && !f.hashesOnly && !s.absent {
		return 0, &Fault{s.n * tileWidth, LeafAltered, "neither the entries from here on nor their hashes are those that the log signed"}, nil
	}
	if err != nil {
		return 0, nil, err
	}
	for i, h := range s.hashes {
		if h != hashes[i] {
			return i, &Fault{s.n*tileWidth + int64(i), LeafAltered, "the leaf is not the one that the log signed"}, nil
		}
	}
	return len(s.hashes), s.fault, nil
}
