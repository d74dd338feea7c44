package demo_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"onward/app/demo"
	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/importing"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

type world struct {
	db   *bun.DB
	log  *audit.Log
	reg  *registry.Registry
	gate *sharing.Gate
}

// newWorld makes an empty registry with a gate; when the test ends, its whole log is verified.
func newWorld(t *testing.T) world {
	t.Helper()
	db := pgtest.New(t)
	log, err := audit.Open(t.Context(), db, "demo.test/log", noon)
	if err != nil {
		t.Fatal(err)
	}
	committer := log.NewCommitter(16, 16, func() time.Time { return noon })
	t.Cleanup(func() {
		if err := errors.Join(committer.Close(context.Background()), log.Verify(context.Background())); err != nil {
			t.Errorf("the log: %v", err)
		}
	})
	settings := sharing.Settings{SubjectKey: bytes.Repeat([]byte{7}, 32)}
	return world{db, log, registry.New(db, log), sharing.New(db, log, committer, settings)}
}

func (w world) load(t *testing.T, now time.Time) demo.Report {
	t.Helper()
	report, err := demo.Load(t.Context(), w.reg, w.gate, audit.Program, now)
	if err != nil {
		var r *registry.Refusal
		if errors.As(err, &r) {
			t.Log(r.Fields)
		}
		t.Fatal(err)
	}
	return report
}

func (w world) size(t *testing.T) int64 {
	t.Helper()
	h, err := w.log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h.Size
}

func TestLoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	report := w.load(t, noon)
	if n := report.Import.Count(importing.Refused); n > 0 {
		t.Errorf("%d records of the published lists were refused", n)
	}
	got := map[string][]string{}
	var verdicts []string
	for _, s := range report.Shares {
		verdicts = append(verdicts, string(s.Verdict))
		if s.Receipt == nil {
			t.Errorf("%s: no receipt", s.About)
		}
		if s.Reasons != nil {
			got[s.Vendor] = append(got[s.Vendor], s.Reasons...)
		}
	}
	if all := strings.Join(verdicts, " "); all != "allowed allowed allowed allowed denied denied denied denied violation" {
		t.Error(all)
	}
	want := map[string][]string{
		"Eficode":             {"purpose_not_in_engagement", "category_not_in_engagement", "no_contract", "no_contract", "country_not_covered"},
		"Hetzner Online GmbH": {"country_not_in_contract", "country_not_covered"},
		"Stripe":              {"contract_not_in_force"},
		"CoreWeave, Inc.":     {"vendor_not_active", "engagement_not_in_force", "purpose_not_in_engagement", "category_not_in_engagement", "no_contract", "country_not_covered"},
		"Snowflake":           {"no_contract"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	w.checkMarks(t)
	w.checkList(t)
}

// checkMarks checks that everything invented says so.
func (w world) checkMarks(t *testing.T) {
	t.Helper()
	page, err := w.reg.Vendors(t.Context(), registry.VendorQuery{Limit: 200})
	if err != nil || len(page.Items) != 39 {
		t.Fatal(len(page.Items), err)
	}
	contracts := 0
	for _, v := range page.Items {
		if v.Owner != demo.Company {
			t.Errorf("%s is owned by %q", v.Name, v.Owner)
		}
		of, err := w.reg.Contracts(t.Context(), noon, v.ID, 200, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range of.Items {
			contracts++
			_, text, err := w.reg.DocumentContent(t.Context(), c.ID)
			if err != nil || !strings.HasPrefix(c.Title, "Demo ") || !strings.Contains(string(text), "No such agreement exists.") {
				t.Errorf("%s: %q, %v", v.Name, c.Title, err)
			}
		}
	}
	if contracts != 6 {
		t.Errorf("%d contracts", contracts)
	}
}

// checkList checks that the public list shows what is current.
func (w world) checkList(t *testing.T) {
	t.Helper()
	list, err := publishing.Build(t.Context(), w.db, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Entries) != 36 { // of 40 rows, one is removed, two are service providers of the company itself, one is a partner
		t.Errorf("%d entries", len(list.Entries))
	}
	if slices.ContainsFunc(list.Entries, func(e publishing.Entry) bool { return e.Vendor == "CoreWeave, Inc." || e.Vendor == "Eficode" }) {
		t.Error("a vendor is shown that was removed or is no subprocessor")
	}
}

func TestLoadAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(t, noon)
	before := w.size(t)
	report := w.load(t, noon.Add(25*time.Hour))
	if w.size(t) != before {
		t.Errorf("%d entries more", w.size(t)-before)
	}
	for _, s := range report.Shares {
		if !s.Before {
			t.Errorf("recorded again: %s", s.About)
		}
	}
}

func TestLoadKeepsOutOfARegistryThatIsUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.reg.CreateVendor(t.Context(), audit.Program, noon, registry.VendorFields{Name: "Real", Kinds: []string{"partner"}}); err != nil {
		t.Fatal(err)
	}
	_, err := demo.Load(t.Context(), w.reg, w.gate, audit.Program, noon)
	var refusal *registry.Refusal
	if !errors.As(err, &refusal) || refusal.Kind != registry.Conflict || w.size(t) != 1 {
		t.Error(err)
	}
}
