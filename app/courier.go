package main

import (
	"log/slog"

	"onward/app/notify"
	"onward/registry/publishing"
)

// newCourier makes what tells customers and subscribers of changes; announced is told when it did.
func newCourier(c config, desk *publishing.Desk, links publishing.Links, announced func()) *notify.Engine {
	public := c.brand.PublicURL
	if public == "" {
		public = "http://" + c.listen
	}
	return notify.New(notify.Options{
		Desk: desk, Words: notify.Words{Languages: c.languages, Company: c.company, Contact: c.contact, PublicURL: public, Links: links},
		Mail: c.mail, PrivateHooks: c.privateHooks, Announced: announced, Now: clock, Logger: slog.Default(),
	})
}

// noMail says why no mail is sent where no server for it is set.
const noMail = "No mail server is set (ONWARD_SMTP)."

// mailAway says why mail cannot be sent now; empty where it can.
func mailAway(c config, courier *notify.Engine) func() string {
	if c.mail == nil {
		return func() string { return noMail }
	}
	return func() string {
		if courier.Away() == "" {
			return ""
		}
		return "The mail server takes nothing."
	}
}
