package site

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"onward/registry/publishing"
)

//go:embed templates/subscription.html
var subscriptionTemplate string

var subscriptionPage = parse(frameTemplate, subscriptionTemplate)

// subscriptionData is what the pages show by which somebody subscribes, confirms or leaves.
type subscriptionData struct {
	frame
	Heading, Lede string
	Done          bool   // there is nothing more to do here
	Button        string // where there is one thing to do
	Action        string
	Address, Bad  string
	Choices       []subscriptionChoice
	Feeds         []file
	Current       string
}

// subscriptionChoice is a question whose answers can be several, or none for all.
type subscriptionChoice struct {
	Name, Title, Note string
	Options           []option
}

// newStep is the page that follows from a link or from a form.
func (s *Site) newStep(c *gin.Context, path string, done bool) subscriptionData {
	l := s.languageFor(c.Request)
	name := map[string]string{subscribePath: "asked", confirmPath: "confirm", leavePath: "leave"}[path]
	if done && path != subscribePath {
		name += ".done"
	}
	d := subscriptionData{
		Heading: l.Say("subscribe." + name + ".title"), Lede: l.Say("subscribe." + name), Done: done, Action: s.stepAddress(c, path, l),
		Current: s.addressOf(page, question{}, l),
	}
	if !done {
		d.Button = l.Say("subscribe." + name + ".button")
	}
	d.frame = s.subscriptionFrame(c, l, d.Heading, path)
	if done {
		d.Languages = nil // asking again in another language would do it again
	}
	return d
}

// newSubscription is the form, filled in as f says.
func (s *Site) newSubscription(c *gin.Context, f publishing.SubscriberFields) (subscriptionData, error) {
	l := s.languageFor(c.Request)
	settings, err := s.forms.desk.Settings(c.Request.Context())
	if err != nil {
		return subscriptionData{}, err
	}
	d := subscriptionData{
		Heading: l.Say("subscribe.title"), Lede: s.named(l, "subscribe.lede"), Action: s.stepAddress(c, subscribePath, l), Address: f.Address,
		Feeds: s.feeds(l), Current: s.addressOf(page, question{}, l),
	}
	for _, one := range []struct {
		name   string
		offers []string
		chosen []string
	}{{"product", settings.Products, f.Products}, {"region", settings.Regions, f.Regions}} {
		if len(one.offers) < 2 {
			continue
		}
		choice := subscriptionChoice{Name: one.name, Title: l.Say("subscribe." + one.name), Note: l.Say("subscribe." + one.name + ".note")}
		for _, offer := range one.offers {
			chosen := slices.ContainsFunc(one.chosen, func(x string) bool { return strings.EqualFold(x, offer) })
			choice.Options = append(choice.Options, option{offer, offer, chosen})
		}
		d.Choices = append(d.Choices, choice)
	}
	d.frame = s.subscriptionFrame(c, l, d.Heading, subscribePath)
	return d, nil
}

func (s *Site) subscriptionFrame(c *gin.Context, l *Language, title, path string) frame {
	f := s.frame(title, page, view{language: l})
	f.Robots, f.Subscribe = "noindex", "" // it is here
	for i, other := range s.languages {
		if i < len(f.Languages) {
			f.Languages[i].Address = s.stepAddress(c, path, other)
		}
	}
	return f
}
