package sharing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// fall is that what is recorded of a location does not carry the transfer any more.
type fall struct {
	location *placed
	at       time.Time // since when, as far as days are known; else the beginning of the day of the question
	known    bool      // whether they are
	since    time.Time // since when somebody can have been told of it: at or, where that is not known, what is recorded of the location
}

// cause tells one fall from another of the same location: the mechanism, and the day on which it fell where that is known.
func (f fall) cause() string {
	if f.known {
		return f.location.Transfer.Mechanism + f.at.Format(time.DateOnly)
	}
	return f.location.Transfer.Mechanism
}

// exception is the id of the exception that the fall opens.
func (f fall) exception() uuid.UUID {
	return exceptionID(fallenKind, taskID(fallenKind, f.location.ID, f.cause()))
}

// fell tells whether a location's mechanism has fallen by now, and the one that was agreed to take its place does not carry the transfer.
func (b *book) fell(l *placed, now time.Time) (fall, bool) {
	f := fall{location: l, at: now.UTC().Truncate(24 * time.Hour), since: l.UpdatedAt}
	if l.Transfer.Mechanism == "none_needed" || b.holds(l, now) || b.carries(l, l.Transfer.Fallback, now) {
		return f, false
	}
	if end := b.mechanismEnd(l, now); !end.IsZero() && !end.After(now) {
		f.at, f.since, f.known = end, end, true
	}
	return f, true
}

// holds tells whether a location's mechanism carries the transfer at an instant.
func (b *book) holds(l *placed, at time.Time) bool {
	return registry.Within(at, l.Transfer.From, l.Transfer.Until, time.UTC) && b.carries(l, l.Transfer.Mechanism, at)
}

func (b *book) carries(l *placed, mechanism string, at time.Time) bool {
	v := b.vendors[l.VendorID]
	return mechanism != "" && policy.Lawful(mechanism, l.Origin, l.Place, v.FrameworksAt(at, l.Data...), at)
}

// standing tells whether a location is where something happens now, of a vendor that has not ended, by a mechanism.
func (b *book) standing(l *placed, now time.Time) bool {
	return l.Transfer != nil && registry.Within(now, l.From, l.Until, time.UTC) && b.vendors[l.VendorID].State != registry.Ended
}

// told tells whether an exception has been opened about the fall: by its id, or about the same engagement since.
func (b *book) told(f fall) bool {
	for _, e := range b.fallen[f.location.EngagementID] {
		if e.ID == f.exception() || !e.OpenedAt.Before(f.since) {
			return true
		}
	}
	return false
}

// falls are those of which nobody was told, one for each engagement.
func (b *book) falls(now time.Time) []fall {
	var all []fall
	seen := map[uuid.UUID]bool{}
	for i := range b.locations {
		l := &b.locations[i]
		if seen[l.EngagementID] || !b.standing(l, now) {
			continue
		}
		if f, ok := b.fell(l, now); ok && !b.told(f) {
			seen[l.EngagementID] = true
			all = append(all, f)
		}
	}
	return all
}

// OpenFallen opens an exception for each engagement whose transfer stands on a mechanism that has fallen by now (a certification that lapsed, an
// adequacy decision that ended, a last day that passed), each by an entry transfer.fallen about the vendor, and returns how many. One that was
// opened, by it or by a share, is not opened again for the same fall, whatever became of it. It is asked from time to time, on any instance:
// of several at once one opens them.
func (g *Gate) OpenFallen(ctx context.Context, now time.Time) (int, error) {
	falls, err := g.readFalls(ctx, g.db, now)
	if err != nil || len(falls) == 0 {
		return 0, err
	}
	n := 0
	_, err = g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := g.log.LockHead(ctx, tx); err != nil {
			return nil, err //nolint:wrapcheck // says enough
		}
		falls, err := g.readFalls(ctx, tx, now) // another instance may have been first
		if err != nil {
			return nil, err
		}
		entries := make([]audit.Entry, 0, len(falls))
		for _, f := range falls {
			e := f.entry(now)
			row := exceptionRow{
				ID: f.exception(), Kind: fallenKind, EntryID: e.ID, VendorID: f.location.VendorID, EngagementID: f.location.EngagementID,
				Reasons: []string{"no_transfer_mechanism"}, OpenedAt: registry.Instant(now),
			}
			fresh, err := openException(ctx, tx, row)
			if err != nil {
				return nil, err
			}
			if fresh {
				entries = append(entries, e)
			}
		}
		n = len(entries)
		return entries, nil
	})
	if err != nil {
		return 0, refusal(err)
	}
	return n, nil
}

func (f fall) entry(now time.Time) audit.Entry {
	l := f.location
	body := audit.Object{
		"exception_id": f.exception().String(), "engagement_id": l.EngagementID.String(), "location_id": l.ID.String(), "mechanism": l.Transfer.Mechanism,
	}
	if f.known {
		body["fell_at"] = f.at.Format(instant)
	}
	return audit.Entry{ID: uuid.New(), Type: "transfer.fallen", Actor: audit.Program, OccurredAt: now, VendorID: l.VendorID, Body: body}
}

func (g *Gate) readFalls(ctx context.Context, db bun.IDB, now time.Time) ([]fall, error) {
	b, err := readTransfers(ctx, db, now)
	if err != nil {
		return nil, err
	}
	b.from(g.settings.HomeCountry)
	return b.falls(now), nil
}
