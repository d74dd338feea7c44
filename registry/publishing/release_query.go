package publishing

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// Released is a release with its list.
type Released struct {
	Release
	Entries []Entry `json:"subprocessors"`
	Text    []byte  `json:"-"` // the bytes that SHA256 is of
}

// List is the release's list.
func (r Released) List() List {
	list := List{AsOf: r.ReleasedAt, Updated: r.ReleasedAt, Entries: r.Entries}
	return list.released(r.Release)
}

// Release reads a release; NotFound where there is none of that number.
func (d *Desk) Release(ctx context.Context, number int64) (Released, error) {
	r, text, err := readWholeRelease(ctx, d.db, number)
	if err != nil {
		return Released{}, err
	}
	list, err := ListOf(text)
	return Released{Release: r, Entries: list.Entries, Text: text}, err
}

// AsOf is the list that was in force at t: that of the newest release by then or, before the first release, what Build makes of the records.
func (d *Desk) AsOf(ctx context.Context, t time.Time) (List, error) {
	r, err := readReleaseAt(ctx, d.db, t)
	if err != nil {
		return List{}, err
	}
	if r.Number == 0 {
		return Build(ctx, d.db, t)
	}
	released, err := d.Release(ctx, r.Number)
	if err != nil {
		return List{}, err
	}
	list := released.List()
	list.AsOf = t.UTC()
	return list, nil
}

// Releases lists releases without their lists, the newest first.
func (d *Desk) Releases(ctx context.Context, limit int, cursor string) (registry.Page[Release], error) {
	w, err := registry.NewWindow(limit, cursor, "releases")
	if err != nil {
		return registry.Page[Release]{}, err
	}
	var before int64
	if w.Key != "" {
		if before, err = strconv.ParseInt(w.Key, 10, 64); err != nil || before < 1 {
			return registry.Page[Release]{}, registry.InvalidField("/cursor", "is not a cursor of this list; leave it out to begin again")
		}
	}
	found, err := readReleases(ctx, d.db, before, w.Limit+1)
	if err != nil {
		return registry.Page[Release]{}, err
	}
	return registry.PageOf(w, found, func(r Release) (string, uuid.UUID) { return strconv.FormatInt(r.Number, 10), r.EntryID }), nil
}
