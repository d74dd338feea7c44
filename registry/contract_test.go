package registry_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/registry"
)

func day(tb testing.TB, s string) *registry.Date {
	tb.Helper()
	if s == "" {
		return nil
	}
	d, err := registry.ParseDate(s)
	if err != nil {
		tb.Fatal(err)
	}
	return &d
}

func instant(tb testing.TB, s string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule                            string
		signed, from, until, terminated string
		zone                            string
		renews                          bool
		at, want                        string
	}{
		{"without a signature it is a draft", "", "2026-01-01", "", "", "", false, "2026-06-01T00:00:00Z", "draft"},
		{"before the day of its signature it is a draft, even where its terms reach back", "2026-03-01", "2026-01-01", "", "", "", false, "2026-02-28T23:59:59.999Z", "draft"},
		{"from the day of its signature it binds", "2026-03-01", "2026-01-01", "", "", "", false, "2026-03-01T00:00:00Z", "in_force"},
		{"signed and not begun", "2026-01-01", "2026-02-01", "", "", "", false, "2026-01-31T23:59:59.999Z", "signed"},
		{"the first day begins at midnight", "2026-01-01", "2026-02-01", "", "", "", false, "2026-02-01T00:00:00Z", "in_force"},
		{"the last day belongs to it to its last millisecond", "2026-01-01", "2026-01-01", "2026-12-31", "", "", false, "2026-12-31T23:59:59.999Z", "in_force"},
		{"after the last day it is expired", "2026-01-01", "2026-01-01", "2026-12-31", "", "", false, "2027-01-01T00:00:00Z", "expired"},
		{"a leap day is a last day", "2024-01-01", "2024-01-01", "2024-02-29", "", "", false, "2024-02-29T23:59:59.999999Z", "in_force"},
		{"and the first of March is after it", "2024-01-01", "2024-01-01", "2024-02-29", "", "", false, "2024-03-01T00:00:00Z", "expired"},
		{"auto-renewal outlives the last day", "2026-01-01", "2026-01-01", "2026-12-31", "", "", true, "2029-01-01T00:00:00Z", "in_force"},
		{"termination ends auto-renewal", "2026-01-01", "2026-01-01", "2026-12-31", "2028-06-30", "", true, "2028-07-01T00:00:00Z", "terminated"},
		{"the day of termination belongs to it", "2026-01-01", "2026-01-01", "", "2026-06-30", "", false, "2026-06-30T23:59:59.999Z", "in_force"},
		{"terminated before it began", "2026-01-01", "2026-06-01", "", "2026-02-01", "", false, "2026-07-01T00:00:00Z", "terminated"},
		{"expired before it was terminated", "2026-01-01", "2026-01-01", "2026-03-31", "2026-06-30", "", false, "2026-07-01T00:00:00Z", "expired"},
		{"days are those of its zone: Berlin's day begins before UTC's", "2026-01-01", "2026-02-01", "", "", "Europe/Berlin", false, "2026-01-31T23:00:00Z", "in_force"},
		{"the day of the change to summer time has 23 hours", "2026-01-01", "2026-01-01", "2026-03-29", "", "Europe/Berlin", false, "2026-03-29T21:59:59.999Z", "in_force"},
		{"and ends an hour earlier", "2026-01-01", "2026-01-01", "2026-03-29", "", "Europe/Berlin", false, "2026-03-29T22:00:00Z", "expired"},
		{"the day of the change to winter time has 25 hours", "2026-01-01", "2026-01-01", "2026-10-25", "", "Europe/Berlin", false, "2026-10-25T22:59:59.999Z", "in_force"},
		{"and ends an hour later", "2026-01-01", "2026-01-01", "2026-10-25", "", "Europe/Berlin", false, "2026-10-25T23:00:00Z", "expired"},
		{"where midnight does not exist, the day begins when the clock goes on", "2018-01-01", "2018-11-04", "", "", "America/Sao_Paulo", false, "2018-11-04T03:00:00Z", "in_force"},
		{"and not before", "2018-01-01", "2018-11-04", "", "", "America/Sao_Paulo", false, "2018-11-04T02:59:59.999Z", "signed"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			k := registry.Contract{ContractFields: registry.ContractFields{
				SignedOn: day(t, c.signed), InForceFrom: day(t, c.from), InForceUntil: day(t, c.until), TerminatedOn: day(t, c.terminated),
				Zone: c.zone, AutoRenewal: c.renews,
			}}
			at := instant(t, c.at)
			if got := k.StatusAt(at); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if got := k.InForceAt(at); got != (c.want == "in_force") {
				t.Errorf("in force: %t", got)
			}
		})
	}
}

