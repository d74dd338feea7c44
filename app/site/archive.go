package site

import (
	"context"
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

// archive makes lists of the past and keeps the last few: what was known at an instant never changes.
type archive struct {
	build   func(context.Context, time.Time) (publishing.List, error)
	slots   chan struct{}
	flights singleflight.Group
	mu      sync.Mutex
	kept    []publishing.List // the last used first
}

func newArchive(build func(context.Context, time.Time) (publishing.List, error)) *archive {
	return &archive{build: build, slots: make(chan struct{}, buildsAtOnce)}
}

// at is the list as it stood at t. It refuses (Busy) when too many others are being made.
func (a *archive) at(ctx context.Context, t, now time.Time) (publishing.List, error) {
	if list, ok := a.recall(t); ok {
		return list, nil
	}
	result := a.flights.DoChan(t.Format(time.RFC3339Nano), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), buildWithin)
		defer cancel()
		return a.make(ctx, t, now)
	})
	select {
	case <-ctx.Done():
		return publishing.List{}, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return publishing.List{}, r.Err
		}
		return r.Val.(publishing.List), nil
	}
}

func (a *archive) make(ctx context.Context, t, now time.Time) (publishing.List, error) {
	timer := time.NewTimer(waitForBuild)
	defer timer.Stop()
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-timer.C:
		return publishing.List{}, registry.Refuse(registry.Busy, "Too many lists of the past are being made. Please try again in a moment.")
	}
	list, err := a.build(ctx, t)
	if err == nil && now.Sub(t) > settledAfter {
		a.keep(list)
	}
	return list, err
}

func (a *archive) recall(t time.Time) (publishing.List, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, list := range a.kept {
		if list.AsOf.Equal(t) {
			copy(a.kept[1:i+1], a.kept[:i])
			a.kept[0] = list
			return list, true
		}
	}
	return publishing.List{}, false
}

func (a *archive) keep(list publishing.List) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept = append([]publishing.List{list}, a.kept...)
	if len(a.kept) > pastKept {
		a.kept = a.kept[:pastKept]
	}
}
