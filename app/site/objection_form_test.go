package site_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/site"
	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/publishing"
)

// forms is a site with a desk, and the path of a customer's link to object to a change.
func forms(t *testing.T) (http.Handler, string) {
	t.Helper()
	db, now := pgtest.New(t), noon
	tick := func() time.Time {
		now = now.Add(time.Second)
		return now
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	trail, err := audit.Open(t.Context(), db, "site.test/log", noon)
	must(err)
	t.Cleanup(func() {
		if err := trail.Verify(context.Background()); err != nil {
			t.Error(err)
		}
	})
	links, err := publishing.NewLinks(make([]byte, 32))
	must(err)
	desk, records := publishing.NewDesk(db, trail), registry.New(db, trail)
	who := func(role string) audit.Actor { return audit.Actor{Kind: "user", ID: uuid.New(), Role: role} }
	legal, approver := who("legal"), who("approver")
	v, err := records.CreateVendor(t.Context(), legal, tick(), registry.VendorFields{Name: "Nimbus <Storage> & Söhne", LegalName: "Nimbus Storage, Inc.", Kinds: []string{"subprocessor"}})
	must(err)
	_, err = records.ChangeVendor(t.Context(), approver, tick(), v.ID, v.Version, registry.VendorPatch{State: registry.Approved})
	must(err)
	e, err := records.CreateEngagement(t.Context(), legal, tick(), v.ID, registry.EngagementFields{
		Service: "Hosting", Listed: true, ListedReason: "it delivers the product", Purposes: []string{"INFRA"}, Categories: []string{"CONTACT"},
	})
	must(err)
	_, err = records.CreateLocation(t.Context(), legal, tick(), e.ID, registry.LocationFields{Place: "US", Transfer: &registry.Transfer{Mechanism: "dpf"}})
	must(err)
	customer, err := desk.CreateCustomer(t.Context(), legal, tick(), publishing.CustomerFields{
		Name: "Analytical Engines", Authorisation: publishing.Specific, Contacts: []publishing.CustomerContact{{Email: "ada@customer.example"}},
	})
	must(err)
	c, err := desk.Propose(t.Context(), legal, tick(), publishing.ChangeFields{Steps: []registry.Step{{
		RecordKind: "engagement", RecordID: e.ID, Action: registry.StepPatch, Fields: []byte(`{"service":"Hosting and backup","purposes":["INFRA","SECURITY"]}`),
	}}})
	must(err)
	_, err = desk.ApproveChange(t.Context(), approver, tick(), c.ID, c.Version)
	must(err)
	now = now.Add(publishing.NoticeWindow)
	if n, err := desk.TellDue(t.Context(), tick()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	s := site.New(site.Options{
		Build: desk.AsOf, Current: desk.Current, History: desk.History, Release: desk.Release, Now: func() time.Time { return now },
		Epoch: func(ctx context.Context) (int64, error) {
			h, err := trail.Head(ctx)
			return h.Epoch, err
		},
		Company: "Meridian Software", Contact: "privacy@meridian.example", Desk: desk, Links: links, Subscribed: func() {},
		ShowSecret: func([]byte) string { return "" }, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	engine := gin.New()
	s.Mount(engine)
	return engine, "/objections/" + links.Token(publishing.Link{Change: c.ID, Customer: customer.ID, Delivery: uuid.New()})
}

// TestObjectionPage: a customer sees, without the mail, what the notice told of the change: purposes, data, places and mechanism, and what was before.
func TestObjectionPage(t *testing.T) {
	t.Parallel()
	h, link := forms(t)
	for language, wants := range map[string][]string{
		"en": {
			"Nimbus &lt;Storage&gt; &amp; Söhne", "<dt>Registered as</dt>", "Nimbus Storage, Inc.", "<dt>Personal data</dt>", "Contact details",
			"United States (EU–US Data Privacy Framework)", "<del>Hosting</del>", "<ins>Hosting and backup</ins>", "<dt>Purposes</dt>", "25 December 2026",
		},
		"de": {"<dt>Eingetragen als</dt>", "Kontaktdaten", "Vereinigte Staaten (EU-US-Datenschutzrahmen)", "<ins>Hosting and backup</ins>"},
	} {
		r := get(t, h, link+"?lang="+language)
		for _, want := range wants {
			if r.StatusCode != 200 || strings.Count(r.Body, want) != 1 {
				t.Errorf("%s: %d, and %d times %q", language, r.StatusCode, strings.Count(r.Body, want), want)
			}
		}
	}
}