func TestTermsAt(t *testing.T) {
	t.Parallel()
	original := registry.Contract{ID: uuid.New(), ContractFields: registry.ContractFields{
		Title: "original", SignedOn: day(t, "2026-01-01"), InForceFrom: day(t, "2026-01-01"), InForceUntil: day(t, "2026-12-31"),
	}}
	amendment := func(title, signed, from, until string) registry.Contract {
		return registry.Contract{ID: uuid.New(), AmendsID: &original.ID, ContractFields: registry.ContractFields{
			Title: title, SignedOn: day(t, signed), InForceFrom: day(t, from), InForceUntil: day(t, until),
		}}
	}
	other := amendment("of another", "2026-01-01", "2026-01-01", "")
	other.AmendsID = &other.ID
	amendments := []registry.Contract{
		amendment("third", "2026-05-01", "2026-06-01", "2027-12-31"),
		amendment("first", "2026-01-15", "2026-02-01", "2026-12-31"),
		amendment("second, signed late", "2026-04-10", "2026-03-01", "2026-12-31"),
		amendment("draft", "", "2026-02-15", ""),
		amendment("third, superseded on its day", "2026-04-30", "2026-06-01", "2026-12-31"),
		other,
	}
	for _, c := range []struct{ rule, at, want string }{
		{"before the first amendment the original stands", "2026-01-31T23:59:59.999Z", "original"},
		{"an amendment stands from its first day", "2026-02-01T00:00:00Z", "first"},
		{"a draft supersedes nothing", "2026-02-20T00:00:00Z", "first"},
		{"nor does one that is not yet signed", "2026-04-09T23:59:59Z", "first"},
		{"once signed, it does", "2026-04-10T00:00:00Z", "second, signed late"},
		{"of two from one day, the one signed last stands", "2026-06-01T00:00:00Z", "third"},
		{"an amendment's own last day counts", "2027-06-01T00:00:00Z", "third"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			if got := registry.TermsAt(original, amendments, instant(t, c.at)); got.Title != c.want {
				t.Errorf("got %q, want %q", got.Title, c.want)
			}
		})
	}
	t.Run("the original's termination ends its amendments", func(t *testing.T) {
		t.Parallel()
		ended := original
		ended.TerminatedOn = day(t, "2026-08-31")
		at := instant(t, "2026-09-01T00:00:00Z")
		if got := registry.TermsAt(ended, amendments, at); got.StatusAt(at) != "terminated" {
			t.Errorf("got %s", got.StatusAt(at))
		}
	})
	t.Run("a draft has no amendments", func(t *testing.T) {
		t.Parallel()
		draft := original
		draft.SignedOn = nil
		if got := registry.TermsAt(draft, amendments, instant(t, "2026-06-01T00:00:00Z")); got.Title != "original" {
			t.Errorf("got %s", got.Title)
		}
	})
}

