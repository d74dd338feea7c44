package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// What other rooms share with this one, so that their records behave as vendors and contracts do.

// ZoneOf is the IANA zone of that name; UTC where it is empty.
func ZoneOf(name string) (*time.Location, error) { return zoneOf(name) }

// Instant is t as it is stored: UTC, whole microseconds.
func Instant(t time.Time) time.Time { return instant(t) }

// Later is the instant of a change at t of a record that was last changed at last, never before it.
func Later(t, last time.Time) time.Time { return later(t, last) }

// Tidy trims every text within the struct that v points to and writes line ends as \n. Lists and what pointers lead to are copied first.
func Tidy(v any) { tidy(v) }

// Absent replaces a nil list by an empty one, as its column holds it.
func Absent[T any](list *[]T) { absent(list) }

// Same says whether JSON writes both alike.
func Same(a, b any) bool { return sameJSON(a, b) }

// Violated is the refusal that refusals has for the constraint that err violates; err itself where it has none.
func Violated(err error, refusals map[string]*Refusal) error { return violated(err, refusals) }

// InvalidFields refuses fields, at least one.
func InvalidFields(fields []Field) *Refusal { return invalid(fields) }

// StaleVersion refuses a change of a version that is not the newest.
func StaleVersion(kind string, seen, now int64) *Refusal { return stale(kind, seen, now) }

// Newest reads the newest version of a record from the table of T; NotFound where there is none. With lock, no other change of it begins
// before the transaction ends.
func Newest[T any](ctx context.Context, db bun.IDB, kind string, id uuid.UUID, lock bool) (T, error) {
	return newest[T](ctx, db, kind, id, lock)
}

// KeptAt reads the version of a record that was the newest recorded at t; NotFound when none was.
func KeptAt[T any](ctx context.Context, db bun.IDB, kind string, id uuid.UUID, t time.Time) (T, error) {
	return recordedAt[T](ctx, db, kind, id, t)
}

// Window is a part of an ordered list: what follows a sort key and an id, at most Limit items.
type Window struct {
	Limit int
	Key   string    // of the last item before; empty on the first page
	ID    uuid.UUID // and its id
	w     window
}

// NewWindow reads limit (50 when 0) and cursor. It refuses (Invalid) a limit outside 1..200 and a cursor that was not given out for the same
// question, which asked spells out.
func NewWindow(limit int, cursor string, asked ...string) (Window, error) {
	w, err := newWindow(limit, cursor, asked...)
	return Window{Limit: w.limit, Key: w.key, ID: w.id, w: w}, err
}

// Instant is the key as an instant, zero on the first page; a key that is none is refused.
func (w Window) Instant() (time.Time, error) {
	if w.Key == "" {
		return time.Time{}, nil
	}
	t, err := parseInstant([]byte(w.Key))
	if err != nil {
		return t, foreignCursor()
	}
	return t, nil
}

// PageOf makes a page of up to one more item than w may hold.
func PageOf[T any](w Window, found []T, key func(T) (string, uuid.UUID)) Page[T] {
	return pageOf(w.w, found, key)
}

// Patterns are a LIKE pattern, on folded text, for each word of a search text.
func Patterns(text string) []string { return patterns(text) }
