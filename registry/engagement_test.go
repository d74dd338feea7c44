package registry_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/policy"
)

func TestEngagement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.vendor(t, fields("Vendor"))
	first := policy.Shipped()[0]

	t.Run("what is created is what is read, now and as of then", func(t *testing.T) {
		t.Parallel()
		e := w.engagement(t, v.ID, registry.EngagementFields{
			Service: "Error tracking", Products: []string{"App", "Site, \"EU\""}, Role: "sub_processor", Purposes: []string{first.Purposes[0].Code},
			Categories: []string{first.Categories[0].Code}, DataStated: []registry.StatedData{{Class: "Account", Items: []string{"name", "e-mail"}}},
			DataSubjects: []string{"users"}, CollectionMode: "direct", Condition: "only if it is on", From: day(t, "2020-02-29"), Until: day(t, "2027-01-01"),
			Listed: true, ListedReason: "delivers part of the product", OnwardList: "https://example.com/list", Notes: "n", ExternalID: "E1",
			Source:         &registry.Source{ListedBy: "GitHub, Inc.", AsOf: day(t, "2026-03-23")},
			Cookies:        []registry.Cookie{{Name: "visit_*", Purpose: "SITE_VIEW"}},
			EarlierChanges: []registry.EarlierChange{{On: *day(t, "2026-03-11"), Field: "processing_locations", From: []string{"US"}, To: []string{"US", "CA"}}},
		})
		read, err := w.Engagement(t.Context(), e.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, read); diff != "" {
			t.Error(diff)
		}
		then, err := w.Engagement(t.Context(), e.ID, &e.UpdatedAt)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, then); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("a vendor that does not exist is not found", func(t *testing.T) {
		t.Parallel()
		_, err := w.CreateEngagement(t.Context(), legal, w.tick(), uuid.New(), registry.EngagementFields{Service: "x"})
		refused(t, err, registry.NotFound)
		_, err = w.Engagements(t.Context(), uuid.New(), 0, "")
		refused(t, err, registry.NotFound)
	})

	t.Run("a listed engagement says why, and codes are those of the policy", func(t *testing.T) {
		t.Parallel()
		unknown := uuid.New()
		_, err := w.CreateEngagement(t.Context(), legal, w.tick(), v.ID, registry.EngagementFields{
			Service: "x", Listed: true, Purposes: []string{"TRAIN_AI"}, Categories: []string{"BIOMETRIC"}, Role: "friend",
		})
		refused(t, err, registry.Invalid, "/listed_reason", "/purposes/0", "/categories/0", "/role")
		_, err = w.CreateEngagement(t.Context(), legal, w.tick(), v.ID, registry.EngagementFields{Service: "x", EngagedByID: &unknown})
		refused(t, err, registry.Invalid, "/engaged_by_id")
	})

	t.Run("of two changes that together close a circle, one is refused", func(t *testing.T) {
		t.Parallel()
		other := w.vendor(t, fields("Other"))
		for range 5 {
			a := w.engagement(t, v.ID, registry.EngagementFields{Service: "a"})
			b := w.engagement(t, other.ID, registry.EngagementFields{Service: "b"})
			of := [][2]registry.Engagement{{a, b}, {b, a}}
			at := w.tick()
			errs := together(2, func(i int) error {
				_, err := w.ChangeEngagement(t.Context(), legal, at, of[i][0].ID, 1, fmt.Appendf(nil, `{"engaged_by_id":%q}`, of[i][1].ID))
				return err
			})
			oneRefused(t, errs, registry.Conflict)
		}
		e := w.engagement(t, v.ID, registry.EngagementFields{Service: "self"})
		_, err := w.ChangeEngagement(t.Context(), legal, w.tick(), e.ID, 1, fmt.Appendf(nil, `{"engaged_by_id":%q}`, e.ID))
		refused(t, err, registry.Conflict)
	})

	t.Run("the change of an engagement is in its vendor's own sequence", func(t *testing.T) {
		t.Parallel()
		e := w.engagement(t, v.ID, registry.EngagementFields{Service: "seq"})
		e, err := w.ChangeEngagement(t.Context(), legal, w.tick(), e.ID, 1, []byte(`{"service":"seq 2","listed":true,"listed_reason":"r"}`))
		if err != nil {
			t.Fatal(said(err))
		}
		entry, err := w.log.Entry(t.Context(), history(t, w, "engagement", e.ID)[0].EntryID)
		if err != nil || entry.VendorID != v.ID || entry.Type != "engagement.changed" {
			t.Fatalf("%+v %v", entry, err)
		}
		if !contains(entry.Leaf, `"changed":["/listed","/listed_reason","/service"]`) || contains(entry.Leaf, "seq 2") {
			t.Errorf("%s", entry.Leaf)
		}
		_, err = w.ChangeEngagement(t.Context(), legal, w.tick(), e.ID, 1, []byte(`{}`))
		refused(t, err, registry.Stale)
	})
}

func TestLocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.vendor(t, fields("Vendor"))
	e := w.engagement(t, v.ID, registry.EngagementFields{Service: "s"})

	t.Run("what is created and changed is what is read", func(t *testing.T) {
		t.Parallel()
		l, err := w.CreateLocation(t.Context(), legal, w.tick(), e.ID, registry.LocationFields{
			Place: "US", Uses: []string{"storage"}, AppliesTo: "US customers", Detail: "Oregon", Stated: "worldwide", From: day(t, "2026-01-01"),
			Transfer: &registry.Transfer{Mechanism: "dpf", Modules: []int{2, 3}, Fallback: "scc_2021_914", AssessedOn: day(t, "2026-01-02")},
		})
		if err != nil {
			t.Fatal(said(err))
		}
		if l.VendorID != v.ID || l.EngagementID != e.ID {
			t.Errorf("%+v", l)
		}
		l, err = w.ChangeLocation(t.Context(), legal, w.tick(), l.ID, 1, []byte(`{"place":"EEA","uses":null,"transfer":{"modules":null}}`))
		if err != nil {
			t.Fatal(said(err))
		}
		for _, asOf := range []*time.Time{nil, &l.UpdatedAt} {
			read, err := w.Location(t.Context(), l.ID, asOf)
			if err != nil {
				t.Fatal(err)
			}
			if asOf != nil {
				read.Uses = []string{}
			}
			if diff := cmp.Diff(l, read); diff != "" {
				t.Error(diff)
			}
		}
	})

	t.Run("an engagement that does not exist is not found", func(t *testing.T) {
		t.Parallel()
		_, err := w.CreateLocation(t.Context(), legal, w.tick(), uuid.New(), registry.LocationFields{Place: "US"})
		refused(t, err, registry.NotFound)
		_, err = w.Locations(t.Context(), uuid.New(), 0, "")
		refused(t, err, registry.NotFound)
	})

	t.Run("lists page in the order of creation, also within one instant", func(t *testing.T) {
		t.Parallel()
		e := w.engagement(t, v.ID, registry.EngagementFields{Service: "paged"})
		at := w.tick()
		want := map[uuid.UUID]bool{}
		for range 7 {
			l, err := w.CreateLocation(t.Context(), legal, at, e.ID, registry.LocationFields{Place: "US"})
			if err != nil {
				t.Fatal(err)
			}
			want[l.ID] = true
		}
		cursor, pages := "", 0
		for {
			page, err := w.Locations(t.Context(), e.ID, 3, cursor)
			if err != nil {
				t.Fatal(said(err))
			}
			for _, l := range page.Items {
				if !want[l.ID] {
					t.Errorf("%s is not there, or twice", l.ID)
				}
				delete(want, l.ID)
			}
			pages++
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if len(want) != 0 || pages != 3 {
			t.Errorf("%d missing after %d pages", len(want), pages)
		}
	})
}
