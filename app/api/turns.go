package api

import "sync"

// turns lets those that share a key go one after the other, in the order in which they took their turn.
type turns struct {
	mu   sync.Mutex
	last map[string]turn
}

// turn is over when its own channel is closed, and begins when the one before it is over.
type turn struct{ before, over chan struct{} }

// take is the turn after the last one that was taken under key.
func (t *turns) take(key string) turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = make(map[string]turn)
	}
	next := turn{before: t.last[key].over, over: make(chan struct{})}
	t.last[key] = next
	return next
}

// wait returns when the turn begins.
func (t turn) wait() {
	if t.before != nil {
		<-t.before
	}
}

// end ends a turn.
func (t *turns) end(key string, ended turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last[key] == ended {
		delete(t.last, key)
	}
	close(ended.over)
}
