package notify

import (
	_ "embed"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"strings"
	texttemplate "text/template"

	"onward/app/site"
	"onward/registry"
	"onward/registry/publishing"
)

//go:embed templates/mail.txt
var textSource string

//go:embed templates/mail.html
var htmlSource string

var (
	textMail = texttemplate.Must(texttemplate.New("mail").Funcs(texttemplate.FuncMap{"join": join, "rule": rule}).Parse(textSource))
	htmlMail = htmltemplate.Must(htmltemplate.New("mail").Funcs(htmltemplate.FuncMap{"join": join}).Parse(htmlSource))
)

func join(all []string) string { return strings.Join(all, "; ") }

// rule is a line under a heading.
func rule(text string) string { return strings.Repeat("=", min(len([]rune(text)), 70)) }

// Words is what messages are made of: languages, who sends them, and where the pages are.
type Words struct {
	Languages []*site.Language
	Company   string
	Contact   string
	PublicURL string // without a slash at its end
	Links     publishing.Links
}

// message is what a mail says.
type message struct {
	L           *site.Language
	Subject     string
	Paragraphs  []string
	Button      string // what the link does
	Link        string
	Changes     []toldChange
	After       []string
	List        string // address of the public list
	Leave       string // address of the page to unsubscribe; may be empty
	Company     string
	Contact     string
	ContactLink string
}

// toldChange is a change as a mail tells it.
type toldChange struct {
	Heading string
	Facts   []site.Statement // when, and until when
	Lines   []toldLine
	Notes   []string
	Answer  string // what the link is for
	Object  string // address of the page to object or, under a specific authorisation, to agree
}

type toldLine struct {
	Word, Vendor string
	Facts        []site.Statement
	Differences  []site.Statement
}

// compose writes the mail of a letter.
func (w *Words) compose(m *Mail, l *publishing.Letter) ([]byte, error) {
	language := site.LanguageFor(w.Languages, l.Language)
	said := message{L: language, List: w.address("/subprocessors", language), Company: w.Company, Contact: w.Contact}
	if strings.Contains(w.Contact, "@") && !strings.Contains(w.Contact, "/") {
		said.ContactLink = "mailto:" + w.Contact
	} else {
		said.ContactLink = w.Contact
	}
	out := letter{id: l.ID, to: l.Address, language: language.Code, at: l.CreatedAt}
	if l.Purpose == publishing.ForConfirmation {
		w.confirmation(&said, l)
	} else {
		w.notice(&said, l)
		if l.SubscriberID != nil {
			token := url.QueryEscape(w.Links.Leaving(*l.SubscriberID))
			said.Leave = w.address("/subscriptions/leave?token="+token, language)
			out.unsubscribe = w.PublicURL + "/subscriptions/leave?token=" + token
		}
	}
	var text, html strings.Builder
	if err := textMail.Execute(&text, said); err != nil {
		return nil, fmt.Errorf("write a mail's text: %w", err)
	}
	if err := htmlMail.Execute(&html, said); err != nil {
		return nil, fmt.Errorf("write a mail's page: %w", err)
	}
	out.subject, out.text, out.html = said.Subject, text.String(), html.String()
	return m.write(out)
}

// address is that of a page in a language.
func (w *Words) address(path string, l *site.Language) string {
	if len(w.Languages) < 2 {
		return w.PublicURL + path
	}
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	return w.PublicURL + path + mark + "lang=" + url.QueryEscape(l.Code)
}

// named is the text under key, or under key.us where the company has no name.
func (w *Words) named(l *site.Language, key string) string {
	if w.Company == "" {
		return l.Say(key + ".us")
	}
	return l.Say(key, "company", w.Company)
}

func (w *Words) confirmation(said *message, l *publishing.Letter) {
	said.Subject = w.named(said.L, "mail.confirm.subject")
	said.Paragraphs = []string{w.named(said.L, "mail.confirm.asked"), said.L.Say("mail.confirm.ignore")}
	said.Button = said.L.Say("mail.confirm.button")
	said.Link = w.address("/subscriptions/confirm?token="+url.QueryEscape(w.Links.Confirmation(*l.SubscriberID)), said.L)
}

func (w *Words) notice(said *message, l *publishing.Letter) {
	about := "mail.notice"
	if l.Notice.Follows != nil {
		about = "mail." + l.Notice.About
	}
	said.Subject = w.named(said.L, about+".subject")
	if len(l.Changes) == 1 && len(l.Changes[0].Lines) > 0 {
		said.Subject += ": " + l.Changes[0].Lines[0].Vendor
	}
	said.Paragraphs = []string{w.named(said.L, about+".lede")}
	switch {
	case l.CustomerID != nil && l.Notice.Follows != nil:
		said.Paragraphs = append(said.Paragraphs, said.L.Say("mail.follow.customer", "customer", l.Customer))
	case l.CustomerID != nil:
		said.Paragraphs = append(said.Paragraphs, said.L.Say("mail.notice.customer", "customer", l.Customer))
	}
	for _, c := range l.Changes {
		said.Changes = append(said.Changes, w.change(said.L, l, c))
	}
	if l.CustomerID == nil {
		said.After = append(said.After, said.L.Say("mail.notice.subscribed"))
	}
}

func (w *Words) change(l *site.Language, to *publishing.Letter, c publishing.LetterChange) toldChange {
	told := toldChange{Heading: l.KindOf(c.Kind)}
	fact := func(key, value string) {
		told.Facts = append(told.Facts, site.Statement{Label: l.Say(key), Now: []string{value}})
	}
	day := func(d registry.Date) string { return l.DayOf(d.String()) + " (" + zoned(c.Zone) + ")" }
	withdrawn := to.Notice.About == publishing.NoticeWithdrawn
	switch {
	case withdrawn:
		fact("mail.announced.for", day(c.EffectiveOn))
	case c.MovedFrom != nil:
		fact("mail.announced.for", day(*c.MovedFrom))
		fact("mail.moved.to", day(c.EffectiveOn))
	default:
		fact("objection.effective", day(c.EffectiveOn))
	}
	for _, line := range c.Lines {
		told.Lines = append(told.Lines, toldLine{
			Word: l.Became(line.What), Vendor: line.Vendor, Facts: l.Facts(line), Differences: l.Differences(line),
		})
	}
	if withdrawn {
		told.Notes = append(told.Notes, l.Say("mail.withdrawn.note"))
		return told
	}
	if c.Emergency {
		told.Notes = append(told.Notes, l.Say("mail.emergency"))
	}
	if to.CustomerID == nil {
		if c.Staged {
			told.Notes = append(told.Notes, l.Say("mail.staged"))
		}
		return told
	}
	if c.StartsOn != nil && !c.Emergency && c.EffectiveOn.Before(*c.StartsOn) {
		fact("mail.starts", l.DayOf(c.StartsOn.String()))
	}
	if !c.ObjectionEnds.IsZero() {
		fact("objection.until", l.DeadlineOf(c.ObjectionEnds, c.ObjectionZone))
	} else {
		fact("objection.until", l.Count("mail.period."+c.Objection.Days, c.Objection.Number))
	}
	told.Notes = append(told.Notes, l.Say("objection.silence."+to.Authorisation))
	told.Answer = l.Say("mail.object")
	if to.Authorisation == publishing.Specific {
		told.Answer = l.Say("mail.answer")
	}
	told.Object = w.address("/objections/"+w.Links.Token(publishing.Link{Change: c.ChangeID, Customer: *to.CustomerID, Delivery: to.ID}), l)
	return told
}

func zoned(zone string) string {
	if zone == "" {
		return "UTC"
	}
	return zone
}
