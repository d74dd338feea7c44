package site

import (
	_ "embed"
	"io"
	"net/url"
	"strconv"
	"time"

	"onward/registry/publishing"
)

//go:embed templates/changes.html
var changesTemplate string

//go:embed templates/lines.html
var linesTemplate string

var changesHTML = parse(frameTemplate, linesTemplate, changesTemplate)

// changesData is what the template of the history shows.
type changesData struct {
	frame
	Upcoming []upcomingChange
	Past     bool // older events: what is announced now is elsewhere
	Days     []historyDay
	Earlier  string // address of what happened before; empty where nothing did
	Newest   string
	Releases string
	List     string
	Feeds    []file
}

// upcomingChange is one that is announced.
type upcomingChange struct {
	Anchor, Title string
	Day, Machine  string
	Left          string // how many days, in words
	Notes         []string
	Lines         []changedLine
}

// historyDay is what happened on one day, as UTC counts days.
type historyDay struct {
	Day, Machine string
	Events       []historyEvent
}

type historyEvent struct {
	event
	Time   string
	Number string // of its release, in words
	First  bool   // the list begins: there is nothing to compare with
}

// writeChanges writes the page of what changed and what will.
func (s *Site) writeChanges(w io.Writer, v view) error {
	l := v.language
	d := changesData{
		frame: s.frame(l.Say("changes.title"), changesPage, v), Past: v.asked.before > 0, Days: s.days(v),
		Newest: s.addressOf(changesPage, question{}, l), Releases: s.addressOf(releasesPage, question{}, l), List: s.addressOf(page, question{}, l),
		Feeds: s.feeds(l),
	}
	d.Description = l.Say("changes.lede")
	for i, u := range v.history.Upcoming {
		lines := l.lines(u.Differences)
		d.Upcoming = append(d.Upcoming, upcomingChange{
			Anchor: upcomingAnchor(u), Title: l.headline(lines), Day: l.dayOf(u.EffectiveOn.String()), Machine: u.EffectiveOn.String(),
			Left: l.left(v.history.left[i]), Notes: l.terms(u), Lines: lines,
		})
	}
	if v.history.Earlier > 0 {
		d.Earlier = s.addressOf(changesPage, before(v.history.Releases), l)
	}
	if d.Past {
		d.Robots = "noindex"
	}
	return changesHTML.ExecuteTemplate(w, "frame", d)
}

// left is how many days are left, in words.
func (l *Language) left(days int) string {
	if days == 0 {
		return l.Say("changes.today")
	}
	return l.Count("changes.left", days)
}

// days are the events, day by day.
func (s *Site) days(v view) []historyDay {
	var all []historyDay
	l := v.language
	for _, e := range s.events(v) {
		day := e.At.UTC().Format(time.DateOnly)
		if len(all) == 0 || all[len(all)-1].Machine != day {
			all = append(all, historyDay{Day: l.dayOf(day), Machine: day})
		}
		one := historyEvent{event: e, Time: l.Say("changes.time", "time", e.At.UTC().Format("15:04")), First: e.Release == 1}
		if e.Release > 0 {
			one.Number = l.Say("release", "n", e.Release)
		}
		last := &all[len(all)-1]
		last.Events = append(last.Events, one)
	}
	return all
}

// before asks for what happened before the last of releases.
func before(releases []publishing.Release) question {
	number := releases[len(releases)-1].Number
	return question{before: number, query: url.Values{beforeParameter: {strconv.FormatInt(number, 10)}}}
}

// feeds are where programs learn of changes.
func (s *Site) feeds(l *Language) []file {
	return []file{
		{"file.atom", s.addressOf(atomFeed, question{}, l), "application/atom+xml"},
		{"file.feed", s.addressOf(jsonFeed, question{}, l), "application/feed+json"},
	}
}
