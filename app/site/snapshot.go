package site

import (
	"bytes"
	"context"
	"net/url"
	"time"

	"onward/registry/publishing"
)

// snapshot is the current list, rendered in every format. It is never changed: a new one takes its place.
type snapshot struct {
	list      publishing.List
	documents [formatCount]*document
	epoch     int64
	changes   int64     // calls of Changed that it has seen
	until     time.Time // when its time is over
	checked   time.Time // when it was last known to be current
	stale     []string  // header value; nil while it is known to be current
}

// render makes the documents of list. Those whose bytes are the same as before are kept with their better compression.
func (s *Site) render(list publishing.List, before *snapshot) (*snapshot, error) {
	snap := &snapshot{list: list}
	for f := range formats {
		body, err := s.body(format(f), view{list: list, whole: list})
		if err != nil {
			return nil, err
		}
		if before != nil && bytes.Equal(before.documents[f].bodies[identity].bytes, body) {
			snap.documents[f] = before.documents[f]
			continue
		}
		d := newDocument(formats[f].mediaType, body, gzipBest)
		d.head("Cache-Control", "public, max-age=60, stale-while-revalidate=600")
		d.decorate(format(f), url.Values{}, nil)
		d.modified(list.Updated)
		// Two changes within one second share a Last-Modified: it then cannot tell the second from the first.
		d.ambiguous = before != nil && before.list.Updated.Unix() == list.Updated.Unix()
		d.finish()
		snap.documents[f] = d
	}
	return snap, nil
}

// compress adds Brotli at its slowest level to what is new, until ctx ends.
func (s *Site) compress(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.fresh:
			s.squeeze()
		}
	}
}

// squeeze compresses what is shown and shows it so, unless it was replaced in the meantime.
func (s *Site) squeeze() {
	shown := s.shown.Load()
	if shown == nil {
		return
	}
	for f, d := range shown.documents {
		if d.bodies[brotliCoding] != nil {
			continue
		}
		better := d.withBrotli()
		s.renewal.Lock()
		if now := s.shown.Load(); now.documents[f] == d {
			next := *now
			next.documents[f] = better
			s.shown.Store(&next)
		}
		s.renewal.Unlock()
	}
}