func terms(tb testing.TB) registry.ContractFields {
	tb.Helper()
	sixty, yes := 60, true
	return registry.ContractFields{
		Kind: "data_processing_agreement", Title: "DPA", Reference: "R-1", SignedOn: day(tb, "2026-01-01"), InForceFrom: day(tb, "2026-02-01"),
		InForceUntil: day(tb, "2028-02-29"), Zone: "Europe/Berlin", NoticeDaysUs: &sixty, GoverningLaw: "Germany",
		Clauses:            []registry.Clause{{Code: "confidentiality", Where: "§ 4, p. 3", Text: "…"}},
		PermittedCountries: []string{}, OnwardTransfer: "with_notice", AuditRight: &yes,
		Commercial: &registry.Commercial{Territory: []string{"DE", "EEA"}, CommissionPercent: "12.50"}, Notes: "n", ExternalID: "K1",
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.vendor(t, fields("Vendor"))
	create := func(t *testing.T, f registry.ContractFields) registry.Contract {
		t.Helper()
		c, err := w.CreateContract(t.Context(), legal, w.tick(), v.ID, f)
		if err != nil {
			t.Fatal(said(err))
		}
		return c
	}

	t.Run("what is created is what is read, an empty permission apart from an absent one", func(t *testing.T) {
		t.Parallel()
		c := create(t, terms(t))
		if diff := cmp.Diff(terms(t), c.ContractFields); diff != "" {
			t.Error(diff)
		}
		read, err := w.Contract(t.Context(), w.latest(), c.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, read); diff != "" {
			t.Error(diff)
		}
		then, err := w.Contract(t.Context(), w.latest(), c.ID, &c.UpdatedAt)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, then); diff != "" {
			t.Error(diff)
		}
		if read.PermittedCountries == nil || read.PermittedPurposes != nil || read.Status != "in_force" {
			t.Errorf("%+v", read)
		}
	})

	t.Run("an amendment has the original's terms under a patch, and days of its own", func(t *testing.T) {
		t.Parallel()
		f := terms(t)
		f.ExternalID = "K2"
		c := create(t, f)
		_, err := w.AmendContract(t.Context(), legal, w.tick(), c.ID, []byte(`{"signed_on":"2026-05-01"}`))
		refused(t, err, registry.Invalid, "/in_force_from")
		_, err = w.AmendContract(t.Context(), legal, w.tick(), c.ID, []byte(`{"in_force_from":"2026-01-31"}`))
		refused(t, err, registry.Invalid, "/in_force_from")
		draft, err := w.AmendContract(t.Context(), legal, w.tick(), c.ID, []byte(`{"in_force_from":"2026-06-01"}`))
		if err != nil || draft.Status != "draft" || draft.SignedOn != nil {
			t.Fatal(draft, err)
		}
		a, err := w.AmendContract(t.Context(), legal, w.tick(), c.ID, []byte(`{"signed_on":"2026-05-01","in_force_from":"2026-06-01","notice_days_us":30,"permitted_countries":null}`))
		if err != nil {
			t.Fatal(said(err))
		}
		if *a.NoticeDaysUs != 30 || a.Title != c.Title || a.ExternalID != "" || a.PermittedCountries != nil || a.AmendsID == nil || *a.AmendsID != c.ID || a.VendorID != v.ID {
			t.Errorf("%+v", a)
		}
		_, err = w.AmendContract(t.Context(), legal, w.tick(), a.ID, []byte(`{"in_force_from":"2026-06-01"}`))
		refused(t, err, registry.Conflict)
		page, err := w.Amendments(t.Context(), w.latest(), c.ID, 0, "")
		if err != nil || len(page.Items) != 2 || page.Items[1].ID != a.ID || page.Items[1].Status != "in_force" {
			t.Errorf("%+v %v", page, err)
		}
		entry, err := w.log.Entry(t.Context(), history(t, w, "contract", a.ID)[0].EntryID)
		if err != nil || entry.Type != "contract.amended" || !contains(entry.Leaf, c.ID.String()) {
			t.Errorf("%s %v", entry.Leaf, err)
		}
	})

	t.Run("a parent contract must exist and never be the contract's own child", func(t *testing.T) {
		t.Parallel()
		f := terms(t)
		f.ExternalID = ""
		a := create(t, f)
		f.ParentContractID = &a.ID
		b := create(t, f)
		_, err := w.ChangeContract(t.Context(), legal, w.tick(), a.ID, 1, fmt.Appendf(nil, `{"parent_contract_id":%q}`, b.ID))
		refused(t, err, registry.Conflict)
		_, err = w.ChangeContract(t.Context(), legal, w.tick(), a.ID, 1, fmt.Appendf(nil, `{"parent_contract_id":%q}`, uuid.New()))
		refused(t, err, registry.Invalid, "/parent_contract_id")
	})

	t.Run("a contract of no vendor is not found", func(t *testing.T) {
		t.Parallel()
		f := terms(t)
		f.ExternalID = ""
		_, err := w.CreateContract(t.Context(), legal, w.tick(), uuid.New(), f)
		refused(t, err, registry.NotFound)
	})

	t.Run("days that cannot be are named together", func(t *testing.T) {
		t.Parallel()
		f := terms(t)
		f.InForceUntil, f.TerminatedOn, f.Zone, f.Commercial.CommissionPercent = day(t, "2026-01-31"), day(t, "2025-12-31"), "Mars/Base", "101"
		f.Clauses = []registry.Clause{{Code: "nope"}}
		_, err := w.CreateContract(t.Context(), legal, w.tick(), v.ID, f)
		refused(t, err, registry.Invalid, "/in_force_until", "/terminated_on", "/zone", "/commercial/commission_percent", "/clauses/0/code", "/clauses/0/where")
	})
}

