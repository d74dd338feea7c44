package site

import (
	_ "embed"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"onward/registry"
	"onward/registry/publishing"
)

//go:embed templates/objection.html
var objectionTemplate string

var objectionPage = parse(frameTemplate, linesTemplate, objectionTemplate)

// questionData is what the page by which a customer objects shows.
type questionData struct {
	frame
	Gone                     bool // the link leads nowhere
	Heading, Lede            string
	Status                   string // what was said, or why nothing can be
	Facts                    []fact
	Lines                    []changedLine // of the list, as the notice told them
	Silence                  string        // what it means
	Action                   string
	Agreeable, Objectionable bool
	Ground, Bad              string
}

func (s *Site) newQuestion(c *gin.Context, q publishing.Question, sent said) questionData {
	l := s.languageFor(c.Request)
	d := questionData{
		frame: s.formFrame(c, l, l.Say("objection.title")), Heading: l.Say("objection.title"),
		Lede: l.Say("objection.lede", "customer", q.Customer), Status: s.status(l, q), Facts: s.questionFacts(l, q), Lines: l.noticeLines(q.Lines),
		Action: s.formAddress(c, l), Agreeable: q.Agreeable(), Objectionable: q.Objectionable(), Ground: sent.ground,
	}
	if sent.bad != "" {
		d.Bad = l.Say(sent.bad)
	}
	if d.Objectionable && q.Answer == publishing.AnswerNone {
		d.Silence = l.Say("objection.silence." + q.Authorisation)
	}
	return d
}

// formFrame is the frame of the page: its address is a secret, so nothing but the languages leads to it.
func (s *Site) formFrame(c *gin.Context, l *Language, title string) frame {
	f := s.frame(title, page, view{language: l})
	f.Robots = "noindex"
	for i, other := range s.languages {
		if i < len(f.Languages) {
			f.Languages[i].Address = s.formAddress(c, other)
		}
	}
	return f
}

// formAddress is the page's address in a language.
func (s *Site) formAddress(c *gin.Context, l *Language) string {
	address := objectionsPath + url.PathEscape(c.Param("token"))
	if len(s.languages) > 1 {
		address += "?" + languageParameter + "=" + url.QueryEscape(l.Code)
	}
	return address
}

// status says what the customer has said and what became of it, or why it can say nothing; empty where it has all to say.
func (s *Site) status(l *Language, q publishing.Question) string {
	switch {
	case q.Withdrawn:
		return l.Say("objection.status.withdrawn")
	case q.Answer == publishing.AnswerObjected && q.Decision == publishing.ObjectionUpheld:
		return l.Say("objection.status.upheld")
	case q.Answer == publishing.AnswerObjected:
		return l.Say("objection.status.objected", "when", l.instant(q.AnsweredAt))
	case q.Answer == publishing.AnswerAccepted:
		return l.Say("objection.status.accepted", "when", l.instant(q.AnsweredAt))
	case q.Over && q.Authorisation == publishing.General:
		return l.Say("objection.status.over", "until", l.deadline(q.ObjectionEnds, q.Zone))
	case q.Over:
		return l.Say("objection.status.silent", "until", l.deadline(q.ObjectionEnds, q.Zone))
	case q.Decision == publishing.ObjectionRejected, q.Decision == publishing.ObjectionWithdrawn:
		return l.Say("objection.status." + q.Decision + ".before")
	default:
		return ""
	}
}

// questionFacts are what changes, and by when.
func (s *Site) questionFacts(l *Language, q publishing.Question) []fact {
	who := q.Vendor
	if q.LegalName != "" {
		who += " (" + q.LegalName + ")"
	}
	facts := []fact{{Name: l.Say("objection.what"), Value: l.Say("objection.kind." + q.Kind)}}
	if len(q.Lines) == 0 {
		facts = append(facts, fact{Name: l.Say("column.who"), Value: who})
	}
	if q.Service != "" && len(q.Lines) == 0 {
		facts = append(facts, fact{Name: l.Say("column.what"), Value: q.Service})
	}
	if q.MovedFrom != nil {
		facts = append(facts, fact{Name: l.Say("mail.announced.for"), Value: l.dayOf(q.MovedFrom.String()), Machine: q.MovedFrom.String()})
	}
	facts = append(facts, fact{Name: l.Say("objection.effective"), Value: l.dayOf(q.EffectiveOn.String()), Machine: q.EffectiveOn.String()})
	if !q.ObjectionEnds.IsZero() {
		facts = append(facts, fact{
			Name: l.Say("objection.until"), Value: l.deadline(q.ObjectionEnds, q.Zone), Machine: q.ObjectionEnds.UTC().Format(time.RFC3339),
		})
	}
	return facts
}

// deadline is the last day before an instant that ends a day in zone, and else the instant.
func (l *Language) deadline(ends time.Time, zone *time.Location) string {
	day := registry.DateOf(ends.In(zone))
	if day.Start(zone).Equal(ends) {
		last := registry.DateOf(ends.Add(-time.Nanosecond).In(zone))
		return l.Say("objection.day", "day", l.dayOf(last.String()), "zone", zone.String())
	}
	return l.Say("objection.instant", "day", l.dayOf(day.String()), "time", ends.In(zone).Format(time.TimeOnly), "zone", zone.String())
}
