package registry

import (
	"time"

	"github.com/uptrace/bun"

	"onward/audit"
)

// Registry is what we know of vendors, and the one way to change it.
type Registry struct {
	db    *bun.DB
	log   *audit.Log
	guard Guard
}

// New returns the registry kept in db, whose changes are entries of log.
func New(db *bun.DB, log *audit.Log) *Registry { return &Registry{db: db, log: log} }

// Page is a part of a list and the cursor of the next one; Next is empty on the last.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// instant is t as it is stored: UTC, whole microseconds.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// later is the instant of a change at t of a record that was last changed at last: where the clocks of two instances differ, a
// record's own versions still follow each other in time.
func later(t, last time.Time) time.Time {
	if t = instant(t); t.Before(last) {
		return last
	}
	return t
}
