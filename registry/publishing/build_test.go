package publishing_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/publishing"
)

var (
	legal    = audit.Actor{Kind: "user", ID: uuid.MustParse("11111111-1111-4111-8111-111111111111"), Role: "legal"}
	approver = audit.Actor{Kind: "user", ID: uuid.MustParse("22222222-2222-4222-8222-222222222222"), Role: "approver"}
	noon     = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

// world is a registry with a database of its own; each step in it takes a second.
type world struct {
	*registry.Registry
	t   *testing.T
	db  *bun.DB
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db := pgtest.New(t)
	log, err := audit.Open(t.Context(), db, "publishing.test/log", noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Verify(context.Background()); err != nil {
			t.Errorf("the log: %v", err)
		}
	})
	return &world{Registry: registry.New(db, log), t: t, db: db, now: noon}
}

func (w *world) tick() time.Time {
	w.now = w.now.Add(time.Second)
	return w.now
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// vendor makes a vendor and puts it through states.
func (w *world) vendor(name string, states ...registry.VendorState) registry.Vendor {
	w.t.Helper()
	v := must(w.CreateVendor(w.t.Context(), legal, w.tick(), registry.VendorFields{Name: name, Kinds: []string{"subprocessor"}}))(w.t)
	return w.move(v, states...)
}

func (w *world) move(v registry.Vendor, states ...registry.VendorState) registry.Vendor {
	w.t.Helper()
	for _, s := range states {
		v = must(w.ChangeVendor(w.t.Context(), approver, w.tick(), v.ID, v.Version, registry.VendorPatch{State: s}))(w.t)
	}
	return v
}

func (w *world) engagement(v registry.Vendor, f registry.EngagementFields) registry.Engagement {
	w.t.Helper()
	f.Listed, f.ListedReason = true, "its infrastructure delivers the product"
	if f.Service == "" {
		f.Service = "Hosting"
	}
	return must(w.CreateEngagement(w.t.Context(), legal, w.tick(), v.ID, f))(w.t)
}

func (w *world) location(e registry.Engagement, f registry.LocationFields) {
	w.t.Helper()
	must(w.CreateLocation(w.t.Context(), legal, w.tick(), e.ID, f))(w.t)
}

func (w *world) list(at time.Time) publishing.List {
	w.t.Helper()
	return must(publishing.Build(w.t.Context(), w.db, at))(w.t)
}

// listed are the vendors on the list at an instant.
func (w *world) listed(at time.Time) string {
	w.t.Helper()
	var names []string
	for _, e := range w.list(at).Entries {
		names = append(names, e.Vendor)
	}
	return strings.Join(names, ", ")
}

func day(text string) *registry.Date {
	d, err := registry.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return &d
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, not %q", what, got, want)
	}
}

func TestWhatIsPublic(t *testing.T) {
	t.Parallel()

	t.Run("a vendor from its approval until it has ended", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		v := w.vendor("Acme")
		w.engagement(v, registry.EngagementFields{})
		expect(t, "proposed", w.listed(w.now), "")
		v = w.move(v, registry.Approved)
		expect(t, "approved", w.listed(w.now), "Acme")
		v = w.move(v, registry.Active)
		expect(t, "active", w.listed(w.now), "Acme")
		if w.list(w.now).Entries[0].Leaving {
			t.Error("an active vendor is leaving")
		}
		w.move(v, registry.WindingDown)
		expect(t, "winding down", w.listed(w.now), "Acme")
		if !w.list(w.now).Entries[0].Leaving {
			t.Error("a vendor that winds down is not leaving")
		}
		v = must(w.Vendor(t.Context(), v.ID, nil))(t)
		must(w.ChangeVendor(t.Context(), approver, w.tick(), v.ID, v.Version, registry.VendorPatch{
			State: registry.Ended, Fields: []byte(`{"deletion_exception":"nothing was ever given"}`), Reason: "gone",
		}))(t)
		expect(t, "ended", w.listed(w.now), "")
	})

	t.Run("an engagement only while it is listed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		e := w.engagement(w.vendor("Acme", registry.Approved), registry.EngagementFields{})
		expect(t, "listed", w.listed(w.now), "Acme")
		must(w.ChangeEngagement(t.Context(), legal, w.tick(), e.ID, e.Version, []byte(`{"listed":false}`)))(t)
		expect(t, "taken off", w.listed(w.now), "")
		expect(t, "the second before", w.listed(w.now.Add(-time.Second)), "Acme")
	})

	t.Run("an engagement from its first day to the end of its last, as UTC counts them", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.engagement(w.vendor("Acme", registry.Approved), registry.EngagementFields{From: day("2026-11-26"), Until: day("2026-11-27")})
		for at, want := range map[string]string{
			"2026-11-25T23:59:59Z": "", "2026-11-26T00:00:00Z": "Acme", "2026-11-27T23:59:59Z": "Acme", "2026-11-28T00:00:00Z": "",
		} {
			expect(t, at, w.listed(must(time.Parse(time.RFC3339, at))(t)), want)
		}
	})

	t.Run("a place only on its days", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		e := w.engagement(w.vendor("Acme", registry.Approved), registry.EngagementFields{})
		w.location(e, registry.LocationFields{Place: "US", Until: day("2026-11-24")})
		w.location(e, registry.LocationFields{Place: "TR", From: day("2026-11-25"), Transfer: &registry.Transfer{Mechanism: "scc_2021_914", Reference: "SECRET"}})
		for at, want := range map[time.Time]string{w.now: "United States ", w.now.AddDate(0, 0, 1): "Türkiye scc_2021_914"} {
			places := w.list(at).Entries[0].Locations
			if len(places) != 1 {
				t.Fatalf("%s: %v", at, places)
			}
			expect(t, at.String(), places[0].Name+" "+places[0].Transfer, want)
		}
	})

	t.Run("nothing before it was recorded, whatever day it is said to hold from", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.engagement(w.vendor("Acme", registry.Approved), registry.EngagementFields{From: day("2020-01-01")})
		expect(t, "before it was recorded", w.listed(noon), "")
		expect(t, "now", w.listed(w.now), "Acme")
	})

	t.Run("in the order of names, whatever their case and accents", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		for _, name := range []string{"zebra", "Émile", "alpha", "Beta", "eve"} {
			w.engagement(w.vendor(name, registry.Approved), registry.EngagementFields{})
		}
		expect(t, "order", w.listed(w.now), "alpha, Beta, Émile, eve, zebra")
	})
}

func TestWhenTheListChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if list := w.list(w.now); !list.Updated.IsZero() || !list.Begins.IsZero() || !list.Next.IsZero() || list.Entries == nil {
		t.Errorf("an empty registry: %+v", list)
	}
	v := w.vendor("Acme", registry.Approved)
	e := w.engagement(v, registry.EngagementFields{Until: day("2026-11-30")})
	listed := w.now
	end := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

	v = must(w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.VendorPatch{Fields: []byte(`{"notes":"not for the public"}`)}))(t)
	list := w.list(w.now)
	expect(t, "what nobody sees does not date the list", list.Updated.String(), listed.String())
	expect(t, "its records begin with the first that was listed", list.Begins.String(), listed.String())
	expect(t, "it changes by itself after the last day", list.Next.String(), end.String())

	must(w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.VendorPatch{Fields: []byte(`{"name":"Acme Cloud"}`)}))(t)
	expect(t, "a name dates it", w.list(w.now).Updated.String(), w.now.String())

	list = w.list(end.Add(time.Hour))
	expect(t, "so does the end of the last day", list.Updated.String(), end.String())
	if len(list.Entries) != 0 || !list.Next.IsZero() {
		t.Errorf("after its end: %+v", list)
	}
	must(w.ChangeEngagement(t.Context(), legal, w.tick(), e.ID, e.Version, []byte(`{"until":"2026-12-31"}`)))(t)
	expect(t, "what was known before is as it was known", w.list(w.now.Add(-time.Second)).Next.String(), end.String())
}

// TestNothingInternal fills every field that is not public with a marker, and looks for it in the list.
func TestNothingInternal(t *testing.T) {
	t.Parallel()
	const marker = "INTERNAL"
	w := newWorld(t)
	parent := w.vendor(marker + " parent")
	v := must(w.CreateVendor(t.Context(), legal, w.tick(), registry.VendorFields{
		Name: "Acme", LegalName: "Acme, Inc.", Kinds: []string{"subprocessor", "partner"}, Country: "US", Address: "1 Main Street",
		OtherNames: []registry.OtherName{{Name: "Ajax", Kind: "formerly", Until: day("2020-01-01")}, {Name: marker, Kind: "brand", From: day("2027-01-01")}},
		Website:    "https://acme.example/", PrivacyNotice: "https://acme.example/privacy", SubprocessorList: "https://acme.example/list",
		Identifiers: []registry.Identifier{{Scheme: "other", Value: marker}},
		Contacts:    []registry.Contact{{Role: "privacy", Name: marker, Position: marker, Email: "internal@acme.example", Phone: marker}, {Role: "legal", Name: "Contracts desk", Email: "contracts@acme.example", Public: true}},
		ParentID:    &parent.ID, Owner: marker, Notes: marker, DeletionException: marker, ExternalID: marker, Certifications: []string{"ISO/IEC 27001"},
		DeletionCertificate: &registry.DeletionCertificate{CertifiedOn: *day("2026-01-01"), Reference: marker},
	}))(t)
	w.move(v, registry.Approved)
	e := must(w.CreateEngagement(t.Context(), legal, w.tick(), v.ID, registry.EngagementFields{
		Service: "Hosting", Listed: true, ListedReason: marker, Notes: marker, ExternalID: marker, Condition: "only if asked for",
		Source:         &registry.Source{ListedBy: marker, Source: marker, PublishedName: marker},
		EarlierChanges: []registry.EarlierChange{{On: *day("2025-01-01"), Event: marker, Field: marker, From: []string{marker}, To: []string{marker}, Replaces: marker}},
		DataStated:     []registry.StatedData{{Class: "Contact", Items: []string{"e-mail address"}}}, CollectionMode: "direct",
	}))(t)
	w.location(e, registry.LocationFields{Place: "CZ", Transfer: &registry.Transfer{Mechanism: "dpf", Fallback: "bcr", Reference: marker}})
	must(w.CreateContract(t.Context(), legal, w.tick(), v.ID, registry.ContractFields{
		Kind: "data_processing_agreement", Title: marker, Reference: marker, Notes: marker, ExternalID: marker, GoverningLaw: marker,
	}))(t)
	text := string(must(json.Marshal(w.list(w.now)))(t))
	for _, secret := range []string{marker, "internal@", v.ID.String(), parent.ID.String(), "direct", "bcr"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is public: %s", secret, text)
		}
	}
	for _, open := range []string{"Acme, Inc.", "Ajax", "1 Main Street", "https://acme.example/privacy", "only if asked for", "Czechia", "e-mail address", "dpf", "contracts@acme.example"} {
		if !strings.Contains(text, open) {
			t.Errorf("%q is missing: %s", open, text)
		}
	}
}
