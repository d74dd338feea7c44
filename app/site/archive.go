package site

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"onward/registry"
	"onward/registry/publishing"
)

// Limits that keep questions about the past from taking the database away from everybody else.
const (
	buildsAtOnce = 2
	waitForBuild = 3 * time.Second
	buildWithin  = 15 * time.Second
	pastKept     = 32
	settledAfter = time.Minute // a change that is being committed may bear an earlier instant
)

// archive reads what never changes, such as lists of the past, and keeps the last few.
type archive struct {
	slots   chan struct{}
	flights singleflight.Group
	mu      sync.Mutex
	kept    []old // the last used first
}

// old is something of the past.
type old struct {
	key   string
	value any
}

func newArchive() *archive { return &archive{slots: make(chan struct{}, buildsAtOnce)} }

// listAt is the list as it stood at t. It refuses (Busy) when too many others are being made.
func (s *Site) listAt(ctx context.Context, t, now time.Time) (publishing.List, error) {
	settled := now.Sub(t) > settledAfter
	return recall(ctx, s.past, "list "+t.Format(time.RFC3339Nano), settled, func(ctx context.Context) (publishing.List, error) {
		return s.options.Build(ctx, t)
	})
}

// release is a release with its list. It refuses one that there is not (NotFound), and (Busy) as listAt does.
func (s *Site) release(ctx context.Context, number int64) (publishing.Released, error) {
	if s.options.Release == nil {
		return publishing.Released{}, registry.Refuse(registry.NotFound, "There is no release %d.", number)
	}
	return recall(ctx, s.past, fmt.Sprint("release ", number), true, func(ctx context.Context) (publishing.Released, error) {
		return s.options.Release(ctx, number)
	})
}

// earlier is the history before a release; settled tells that there is that release, so that no other can come before it. It refuses (Busy) as
// listAt does.
func (s *Site) earlier(ctx context.Context, now time.Time, before int64, settled bool) (publishing.History, error) {
	return recall(ctx, s.past, fmt.Sprint("before ", before), settled, func(ctx context.Context) (publishing.History, error) {
		return s.options.History(ctx, now, before)
	})
}

// recall is what is kept under key, or else what read reads; that is kept where it is settled. Of several who want the same, one reads it.
func recall[T any](ctx context.Context, a *archive, key string, settled bool, read func(context.Context) (T, error)) (T, error) {
	var none T
	if value, ok := a.find(key); ok {
		return value.(T), nil
	}
	result := a.flights.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), buildWithin)
		defer cancel()
		timer := time.NewTimer(waitForBuild)
		defer timer.Stop()
		select {
		case a.slots <- struct{}{}:
			defer func() { <-a.slots }()
		case <-timer.C:
			return none, registry.Refuse(registry.Busy, "Too many lists of the past are being made. Please try again in a moment.")
		}
		value, err := read(ctx)
		if err == nil && settled {
			a.keep(old{key, value})
		}
		return value, err
	})
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return none, r.Err
		}
		return r.Val.(T), nil
	}
}

func (a *archive) find(key string) (any, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, o := range a.kept {
		if o.key == key {
			copy(a.kept[1:i+1], a.kept[:i])
			a.kept[0] = o
			return o.value, true
		}
	}
	return nil, false
}

func (a *archive) keep(o old) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept = append([]old{o}, a.kept...)
	if len(a.kept) > pastKept {
		a.kept = a.kept[:pastKept]
	}
}