func TestDocument(t *testing.T) { //nolint:tparallel // each step goes on from the one before
	t.Parallel()
	w := newWorld(t)
	v := w.vendor(t, fields("Vendor"))
	c, err := w.CreateContract(t.Context(), legal, w.tick(), v.ID, registry.ContractFields{Kind: "data_processing_agreement"})
	if err != nil {
		t.Fatal(said(err))
	}

	t.Run("a contract without a document has none to read", func(t *testing.T) { //nolint:paralleltest // see above
		_, _, err := w.DocumentContent(t.Context(), c.ID)
		refused(t, err, registry.NotFound)
	})
	t.Run("its bytes come back unchanged, up to the largest", func(t *testing.T) { //nolint:paralleltest // see above
		content := make([]byte, registry.MaxDocument)
		_, _ = rand.Read(content)
		if c, err = w.AttachDocument(t.Context(), legal, w.tick(), c.ID, 1, "dpa.pdf", "application/pdf", bytes.NewReader(content)); err != nil {
			t.Fatal(said(err))
		}
		d, got, err := w.DocumentContent(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, content) || d != *c.Document || d.Name != "dpa.pdf" || d.Size != registry.MaxDocument {
			t.Errorf("%+v", d)
		}
		entry, err := w.log.Entry(t.Context(), history(t, w, "contract", c.ID)[0].EntryID)
		if err != nil || entry.Type != "contract.document_attached" || !contains(entry.Leaf, d.SHA256) {
			t.Errorf("%s %v", entry.Leaf, err)
		}
	})
	t.Run("the same bytes are stored once, and the same document changes nothing", func(t *testing.T) { //nolint:paralleltest // see above
		c, err := w.AttachDocument(t.Context(), legal, w.tick(), c.ID, c.Version, "a", "text/plain", strings.NewReader("bytes"))
		if err != nil {
			t.Fatal(said(err))
		}
		again, err := w.AttachDocument(t.Context(), legal, w.tick(), c.ID, c.Version, "a", "text/plain", strings.NewReader("bytes"))
		if err != nil || again.Version != c.Version {
			t.Fatal(again.Version, err)
		}
		other, err := w.AttachDocument(t.Context(), legal, w.tick(), c.ID, c.Version, "b", "text/plain", strings.NewReader("bytes"))
		if err != nil || other.Document.SHA256 != c.Document.SHA256 || other.Document.Name != "b" {
			t.Fatal(other.Document, err)
		}
	})
	t.Run("none and too many bytes are refused", func(t *testing.T) { //nolint:paralleltest // see above
		_, err := w.AttachDocument(t.Context(), legal, w.tick(), c.ID, 1, "\x00", "text/plain", strings.NewReader(""))
		refused(t, err, registry.Invalid, "/content", "/name")
		_, err = w.AttachDocument(t.Context(), legal, w.tick(), c.ID, 1, "x", "x", bytes.NewReader(make([]byte, registry.MaxDocument+1)))
		refused(t, err, registry.Invalid, "/content")
	})
}

// history reads the first page of a record's history.
func history(tb testing.TB, w *world, kind string, id uuid.UUID) []registry.Version {
	tb.Helper()
	page, err := w.History(tb.Context(), kind, id, 0, "")
	if err != nil {
		tb.Fatal(err)
	}
	return page.Items
}
