package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// How much of its history the list's page and feeds have at once.
const (
	HistoryReleases   = 40
	historyAnnounced  = 100
	historyAnnouncing = 400 * 24 * time.Hour // how long an announcement stays in the feeds
)

// Upcoming is a change that was announced, as the public may know it: what it does to the list, and when.
type Upcoming struct {
	ID          uuid.UUID
	Kind        string
	State       string // announced, effective or withdrawn
	AnnouncedAt time.Time
	MovedAt     time.Time // when its day moved last; zero unless it did
	MovedFrom   registry.Date
	WithdrawnAt time.Time // zero unless it was
	EffectiveOn registry.Date
	Zone        string    // in which that day begins
	Starts      time.Time // its first instant
	Emergency   bool
	Staged      bool // customers with a longer period start later
	Differences []LineDifference
}

// History is what became of the list, the newest first, and what is announced for it.
type History struct {
	Upcoming  []Upcoming // announced and not in effect yet, in the order of their days
	Announced []Upcoming // what was announced last, the newest first, whatever became of it
	Releases  []Release
	Earlier   int64 // number of the newest release that Releases leaves out; 0 where it leaves out none
}

// DaysLeft counts the days from today's to the day on which the change takes effect, both in its zone; never less than 0.
func (u Upcoming) DaysLeft(now time.Time) int {
	zone, err := registry.ZoneOf(u.Zone)
	if err != nil {
		zone = time.UTC
	}
	today := registry.DateOf(now.In(zone)).Start(time.UTC)
	return max(int(u.EffectiveOn.Start(time.UTC).Sub(today)/(24*time.Hour)), 0)
}

// History reads the history of the list up to now. With before it has only releases of a lower number, and nothing that was announced.
func (d *Desk) History(ctx context.Context, now time.Time, before int64) (History, error) {
	var h History
	var err error
	if h.Releases, err = readReleases(ctx, d.db, before, HistoryReleases+1); err != nil {
		return History{}, err
	}
	if len(h.Releases) > HistoryReleases {
		h.Earlier = h.Releases[HistoryReleases].Number
		h.Releases = h.Releases[:HistoryReleases]
	}
	if before > 0 {
		return h, nil
	}
	upcoming, err := ReadUpcoming(ctx, d.db)
	if err != nil {
		return History{}, err
	}
	if h.Upcoming, err = announcements(upcoming); err != nil {
		return History{}, err
	}
	told, err := readAnnounced(ctx, d.db, now.Add(-historyAnnouncing), historyAnnounced)
	if err != nil {
		return History{}, err
	}
	h.Announced, err = announcements(told)
	return h, err
}

func announcements(changes []Change) ([]Upcoming, error) {
	all := make([]Upcoming, 0, len(changes))
	for _, c := range changes {
		starts, err := c.Starts()
		if err != nil {
			return nil, err
		}
		u := Upcoming{
			ID: c.ID, Kind: c.Kind, State: c.State, AnnouncedAt: c.UpdatedAt, EffectiveOn: *c.EffectiveOn, Zone: c.Zone, Starts: starts.UTC(),
			Emergency: c.Emergency, Staged: c.Staged, Differences: c.Differences,
		}
		if c.AnnouncedAt != nil {
			u.AnnouncedAt = *c.AnnouncedAt
		}
		if c.MovedAt != nil {
			u.MovedAt, u.MovedFrom = *c.MovedAt, *c.MovedFrom
		}
		if c.WithdrawnAt != nil {
			u.WithdrawnAt = *c.WithdrawnAt
		}
		all = append(all, u)
	}
	return all, nil
}
