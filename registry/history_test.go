package registry_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"onward/audit"
	"onward/registry"
)

func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	f := fields("History")
	f.Contacts = []registry.Contact{{Role: "privacy", Name: "Ada"}, {Role: "security", Name: "Bob"}}
	v := w.vendor(t, f)
	v = w.patch(t, v, `{"country":"DE","kinds":["subprocessor","contractor"],"contacts":[{"role":"legal","name":"Eve"},{"role":"privacy","name":"Ada"},{"role":"security","name":"Bob"}]}`)
	v = w.patch(t, v, `{"contacts":[{"role":"legal","name":"Eva"},{"role":"privacy","name":"Ada"},{"role":"security","name":"Bob"}],"deletion_certificate":{"certified_on":"2026-01-01","reference":"x"}}`)
	v, err := w.ChangeVendor(t.Context(), approver, w.tick(), v.ID, v.Version, registry.VendorPatch{State: registry.Approved, Reason: "checked", EffectiveAt: noon})
	if err != nil {
		t.Fatal(said(err))
	}

	t.Run("each version tells how it differs from the one before, newest first", func(t *testing.T) {
		t.Parallel()
		versions := history(t, w, "vendor", v.ID)
		want := [][]registry.Difference{
			{
				{Pointer: "/state", Before: "proposed", After: "approved"},
				{Pointer: "/state_since", Before: v.CreatedAt.Format(time.RFC3339Nano), After: "2026-11-24T12:00:00Z"},
			},
			{
				{Pointer: "/contacts/0/name", Before: "Eve", After: "Eva"},
				{Pointer: "/deletion_certificate/certified_on", After: "2026-01-01"},
				{Pointer: "/deletion_certificate/reference", After: "x"},
			},
			{
				{Pointer: "/contacts/0", After: map[string]any{"role": "legal", "name": "Eve"}},
				{Pointer: "/country", After: "DE"},
				{Pointer: "/kinds", Before: []any{"subprocessor"}, After: []any{"subprocessor", "contractor"}},
			},
		}
		for i := range want {
			if diff := cmp.Diff(want[i], versions[i].Changes); diff != "" {
				t.Errorf("version %d: %s", versions[i].Version, diff)
			}
		}
		if len(versions) != 4 || versions[0].Reason != "checked" || versions[0].ActorID != approver.ID || !versions[0].EffectiveAt.Equal(noon) {
			t.Errorf("%+v", versions[0])
		}
		first := versions[3]
		if len(first.Changes) == 0 || first.Changes[0].Before != nil || first.Version != 1 {
			t.Errorf("%+v", first)
		}
	})

	t.Run("it pages", func(t *testing.T) {
		t.Parallel()
		var all []registry.Version
		cursor := ""
		for {
			page, err := w.History(t.Context(), "vendor", v.ID, 1, cursor)
			if err != nil {
				t.Fatal(said(err))
			}
			all = append(all, page.Items...)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(history(t, w, "vendor", v.ID), all); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("any two versions can be compared, both ways", func(t *testing.T) {
		t.Parallel()
		there, err := w.Compare(t.Context(), "vendor", v.ID, 1, 3)
		if err != nil {
			t.Fatal(err)
		}
		back, err := w.Compare(t.Context(), "vendor", v.ID, 3, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range back {
			back[i].Before, back[i].After = back[i].After, back[i].Before
		}
		if diff := cmp.Diff(there, back); diff != "" {
			t.Error(diff)
		}
		_, err = w.Compare(t.Context(), "vendor", v.ID, 1, 9)
		refused(t, err, registry.NotFound)
		_, err = w.Compare(t.Context(), "vendro", v.ID, 1, 2)
		refused(t, err, registry.Invalid, "/kind")
		_, err = w.History(t.Context(), "engagement", v.ID, 0, "")
		refused(t, err, registry.NotFound)
	})

	t.Run("a version opens the commitment of its entry", func(t *testing.T) {
		t.Parallel()
		var rows []struct {
			EntryID uuid.UUID `bun:"entry_id,type:uuid"`
			Salt    []byte    `bun:"salt"`
			Body    string    `bun:"body"`
		}
		if err := w.db.NewRaw(`SELECT entry_id, salt, body FROM record_version WHERE record_id = ?`, v.ID).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			entry, err := w.log.Entry(t.Context(), row.EntryID)
			if err != nil {
				t.Fatal(err)
			}
			commitment := audit.Commit("onward/record/v1", [32]byte(row.Salt), []byte(row.Body))
			if !contains(entry.Leaf, encoded(commitment)) {
				t.Errorf("%s does not commit to %s", entry.Leaf, row.Body)
			}
		}
	})

	t.Run("where clocks differ, a record's versions still follow each other", func(t *testing.T) {
		t.Parallel()
		v := w.vendor(t, fields("Clocks"))
		v2, err := w.ChangeVendor(t.Context(), legal, v.CreatedAt.Add(-time.Minute), v.ID, 1, registry.VendorPatch{Fields: []byte(`{"notes":"x"}`)})
		if err != nil || v2.UpdatedAt.Before(v.UpdatedAt) {
			t.Fatal(v2.UpdatedAt, err)
		}
	})
}

func TestDossier(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := map[uuid.UUID][4]int{}
	for i := range 3 {
		v := w.vendor(t, fields(fmt.Sprint("V", i)))
		v = w.patch(t, v, `{"notes":"x"}`)
		for range i {
			e := w.engagement(t, v.ID, registry.EngagementFields{Service: "s"})
			if _, err := w.CreateLocation(t.Context(), legal, w.tick(), e.ID, registry.LocationFields{Place: "US"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.CreateContract(t.Context(), legal, w.tick(), v.ID, registry.ContractFields{Kind: "data_processing_agreement"}); err != nil {
			t.Fatal(err)
		}
		want[v.ID] = [4]int{2, i, i, 1}
	}
	count := func(d registry.Dossier) [4]int {
		return [4]int{len(d.Vendor), len(d.Engagements), len(d.Locations), len(d.Contracts)}
	}

	t.Run("one holds every version of every record of its vendor, oldest first", func(t *testing.T) {
		t.Parallel()
		for id, n := range want {
			d, err := registry.ReadDossier(t.Context(), w.db, id)
			if err != nil || count(d) != n || d.Vendor[0].Value.Version != 1 || d.Vendor[1].Value.Notes != "x" {
				t.Errorf("%+v %v", d, err)
			}
		}
	})
	t.Run("all are those of all vendors", func(t *testing.T) {
		t.Parallel()
		got := map[uuid.UUID][4]int{}
		if err := registry.ReadDossiers(t.Context(), w.db, func(id uuid.UUID, d registry.Dossier) error {
			got[id] = count(d)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("an error ends the reading", func(t *testing.T) {
		t.Parallel()
		enough := errors.New("enough")
		calls := 0
		err := registry.ReadDossiers(t.Context(), w.db, func(uuid.UUID, registry.Dossier) error { calls++; return enough })
		if !errors.Is(err, enough) || calls != 1 {
			t.Error(err, calls)
		}
	})
	t.Run("that of no vendor is not found", func(t *testing.T) {
		t.Parallel()
		_, err := registry.ReadDossier(t.Context(), w.db, uuid.New())
		refused(t, err, registry.NotFound)
	})
	t.Run("nothing is in force of what was never recorded", func(t *testing.T) {
		t.Parallel()
		if _, ok := registry.InForce([]registry.Recorded[registry.Vendor]{}, noon); ok {
			t.Error("something is")
		}
	})
}

// TestReplay changes a vendor at random and holds that every answer can be read again as of its instant, and that the newest version is
// what the table has.
func TestReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		v := w.vendor(t, fields(fmt.Sprint("Replayed ", n)))
		answers := []registry.Vendor{v}
		for range rapid.IntRange(1, 4).Draw(rt, "changes") {
			p := registry.VendorPatch{Fields: []byte(patches().Draw(rt, "patch")), State: rapid.SampledFrom(append(states, "")).Draw(rt, "state")}
			changed, err := w.ChangeVendor(t.Context(), approver, w.tick(), v.ID, v.Version, p)
			var r *registry.Refusal
			if errors.As(err, &r) && (r.Kind == registry.Conflict || r.Kind == registry.Invalid) {
				continue
			}
			if err != nil {
				rt.Fatal(err)
			}
			if v = changed; v.Version != answers[len(answers)-1].Version {
				answers = append(answers, v)
			}
		}
		for _, a := range answers {
			read, err := w.Vendor(t.Context(), a.ID, &a.UpdatedAt)
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(a, read, cmp.FilterPath(isSearch, cmp.Ignore()), cmp.FilterValues(bothEmpty, cmp.Ignore())); diff != "" {
				rt.Fatal(diff)
			}
		}
		now, err := w.Vendor(t.Context(), v.ID, nil)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(v, now); diff != "" {
			rt.Fatal(diff)
		}
		if got := len(history(t, w, "vendor", v.ID)); got != len(answers) {
			rt.Fatalf("%d versions, %d answers", got, len(answers))
		}
	})
}

func patches() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{
		``, `{}`, `{"notes":"a\n\"b\" {} ' \\"}`, `{"notes":null}`, `{"country":"DE"}`, `{"kinds":["partner","reseller"]}`, `{"kinds":[]}`,
		`{"contacts":[{"role":"legal","name":"日本"}]}`, `{"contacts":[]}`, `{"other_names":[{"name":"o","kind":"brand","from":"2024-02-29"}]}`,
		`{"deletion_exception":"e","certifications":["a, \"b\"","NULL","{}"]}`, `{"website":"https://example.com/?a=%27"}`,
	})
}

func isSearch(p cmp.Path) bool { return p.Last().String() == ".Search" }

func bothEmpty(a, b any) bool { return fmt.Sprint(a) == "[]" && fmt.Sprint(b) == "[]" }
