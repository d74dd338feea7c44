package site

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/publishing"
)

// history is what became of the list and is announced for it, as it is told on one day.
type history struct {
	publishing.History

	left []int // days until each upcoming change takes effect
}

func newHistory(past publishing.History, now time.Time) history {
	h := history{History: past}
	for _, u := range past.Upcoming {
		h.left = append(h.left, u.DaysLeft(now))
	}
	return h
}

// until is when another day begins for an upcoming change, in its zone; a day later where there is none.
func (h history) until(now time.Time) time.Time {
	turn := now.Add(24 * time.Hour)
	for _, u := range h.Upcoming {
		zone, err := registry.ZoneOf(u.Zone)
		if err != nil {
			continue
		}
		if end := registry.DateOf(now.In(zone)).End(zone); end.Before(turn) {
			turn = end
		}
	}
	return turn
}

// event is something that happened to the list, or was announced for it, in words: what the page and the feeds tell.
type event struct {
	ID      uuid.UUID // of the change, or of the log's entry of the release: the same for good
	At      time.Time
	Updated time.Time // later where it moved or was withdrawn
	Title   string
	Notes   []string
	Lines   []changedLine
	More    string // how many lines there are besides, in words; empty where Lines are all
	Whole   string // path of where all of them stand; empty where Lines are all
	Release int64  // 0 of an announcement
	Address string // path of where more of it stands
}

// linesTold is how many lines of one release the page and the feeds tell: an import changes thousands. All of them stand in its difference.
const linesTold = 20

// events are told the newest first.
func (s *Site) events(v view) []event {
	var all []event
	for _, u := range v.history.Announced {
		all = append(all, s.announcement(v, u))
	}
	for _, r := range v.history.Releases {
		all = append(all, s.releaseEvent(v, r))
	}
	slices.SortStableFunc(all, func(x, y event) int {
		return cmp.Or(y.At.Compare(x.At), cmp.Compare(y.Release, x.Release))
	})
	return all
}

func (s *Site) announcement(v view, u publishing.Upcoming) event {
	l := v.language
	lines := l.lines(u.Differences)
	e := event{
		ID: u.ID, At: u.AnnouncedAt, Updated: u.AnnouncedAt, Lines: lines, Address: s.addressOf(changesPage, question{}, l) + "#" + upcomingAnchor(u),
		Title: l.Say("changes.announced", "day", l.dayOf(u.EffectiveOn.String()), "what", l.headline(lines)),
	}
	if u.State == publishing.ChangeWithdrawn {
		e.Updated = u.WithdrawnAt
		e.Title = l.Say("changes.withdrawn", "what", l.headline(lines))
		e.Notes = []string{l.Say("changes.withdrawn.note", "day", l.day(u.WithdrawnAt))}
		return e
	}
	if !u.MovedAt.IsZero() {
		e.Updated = u.MovedAt
		e.Title = l.Say("changes.moved", "day", l.dayOf(u.EffectiveOn.String()), "what", l.headline(lines))
	}
	e.Notes = l.terms(u)
	return e
}

// terms are what is to be known of an announced change besides its day.
func (l *Language) terms(u publishing.Upcoming) []string {
	var notes []string
	if !u.MovedAt.IsZero() {
		notes = append(notes, l.Say("changes.moved.note", "from", l.dayOf(u.MovedFrom.String()), "day", l.day(u.MovedAt)))
	}
	if u.Emergency {
		notes = append(notes, l.Say("changes.emergency"))
	}
	if u.Staged {
		notes = append(notes, l.Say("changes.staged"))
	}
	return notes
}

func upcomingAnchor(u publishing.Upcoming) string { return "c-" + u.ID.String() }

func (s *Site) releaseEvent(v view, r publishing.Release) event {
	l := v.language
	lines := l.lines(r.Differences)
	e := event{
		ID: r.EntryID, At: r.ReleasedAt, Updated: r.ReleasedAt, Lines: lines, Release: r.Number, Title: l.headline(lines),
		Address: s.addressOf(page, questionOf(r.Number), l),
	}
	if r.Number == 1 {
		e.Title = l.Count("changes.first", r.Lines)
		return e
	}
	if more := len(lines) - linesTold; more > 0 {
		e.Lines, e.More, e.Whole = lines[:linesTold], l.Count("changes.more", more), s.differenceAddress(r.Number-1, r.Number, l)
	}
	return e
}
