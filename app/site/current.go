package site

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onward/registry"
	"onward/registry/publishing"
)

// How often another instance's changes are looked for, and how long a look or a build may take.
const (
	pollEvery = 250 * time.Millisecond
	patience  = 5 * time.Second
	// forbearance is how long the records cannot be read before the list says so in words.
	forbearance = 10 * time.Second
	// releaseAgain is when a list that could not be released, or is being worked on, is tried again.
	releaseAgain = 5 * time.Second
)

// Changed says that this instance has committed a change: whoever asks for the list after Changed has returned gets a list with it.
// It costs nothing and may be called too often.
func (s *Site) Changed() { s.changes.Add(1) }

// Stale says since when what is shown may be old: its records cannot be read. False while it is known to be current.
func (s *Site) Stale() (since time.Time, is bool) {
	shown := s.shown.Load()
	if shown == nil || shown.stale == nil {
		return time.Time{}, false
	}
	return shown.checked, true
}

// Run keeps the list current until ctx ends: it builds the first one, sees other instances' changes within a second, and compresses what
// is new as well as it can.
func (s *Site) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.compress(ctx)
	}()
	defer func() { <-done }()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		s.renewal.Lock()
		s.renew(ctx)
		s.renewal.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// current is the list to show now. In the common case it reads two atomics and the clock.
func (s *Site) current(ctx context.Context) (*snapshot, error) {
	if shown := s.shown.Load(); s.isCurrent(shown) {
		return shown, nil
	}
	s.renewal.Lock()
	defer s.renewal.Unlock()
	if !s.isCurrent(s.shown.Load()) {
		s.renew(context.WithoutCancel(ctx))
	}
	if shown := s.shown.Load(); shown != nil {
		return shown, nil
	}
	return nil, registry.Refuse(registry.Busy, "The list cannot be shown yet, because its records cannot be read. Please try again in a moment.")
}

func (s *Site) isCurrent(shown *snapshot) bool {
	return shown != nil && shown.changes == s.changes.Load() && s.options.Now().Before(shown.until)
}

// renew replaces what is shown if the records have moved or its time is over. Where that fails, what is shown stays and is marked as old.
// The caller holds renewal.
func (s *Site) renew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	changes, now, shown := s.changes.Load(), s.options.Now(), s.shown.Load()
	next, err := s.next(ctx, shown, now)
	switch {
	case err == nil:
		next.changes, next.checked, next.stale = changes, now, nil
		s.shown.Store(next)
		s.failing = false
		return
	case errors.Is(err, context.Canceled):
		return
	case shown != nil:
		// Only Run tries again: nobody who asks waits for a database that is away.
		old := s.aged(shown, now)
		old.changes = changes
		s.shown.Store(old)
	}
	if !s.failing {
		s.failing = true
		s.options.Logger.Error("the public list cannot be made anew", "error", err)
	}
}

// next is a snapshot for now: a copy of shown while neither the records nor the clock have moved past it. The epoch is read before the
// list: a change in between is seen at the next look.
func (s *Site) next(ctx context.Context, shown *snapshot, now time.Time) (*snapshot, error) {
	epoch, err := s.options.Epoch(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the log's epoch: %w", err)
	}
	if shown != nil && shown.stale == nil && shown.epoch == epoch && now.Before(shown.until) {
		same := *shown
		return &same, nil
	}
	list, unreleased := s.options.Current(ctx, now)
	held := errors.Is(unreleased, publishing.ErrHeld)
	if unreleased != nil && !held && !errors.Is(unreleased, publishing.ErrUnreleased) {
		return nil, unreleased
	}
	past, err := s.options.History(ctx, now, 0)
	if err != nil {
		return nil, err
	}
	until := listUntil(list.Next, now)
	if unreleased != nil {
		until = now.Add(releaseAgain)
	}
	if unreleased != nil && !held && !s.unreleased {
		s.options.Logger.Error("the public list is shown without a release", "error", unreleased)
	}
	s.unreleased = unreleased != nil && !held
	told := newHistory(past, now)
	if turn := told.until(now); turn.Before(until) {
		until = turn
	}
	list.AsOf, list.Company, list.Next = list.Updated, s.options.Company, time.Time{}
	before := shown
	if shown != nil && shown.fresh != nil {
		before = shown.fresh
	}
	snap := s.snapshot(list, told, before)
	snap.epoch, snap.until = epoch, until
	s.refresh()
	return snap, nil
}

// listUntil is when a list made at now must be made again: at its next turn, and with each UTC day.
func listUntil(next, now time.Time) time.Time {
	midnight := registry.DateOf(now.UTC()).End(time.UTC)
	if next.After(now) && next.Before(midnight) {
		return next
	}
	return midnight
}
