package site_test

import (
	"context"
	"io"
	"log/slog"
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

// TestFromTheRecords follows a vendor from its draft to the list and off it again, over a real database.
func TestFromTheRecords(t *testing.T) {
	t.Parallel()
	const marker = "INTERNAL"
	db, now := pgtest.New(t), noon
	log, err := audit.Open(t.Context(), db, "site.test/log", noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Verify(context.Background()); err != nil {
			t.Errorf("the log: %v", err)
		}
	})
	records := registry.New(db, log)
	list := site.New(site.Options{
		Build: func(ctx context.Context, t time.Time) (publishing.List, error) { return publishing.Build(ctx, db, t) },
		Epoch: func(ctx context.Context) (int64, error) {
			head, err := log.Head(ctx)
			return head.Epoch, err
		},
		Now: func() time.Time { return now }, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	h := gin.New()
	list.Mount(h)
	person := func(n string, role string) audit.Actor {
		return audit.Actor{Kind: "user", ID: uuid.MustParse(n + "1111111-1111-4111-8111-111111111111"), Role: role}
	}
	step := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		list.Changed()
		now = now.Add(time.Second)
	}
	paths := []string{
		"/subprocessors", "/subprocessors.json", "/subprocessors.csv", "/subprocessors.jsonld", "/subprocessors/fragment", "/subprocessors/annex-iii",
	}
	shows := func(when, query string, want bool) {
		t.Helper()
		for _, path := range paths {
			body := get(t, h, path+query).Body
			if strings.Contains(body, "Acme Cloud") != want {
				t.Errorf("%s: %s shows it: %t", when, path+query, !want)
			}
			if strings.Contains(body, marker) {
				t.Errorf("%s: %s shows what is internal", when, path+query)
			}
		}
	}

	shows("before", "", false)
	v, err := records.CreateVendor(t.Context(), person("1", "legal"), now, registry.VendorFields{
		Name: "Acme Cloud", Kinds: []string{"subprocessor"}, Notes: marker, Owner: marker, ExternalID: marker,
		Contacts: []registry.Contact{{Role: "privacy", Name: marker}},
	})
	step(err)
	e, err := records.CreateEngagement(t.Context(), person("1", "legal"), now, v.ID, registry.EngagementFields{
		Service: "Hosting", Listed: true, ListedReason: marker, Notes: marker, Source: &registry.Source{Source: marker},
	})
	step(err)
	shows("a draft", "", false)
	_, err = records.ChangeVendor(t.Context(), person("2", "approver"), now, v.ID, v.Version, registry.VendorPatch{State: registry.Approved, Reason: marker})
	approved := now
	step(err)
	shows("approved", "", true)
	_, err = records.ChangeEngagement(t.Context(), person("1", "legal"), now, e.ID, e.Version, []byte(`{"listed":false}`))
	step(err)
	shows("taken off", "", false)
	shows("as it stood before", "?as_of="+approved.Format(time.RFC3339), true)
	shows("as it stood before the approval", "?as_of="+approved.Add(-time.Second).Format(time.RFC3339), false)
}
