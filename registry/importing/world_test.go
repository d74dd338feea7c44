package importing_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/importing"
)

var (
	noon  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	legal = audit.Actor{Kind: "user", ID: uuid.MustParse("11111111-1111-4111-8111-111111111111"), Role: "legal"}
)

// world is a registry with a database and a log of its own.
type world struct {
	*registry.Registry
	tb  testing.TB
	log *audit.Log
	now time.Time
}

// newWorld makes an empty registry; when the test ends, its whole log is verified.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	db := pgtest.New(tb)
	log, err := audit.Open(tb.Context(), db, "importing.test/log", noon)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := log.Verify(context.Background()); err != nil {
			tb.Errorf("the log: %v", err)
		}
	})
	return &world{Registry: registry.New(db, log), tb: tb, log: log, now: noon}
}

// tick is the next instant.
func (w *world) tick() time.Time {
	w.now = w.now.Add(time.Second)
	return w.now
}

func (w *world) apply(rows []importing.Row, o importing.Options) importing.Report {
	w.tb.Helper()
	r, err := importing.Apply(w.tb.Context(), w.Registry, audit.Program, w.tick(), rows, o)
	if err != nil {
		w.tb.Fatal(err)
	}
	return r
}

func (w *world) plan(rows []importing.Row, o importing.Options) importing.Report {
	w.tb.Helper()
	r, err := importing.Plan(w.tb.Context(), w.Registry, audit.Program, w.now, rows, o)
	if err != nil {
		w.tb.Fatal(err)
	}
	return r
}

// size is how many entries the log has.
func (w *world) size() int64 {
	w.tb.Helper()
	h, err := w.log.Head(w.tb.Context())
	if err != nil {
		w.tb.Fatal(err)
	}
	return h.Size
}

// held is what the registry holds of one vendor.
type held struct {
	registry.Vendor
	engagements []heldEngagement
}

type heldEngagement struct {
	registry.Engagement
	locations []registry.Location
}

// held reads everything by vendor name.
func (w *world) held() map[string]held {
	w.tb.Helper()
	all := map[string]held{}
	for cursor := ""; ; {
		page, err := w.Vendors(w.tb.Context(), registry.VendorQuery{Limit: 200, Cursor: cursor})
		if err != nil {
			w.tb.Fatal(err)
		}
		for _, v := range page.Items {
			all[v.Name] = held{v, w.engagements(v.ID)}
		}
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

func (w *world) engagements(vendor uuid.UUID) []heldEngagement {
	w.tb.Helper()
	page, err := w.Engagements(w.tb.Context(), vendor, 200, "")
	if err != nil || page.Next != "" {
		w.tb.Fatal(err, page.Next)
	}
	var all []heldEngagement
	for _, e := range page.Items {
		locations, err := w.Locations(w.tb.Context(), e.ID, 200, "")
		if err != nil || locations.Next != "" {
			w.tb.Fatal(err, locations.Next)
		}
		all = append(all, heldEngagement{e, locations.Items})
	}
	return all
}
