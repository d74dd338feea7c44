package sharing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

// The list of disclosures tells of orders of silence as the shares that were made by them stand now, their corrections counted in.
func TestDisclosures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	court := w.party(t, plan{kinds: []string{"authority"}, state: registry.Active, none: []string{"engagement", "contract"}})
	prepare := func(at time.Time, reference string) uuid.UUID {
		t.Helper()
		d, err := w.gate.PrepareDisclosure(t.Context(), legal, at, sharing.DisclosureFields{
			VendorID: court.ID, LegalProcess: sharing.LegalProcess{Instrument: "subpoena", Issuer: "a court", Reference: reference},
			ReceivedAt: longAgo, ScopeDemanded: "all", ScopeDisclosed: "some", Reason: "we must",
		})
		must(t, err)
		return d.ID
	}
	first, second := prepare(noon, "1"), prepare(noon.Add(time.Hour), "2")
	_, err := w.gate.ConfirmDisclosure(t.Context(), approver, noon, first)
	must(t, err)
	listed := func(now time.Time, q sharing.DisclosureQuery) (got []string) {
		t.Helper()
		page, err := w.gate.Disclosures(t.Context(), legal, now, q)
		must(t, err)
		for _, d := range page.Items {
			one, err := w.gate.Disclosure(t.Context(), legal, d.ID)
			must(t, err)
			if fmt.Sprint(one.SealedUntil) != fmt.Sprint(d.SealedUntil) || one.Reference != d.Reference {
				t.Errorf("read %+v, listed %+v", one, d)
			}
			text := d.Reference
			if d.SealedUntil != nil {
				text += " until " + d.SealedUntil.String()
			}
			got = append(got, text)
		}
		return got
	}
	want := func(rule string, got []string, want ...string) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", rule, got, want)
		}
	}
	yes, no := ptr(true), ptr(false)
	want("newest first, and nothing is sealed", listed(noon, sharing.DisclosureQuery{}), "2", "1")
	want("confirmed", listed(noon, sharing.DisclosureQuery{State: "confirmed"}), "1")
	want("prepared and no more", listed(noon, sharing.DisclosureQuery{State: "prepared"}), "2")
	want("from an instant on", listed(noon, sharing.DisclosureQuery{PreparedFrom: noon.Add(time.Second)}), "2")
	want("until an instant", listed(noon, sharing.DisclosureQuery{PreparedUntil: noon.Add(time.Hour)}), "1")
	want("to somebody else", listed(noon, sharing.DisclosureQuery{VendorID: uuid.New()}))

	r := sealing(court, "carol", registry.Date{Year: 2026, Month: 12, Day: 31})
	r.Purpose, r.DisclosureID = "LAW_DISCLOSURE", &first
	share := w.share(t, r).Receipt.EntryID
	denied := r
	denied.State, denied.DisclosureID, denied.SealedUntil = "intended", &second, &registry.Date{Year: 2030, Month: 1, Day: 1}
	judged(t, w.share(t, denied), sharing.Denied, "second_person_missing")
	until := func(y int, m time.Month, d int) {
		t.Helper()
		w.correct(t, share, sharing.Correction{Reason: "the court says so", SealedUntil: &registry.Date{Year: y, Month: m, Day: d}})
	}
	after := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	want("sealed by its share, and not by what was denied", listed(noon, sharing.DisclosureQuery{Sealed: yes}), "1 until 2026-12-31")
	want("not sealed", listed(noon, sharing.DisclosureQuery{Sealed: no}), "2")
	want("to the end of the last day", listed(after.Add(-time.Microsecond), sharing.DisclosureQuery{Sealed: yes}), "1 until 2026-12-31")
	want("and no longer", listed(after, sharing.DisclosureQuery{Sealed: yes}))
	until(2027, 6, 1)
	want("a correction prolongs it", listed(after, sharing.DisclosureQuery{Sealed: yes}), "1 until 2027-06-01")
	until(2026, 1, 1)
	want("and lifts it", listed(noon, sharing.DisclosureQuery{Sealed: no}), "2", "1 until 2026-01-01")

	page, err := w.gate.Disclosures(t.Context(), legal, noon, sharing.DisclosureQuery{Limit: 1})
	must(t, err)
	want("the page after", listed(noon, sharing.DisclosureQuery{Limit: 1, Cursor: page.Next}), "1 until 2026-01-01")
	_, err = w.gate.Disclosures(t.Context(), legal, noon, sharing.DisclosureQuery{Limit: 1, Cursor: page.Next, Sealed: yes})
	refused(t, err, registry.Invalid, "/cursor")
	other := approver
	other.ID = uuid.New()
	_, err = w.gate.Disclosures(t.Context(), other, noon, sharing.DisclosureQuery{})
	refused(t, err, registry.Unacknowledged)
}
