package registry_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
)

func TestVendor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	t.Run("what is created is what is read, now and as of then", func(t *testing.T) {
		t.Parallel()
		day := registry.Date{Year: 2018, Month: 10, Day: 26}
		parent := w.vendor(t, fields("Parent"))
		twelve := 12
		f := registry.VendorFields{
			Name: "Functional Software", LegalName: "Functional Software, Inc.", Kinds: []string{"subprocessor", "service_provider"},
			OtherNames: []registry.OtherName{{Name: "Sentry", Kind: "doing_business_as", From: &day}},
			Country:    "US", Address: "45 Fremont Street,\nSan Francisco", Website: "https://sentry.io/", PrivacyNotice: "https://sentry.io/privacy",
			SubprocessorList: "https://sentry.io/legal/subprocessors", LEI: "529900T8BM49AURSDO55",
			Identifiers: []registry.Identifier{{Scheme: "vat", Value: "EU372010101", Country: "US"}},
			Contacts:    []registry.Contact{{Role: "privacy", Name: "Jo", Email: "privacy@example.com", Phone: "+1 1"}},
			DPF:         []registry.FrameworkStatus{{Status: "active", Frameworks: []string{"eu_us"}, Data: []string{"hr"}, From: date(t, "2023-07-17"), CheckedOn: date(t, "2026-01-01")}}, ReviewOn: date(t, "2024-02-29"), ReviewMonths: &twelve,
			Certifications: []string{"ISO 27001", "SOC 2 \"Type\" {2}, \\ ' O"}, ParentID: &parent.ID, Owner: "Legal", Notes: "a\n\tb", ExternalID: "S07",
			DeletionCertificate: &registry.DeletionCertificate{CertifiedOn: day, Reference: "r"}, DeletionException: "x",
			Ownership: []registry.Ownership{{Owner: "Parent", InGroup: true, Percent: "75.5", From: &day, Evidence: "register"}},
			DPF:       []registry.FrameworkStatus{{Status: "active", Frameworks: []string{"eu_us"}, Data: []string{"non_hr"}, From: &day}},
			ReviewOn:  &day, ReviewMonths: new(12),
		}
		v := w.vendor(t, f)
		if diff := cmp.Diff(f, v.VendorFields); diff != "" {
			t.Error(diff)
		}
		read, err := w.Vendor(t.Context(), v.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v, read); diff != "" {
			t.Error(diff)
		}
		then, err := w.Vendor(t.Context(), v.ID, &v.UpdatedAt)
		if err != nil {
			t.Fatal(err)
		}
		then.Search = v.Search
		if diff := cmp.Diff(v, then); diff != "" {
			t.Error(diff)
		}
		before := v.CreatedAt.Add(-time.Microsecond)
		_, err = w.Vendor(t.Context(), v.ID, &before)
		refused(t, err, registry.NotFound)
	})

	t.Run("a name exists once, whatever its case and width", func(t *testing.T) {
		t.Parallel()
		w.vendor(t, fields("Ｃloudflare"))
		_, err := w.CreateVendor(t.Context(), legal, w.tick(), fields(" cloudflare "))
		refused(t, err, registry.Conflict)
	})

	t.Run("an unknown parent is a bad field", func(t *testing.T) {
		t.Parallel()
		f := fields("Orphan")
		f.ParentID = new(uuid.UUID)
		*f.ParentID = uuid.New()
		_, err := w.CreateVendor(t.Context(), legal, w.tick(), f)
		refused(t, err, registry.Invalid, "/parent_id")
	})

	t.Run("another version than the newest is stale", func(t *testing.T) {
		t.Parallel()
		v := w.vendor(t, fields("Stale"))
		w.patch(t, v, `{"notes":"x"}`)
		_, err := w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.VendorPatch{Fields: []byte(`{"notes":"y"}`)})
		refused(t, err, registry.Stale)
	})

	t.Run("a patch that changes nothing writes nothing", func(t *testing.T) {
		t.Parallel()
		v := w.vendor(t, fields("Same"))
		same := w.patch(t, v, `{"name":"Same ","country":null}`)
		entries, err := w.log.Entries(t.Context(), audit.Query{After: -1, Limit: 10, VendorID: v.ID})
		if err != nil || same.Version != 1 || len(entries) != 1 {
			t.Errorf("version %d, %d entries, %v", same.Version, len(entries), err)
		}
	})

	t.Run("a patch of an unknown vendor is not found", func(t *testing.T) {
		t.Parallel()
		_, err := w.ChangeVendor(t.Context(), legal, w.tick(), uuid.New(), 1, registry.VendorPatch{})
		refused(t, err, registry.NotFound)
	})

	t.Run("a null takes a field away and an unknown one is named", func(t *testing.T) {
		t.Parallel()
		f := fields("Patched")
		f.Country = "DE"
		v := w.vendor(t, f)
		_, err := w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, 1, registry.VendorPatch{Fields: []byte(`{"state":"active","nome":1,"contacts":[{"rôle":""}]}`)})
		refused(t, err, registry.Invalid, "/state", "/nome", "/contacts/0/rôle")
		if v = w.patch(t, v, `{"country":null}`); v.Country != "" {
			t.Error(v.Country)
		}
		_, err = w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, 2, registry.VendorPatch{Fields: []byte(`{"name":null,"kinds":[]}`)})
		refused(t, err, registry.Invalid, "/name", "/kinds")
	})

	t.Run("no personal data and no free text is in a leaf", func(t *testing.T) {
		t.Parallel()
		f := fields("Leaf")
		f.Contacts = []registry.Contact{{Role: "privacy", Email: "SECRET@example.com", Name: "SECRET"}}
		f.Notes = "SECRET"
		v := w.vendor(t, f)
		_, err := w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, 1, registry.VendorPatch{Fields: []byte(`{"notes":"SECRET 2"}`), Reason: "SECRET"})
		if err != nil {
			t.Fatal(err)
		}
		entries, err := w.log.Entries(t.Context(), audit.Query{After: -1, Limit: 10, VendorID: v.ID})
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) != 2 || entries[1].VendorSeq != 2 || entries[1].Type != "vendor.changed" {
			t.Fatalf("%+v", entries)
		}
		for _, e := range entries {
			if contains(e.Leaf, "SECRET") {
				t.Errorf("%s", e.Leaf)
			}
		}
		if !contains(entries[1].Leaf, `"changed":["/notes"]`) || !contains(entries[1].Leaf, `"vendor_name":"Leaf"`) {
			t.Errorf("%s", entries[1].Leaf)
		}
	})
}

