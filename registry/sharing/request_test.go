package sharing_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	must(t, err)
	return text
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	two := int64(2)
	for _, c := range []struct {
		name     string
		change   func(*sharing.Request)
		pointers []string
	}{
		{"P-07: a share without a ground is no request", func(r *sharing.Request) { r.Ground = "" }, []string{"/ground"}},
		{"P-02: a share without a category is no request", func(r *sharing.Request) { r.Categories = nil }, []string{"/categories"}},
		{"an unknown vendor", func(r *sharing.Request) { r.VendorID = uuid.New() }, []string{"/vendor_id"}},
		{"a place that is none", func(r *sharing.Request) { r.Countries = []string{"DE", "ZZ"} }, []string{"/countries/1"}},
		{"what is said to have occurred in the future", func(r *sharing.Request) {
			r.State, r.OccurredAt = "occurred", noon.Add(6*time.Minute)
		}, []string{"/occurred_at"}},
		{"what is intended in more than a year", func(r *sharing.Request) { r.OccurredAt = noon.AddDate(1, 0, 3) }, []string{"/occurred_at"}},
		{"what occurred in the year 1899", func(r *sharing.Request) {
			r.OccurredAt = time.Date(1899, 1, 1, 0, 0, 0, 0, time.UTC)
		}, []string{"/occurred_at"}},
		{"a count that is not the number of subjects", func(r *sharing.Request) {
			r.Subjects, r.SubjectCount = []string{"a"}, &two
		}, []string{"/subject_count"}},
		{"P-17: legal process without an instrument", func(r *sharing.Request) { r.Ground = "legal_process" }, []string{"/legal_process"}},
		{"P-17: a subpoena without a reference", func(r *sharing.Request) {
			r.Ground, r.LegalProcess = "legal_process", &sharing.LegalProcess{Instrument: "subpoena", Issuer: "a court"}
		}, []string{"/legal_process/reference"}},
		{"P-01: what was collected after it was shared", func(r *sharing.Request) {
			later := r.OccurredAt.Add(time.Second)
			r.CollectedAt = &later
		}, []string{"/collected_at"}},
		{"every bad field is named", func(r *sharing.Request) {
			r.Purpose, r.State, r.Subjects, r.SubjectCount = "", "perhaps", []string{"a"}, &two
		}, []string{"/purpose", "/state", "/subject_count"}},
	} {
		t.Run(c.name+" is refused", func(t *testing.T) {
			t.Parallel()
			r := ask(with)
			c.change(&r)
			_, err := w.gate.Share(t.Context(), billing, noon, newKey(), r)
			refused(t, err, registry.Invalid, c.pointers...)
			_, err = w.gate.Check(t.Context(), billing, noon, r)
			refused(t, err, registry.Invalid, c.pointers...)
		})
	}
	for _, key := range []string{"", strings.Repeat("k", 256), "a b", "ä", "a\n"} {
		t.Run("a key that is not visible ASCII is refused: "+key, func(t *testing.T) {
			t.Parallel()
			_, err := w.gate.Share(t.Context(), billing, noon, key, ask(with))
			refused(t, err, registry.Invalid, "Idempotency-Key")
		})
	}
	t.Run("a clock that is a little ahead is no mistake", func(t *testing.T) {
		t.Parallel()
		r := ask(with)
		r.State, r.OccurredAt = "occurred", noon.Add(4*time.Minute)
		judged(t, w.share(t, r), sharing.Allowed)
	})
	t.Run("the largest request has room in a leaf", func(t *testing.T) {
		t.Parallel()
		d := w.share(t, largest(with))
		if d.Verdict != sharing.Denied || len(d.Reasons) < 300 {
			t.Errorf("%s for %d reasons", d.Verdict, len(d.Reasons))
		}
		r, err := w.gate.Recorded(t.Context(), billing, d.Receipt.EntryID)
		must(t, err)
		if diff := cmp.Diff(d.Reasons, r.Reasons); diff != "" {
			t.Errorf("it is read back otherwise:\n%s", diff)
		}
	})
}

// largest is a request with as much in it as a request may have, against which everything stands.
func largest(with party) sharing.Request {
	r := ask(with)
	r.Countries = nil
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			place := struct {
				Place string `validate:"place"`
			}{string(a) + string(b)}
			if registry.Validate(place) == nil {
				r.Countries = append(r.Countries, place.Place)
			}
		}
	}
	code := func(i int) string { return fmt.Sprintf("X%099d", i) }
	r.Purpose, r.Ground, r.Channel, r.Categories = code(0), code(1), code(2), nil
	for i := range 100 {
		r.Categories = append(r.Categories, code(i))
	}
	for i := range 10_000 {
		r.Subjects = append(r.Subjects, fmt.Sprintf("%0500d", i))
	}
	r.Note, r.Source, r.Customer = strings.Repeat("n", 2000), strings.Repeat("s", 200), strings.Repeat("c", 200)
	return r
}

// A good request is checked at a glance, which takes no memory; a tag that a glance does not know would send every share to the validator.
func TestGoodRequestAtAGlance(t *testing.T) { //nolint:paralleltest // what others allocate would be counted
	r := ask(party{Vendor: registry.Vendor{ID: uuid.New()}})
	count, at := int64(1), noon.AddDate(-1, 0, 0)
	r.SubjectCount, r.Subjects, r.Note, r.Channel, r.LeadCountry, r.CollectedAt = &count, []string{"a"}, "note", "sftp", "DE", &at
	if n := testing.AllocsPerRun(10, func() { must(t, r.Check(noon)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
