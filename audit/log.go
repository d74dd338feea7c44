package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"
)

// What Log refuses or cannot do; everything else is a fault.
var (
	// ErrReused means that the entry's id is in the log with another request.
	ErrReused = errors.New("the key was used for another request")
	// ErrBusy means that the queue is full: try again later.
	ErrBusy = errors.New("too many entries are waiting")
	// ErrUnavailable means that the entry is not in the log and the database does not answer: try again later with the same id.
	ErrUnavailable = errors.New("the log cannot be written now")
	// ErrNotFound means that the log has no such entry.
	ErrNotFound = errors.New("no such entry")
)

// Log is the audit log of one database.
type Log struct {
	db     *bun.DB
	origin string
	tail   atomic.Pointer[time.Time] // the month in which the unfinished tile was last seen to begin
	grew   chan struct{}             // tells a publisher in this process that the log grew
}

// Head is the log's state.
type Head struct {
	Origin string
	Size   int64
	Epoch  int64
	Root   []byte
	LastAt time.Time // recorded_at of the newest entry; 1970 while there is none
	Frozen string    // a sentence that says why the log takes no entries; empty when it does
	// FrozenAt is since when; zero when it takes entries, or a program froze it that did not say.
	FrozenAt time.Time
	// Outside says that a checkpoint kept outside the database disagrees: Acknowledge ends that. Otherwise only a backup does.
	Outside bool
}

// Open returns the log of db and creates it, under origin, where there is none; an existing log keeps its origin. It makes the
// partitions of the month of at and the three after it.
func Open(ctx context.Context, db *bun.DB, origin string, at time.Time) (*Log, error) {
	if !isOrigin(origin) {
		return nil, fmt.Errorf("%q cannot name a log: C2SP allows no spaces and no plus sign", origin)
	}
	l := &Log{db: db, origin: origin, grew: make(chan struct{}, 1)}
	if err := l.create(ctx); err != nil {
		return nil, err
	}
	head, err := l.Head(ctx)
	if err != nil {
		return nil, err
	}
	l.origin = head.Origin
	return l, l.AddMonths(ctx, at, 3)
}

// Join returns the log of db, which must be there, and changes nothing.
func Join(ctx context.Context, db *bun.DB) (*Log, error) {
	l := &Log{db: db, grew: make(chan struct{}, 1)}
	head, err := l.Head(ctx)
	if err != nil {
		return nil, err
	}
	l.origin = head.Origin
	return l, nil
}

// isOrigin tells whether s can stand as the first line of a C2SP checkpoint.
func isOrigin(s string) bool {
	return s != "" && len(s) <= 255 && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '+'
	})
}

// Origin is the log's name.
func (l *Log) Origin() string { return l.origin }

// AddMonths makes the partitions of the month of at and of the n months after it.
func (l *Log) AddMonths(ctx context.Context, at time.Time, n int) error {
	for i := range n + 1 {
		if err := l.addMonth(ctx, monthOf(at).AddDate(0, i, 0)); err != nil {
			return err
		}
	}
	return nil
}

// tell tells the publisher that the log grew.
func (l *Log) tell() {
	select {
	case l.grew <- struct{}{}:
	default: // it was told already
	}
}

// Head reads the log's state.
func (l *Log) Head(ctx context.Context) (Head, error) { return l.readHead(ctx) }
