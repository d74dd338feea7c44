package login

import (
	"context"
	"sync"
	"time"

	"onward/app/problem"
	"onward/audit"
)

const (
	// fresh is how long a key is trusted without asking the database: so long may one that was revoked on another instance live on.
	fresh = 900 * time.Millisecond
	// remembered bounds the memory that callers with made-up secrets can take.
	remembered = 4096
	// lookups bounds the connections that they can take.
	lookups = 4
)

// Authenticate says who the bearer of a secret is. It refuses a secret that is unknown, expired or revoked (Unauthorized), without
// saying which. The answer is at most a second old; unknown secrets are remembered too, and few are looked up at a time.
func (k *Keys) Authenticate(ctx context.Context, now time.Time, secret string) (audit.Actor, error) {
	h, possible := hash(secret)
	if !possible {
		return audit.Actor{}, problem.Refuse(problem.Unauthorized, "The key is not valid.")
	}
	key, err := k.cache.key(ctx, now, h)
	if err != nil {
		return audit.Actor{}, err
	}
	if key == nil || !key.valid(now) {
		return audit.Actor{}, problem.Refuse(problem.Unauthorized, "The key is not valid.")
	}
	return key.actor(), nil
}

// cache remembers for a moment what the database said of secrets, by their hash.
type cache struct {
	find   find
	mu     sync.Mutex
	known  map[[32]byte]*said
	tokens chan struct{}
}

// find asks the database of one secret.
type find func(context.Context, [32]byte) (Key, bool, error)

// said is what the database said, or is about to say, of one secret.
type said struct {
	at   time.Time     // when it was asked
	done chan struct{} // closed when key and err are there
	key  *Key          // nil when there is none
	err  error
	next *said // what is asked anew while this one still counts
}

// counts says whether it is new enough to be believed.
func (s *said) counts(now time.Time) bool {
	return s != nil && now.Sub(s.at) < fresh && !now.Before(s.at)
}

// answered says whether the database has answered, and whether well.
func (s *said) answered() (done, well bool) {
	select {
	case <-s.done:
		return true, s.err == nil
	default:
		return false, false
	}
}

func newCache(f find) *cache {
	return &cache{find: f, known: make(map[[32]byte]*said), tokens: make(chan struct{}, lookups)}
}

// key is what is remembered of h, or what find says. Callers that ask at once share one find; it does not end with the caller that
// happened to be first. What is half as old as it may be is asked anew beside the callers, so that a key in use never waits for it.
func (c *cache) key(ctx context.Context, now time.Time, h [32]byte) (*Key, error) {
	s := c.newest(ctx, now, h)
	select {
	case <-s.done:
		return s.key, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// newest is the newest of h that counts: answered where there is one, or else being asked.
func (c *cache) newest(ctx context.Context, now time.Time, h [32]byte) *said {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.known[h]
	if s != nil && s.next != nil {
		switch done, well := s.next.answered(); {
		case done && !well:
			s.next = nil
		case done || !s.counts(now):
			s = s.next
			c.known[h] = s
		}
	}
	switch {
	case !s.counts(now):
		s = c.begin(ctx, now, h)
		c.makeRoom(now)
		c.known[h] = s
	case s.next == nil && now.Sub(s.at) >= fresh/2:
		if done, _ := s.answered(); done {
			s.next = c.begin(ctx, now, h)
		}
	}
	return s
}

// begin asks.
func (c *cache) begin(ctx context.Context, now time.Time, h [32]byte) *said {
	s := &said{at: now, done: make(chan struct{})}
	go c.ask(context.WithoutCancel(ctx), h, s)
	return s
}

// ask fills in s. What went wrong is not remembered.
func (c *cache) ask(ctx context.Context, h [32]byte, s *said) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	defer close(s.done)
	select {
	case c.tokens <- struct{}{}:
		defer func() { <-c.tokens }()
	case <-ctx.Done():
		s.err = ctx.Err()
		c.drop(h, s)
		return
	}
	key, found, err := c.find(ctx, h)
	if err != nil {
		s.err = err
		c.drop(h, s)
	} else if found {
		s.key = &key
	}
}

// makeRoom removes what is no longer fresh when the memory is full, and, if all is, anything.
func (c *cache) makeRoom(now time.Time) {
	if len(c.known) < remembered {
		return
	}
	for h, s := range c.known {
		if now.Sub(s.at) >= fresh {
			delete(c.known, h)
		}
	}
	for h := range c.known {
		if len(c.known) < remembered {
			return
		}
		delete(c.known, h)
	}
}

// drop forgets s, unless something newer is in its place.
func (c *cache) drop(h [32]byte, s *said) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[h] == s {
		delete(c.known, h)
	}
}

// forget forgets what is known of h.
func (c *cache) forget(h [32]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, h)
}
