package site

import (
	"context"
	"reflect"
	"time"

	"onward/registry/publishing"
)

// snapshot is the current list and its documents. It is never changed: a new one takes its place.
type snapshot struct {
	list    publishing.List
	history history
	shelf   *shelf // shared with the snapshots before that had the same list
	epoch   int64
	changes int64     // calls of Changed that it has seen
	until   time.Time // when its time is over
	checked time.Time // when it was last known to be current
	stale   []string  // header value; nil while it is known to be current
	fresh   *snapshot // the one that it was while it was known to be current; nil while it is
}

// snapshot is of list and its history. Where they are the same as before, the documents are kept with their better compression.
func (s *Site) snapshot(list publishing.List, past history, before *snapshot) *snapshot {
	if before != nil && reflect.DeepEqual(before.list, list) && reflect.DeepEqual(before.history, past) {
		return &snapshot{list: list, history: past, shelf: before.shelf}
	}
	// Two changes within one second share a Last-Modified: it then cannot tell the second from the first.
	ambiguous := before != nil && before.list.Updated.Unix() == list.Updated.Unix()
	return &snapshot{list: list, history: past, shelf: s.newShelf(list, past, ambiguous)}
}

// aged is a snapshot whose records cannot be read at now. Programs are told at once, by a header; what readers see says it when that lasts: a database
// that is back in a moment makes no text anew.
func (s *Site) aged(shown *snapshot, now time.Time) *snapshot {
	old := *shown
	old.until = now.Add(time.Hour)
	old.stale = []string{"since=" + old.checked.UTC().Format(time.RFC3339)}
	if old.fresh == nil {
		old.fresh = shown
	}
	if old.list.Stale.IsZero() && now.Sub(old.checked) >= forbearance {
		old.list.Stale = old.checked.UTC().Truncate(time.Second)
		old.shelf = s.newShelf(old.list, old.history, true) // its date is that of the list which says nothing
		s.refresh()
	}
	return &old
}

// refresh has what is shown compressed.
func (s *Site) refresh() {
	select {
	case s.fresh <- struct{}{}:
	default:
	}
}

// compress prepares what is new, until ctx ends: every format in every language, with Brotli at its slowest level.
func (s *Site) compress(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.fresh:
			s.squeeze(ctx)
		}
	}
}

// squeeze prepares what is shown, until ctx ends or it is replaced.
func (s *Site) squeeze(ctx context.Context) {
	shown := s.shown.Load()
	if shown == nil {
		return
	}
	for f := range formats {
		for language := range shown.shelf.slots[f] {
			if ctx.Err() != nil || s.shown.Load().shelf != shown.shelf {
				return
			}
			shown.shelf.squeeze(format(f), language)
		}
	}
}