func TestVendorConcurrently(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	t.Run("of two changes of one version, one is stale", func(t *testing.T) {
		t.Parallel()
		v := w.vendor(t, fields("Raced"))
		at := w.tick()
		errs := together(2, func(i int) error {
			_, err := w.ChangeVendor(t.Context(), legal, at, v.ID, v.Version, registry.VendorPatch{Fields: fmt.Appendf(nil, `{"notes":"%d"}`, i)})
			return err
		})
		oneRefused(t, errs, registry.Stale)
	})

	t.Run("of two changes that together close a circle, one is refused", func(t *testing.T) {
		t.Parallel()
		for round := range 5 {
			a, b := w.vendor(t, fields(fmt.Sprint("A", round))), w.vendor(t, fields(fmt.Sprint("B", round)))
			of := [][2]registry.Vendor{{a, b}, {b, a}}
			at := w.tick()
			errs := together(2, func(i int) error {
				patch := fmt.Appendf(nil, `{"parent_id":%q}`, of[i][1].ID)
				_, err := w.ChangeVendor(t.Context(), legal, at, of[i][0].ID, 1, registry.VendorPatch{Fields: patch})
				return err
			})
			oneRefused(t, errs, registry.Conflict)
		}
	})

	t.Run("a circle of three is refused, and so is a parent of one's own", func(t *testing.T) {
		t.Parallel()
		a, b, c := w.vendor(t, fields("C1")), w.vendor(t, fields("C2")), w.vendor(t, fields("C3"))
		w.patch(t, a, fmt.Sprintf(`{"parent_id":%q}`, b.ID))
		w.patch(t, b, fmt.Sprintf(`{"parent_id":%q}`, c.ID))
		for _, parent := range []uuid.UUID{a.ID, b.ID, c.ID} {
			_, err := w.ChangeVendor(t.Context(), legal, w.tick(), c.ID, 1, registry.VendorPatch{Fields: fmt.Appendf(nil, `{"parent_id":%q}`, parent)})
			refused(t, err, registry.Conflict)
		}
	})
}

// together runs f n times at once.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	return errs
}

func oneRefused(tb testing.TB, errs []error, kind registry.Kind) {
	tb.Helper()
	var bad []error
	for _, err := range errs {
		if err != nil {
			bad = append(bad, err)
		}
	}
	if len(bad) != 1 {
		tb.Fatalf("want one refusal: %v", errs)
	}
	refused(tb, bad[0], kind)
}
