package sharing_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/sharing"
)

// about is a request about people.
func about(with party, people ...string) sharing.Request {
	r := ask(with)
	r.Subjects = people
	r.Note = "a note about " + strings.Join(people, " and ")
	return r
}

// told are the entries of a person's report, and its recipients.
func (w *world) told(tb testing.TB, now time.Time, person string) (entries []string, recipients []sharing.Recipient) {
	tb.Helper()
	r, err := w.gate.BeginSubjectReport(tb.Context(), legal, now, sharing.SubjectQuestion{Subject: person})
	must(tb, err)
	entries = []string{}
	must(tb, r.Shares(tb.Context(), func(s *sharing.SubjectShare) error {
		entries = append(entries, s.EntryID)
		return nil
	}))
	must(tb, r.End(tb.Context(), now, true))
	return entries, r.Recipients()
}

func (w *world) erase(tb testing.TB, now time.Time, person string) sharing.Erased {
	tb.Helper()
	e, err := w.gate.Erase(tb.Context(), legal, now, sharing.Erasure{Subject: person, Ground: "objection"})
	must(tb, err)
	return e
}

func TestErase(t *testing.T) {
	t.Parallel()
	//nolint:thelper // rules, not helpers
	rules := map[string]func(t *testing.T, w *world, with party){
		"a person who was erased is not found, and a later share starts anew with another link": func(t *testing.T, w *world, with party) {
			w.share(t, about(with, "alice"))
			link := func() (link []byte) {
				must(t, w.db.NewRaw(`SELECT link FROM entry_lookup`).Scan(t.Context(), &link))
				return link
			}
			before := link()
			if e := w.erase(t, noon, "alice"); e.Entries != 1 || e.Kept != 0 || e.Receipt == nil {
				t.Fatalf("got %+v", e)
			}
			if n := w.count(t, `SELECT (SELECT count(*) FROM entry_lookup) + (SELECT count(*) FROM entry_link) + (SELECT count(*) FROM entry_detail)`); n != 0 {
				t.Errorf("%d rows are left", n)
			}
			if entries, recipients := w.told(t, noon, "alice"); len(entries) != 0 || len(recipients) != 0 {
				t.Errorf("found %v", entries)
			}
			again := w.share(t, about(with, "alice"))
			if entries, _ := w.told(t, noon, "alice"); !cmp.Equal(entries, []string{again.Receipt.EntryID.String()}) || bytes.Equal(before, link()) {
				t.Errorf("found %v", entries)
			}
		},
		"the details of others stay and still open": func(t *testing.T, w *world, with party) {
			both := w.share(t, about(with, "alice", "bob")).Receipt.EntryID
			alone := w.share(t, about(with, "alice")).Receipt.EntryID
			w.erase(t, noon, "alice")
			left, err := w.log.Opening(t.Context(), w.db, both)
			must(t, err)
			e, err := w.log.Entry(t.Context(), both)
			must(t, err)
			if len(left.Links) != 1 || !strings.Contains(string(left.Detail.JSON), sharing.CommitSubject(left.Links[0])) ||
				!bytes.Contains(e.Leaf, mustJSON(t, audit.Commit("onward/share/v1", left.Detail.Salt, left.Detail.JSON))) {
				t.Errorf("bob's share does not open: %+v", left)
			}
			if gone, err := w.log.Opening(t.Context(), w.db, alone); err != nil || gone.Detail != nil || gone.Links != nil {
				t.Errorf("the detail of alice's own share is left: %+v %v", gone, err)
			}
			if entries, _ := w.told(t, noon, "bob"); !cmp.Equal(entries, []string{both.String()}) {
				t.Errorf("bob is told of %v", entries)
			}
			w.erase(t, noon, "bob")
			if gone, err := w.log.Opening(t.Context(), w.db, both); err != nil || gone.Detail != nil {
				t.Errorf("the detail of a share whose people are all erased is left: %v", err)
			}
		},
		"an erasure is an entry with a count and a ground and no identity": func(t *testing.T, w *world, with party) {
			w.share(t, about(with, "alice"))
			w.share(t, about(with, "alice", "bob"))
			e := w.erase(t, noon, "alice")
			if d := cmp.Diff(map[string]any{"ground": "objection", "entries": "2", "kept": "0"}, w.body(t, e.Receipt.EntryID)); d != "" {
				t.Error(d)
			}
		},
		"where nobody is found nothing is written": func(t *testing.T, w *world, with party) {
			w.share(t, about(with, "alice"))
			w.erase(t, noon, "alice")
			head, err := w.log.Head(t.Context())
			must(t, err)
			if e := w.erase(t, noon, "alice"); e.Entries != 0 || e.Kept != 0 || e.Receipt != nil {
				t.Errorf("got %+v", e)
			}
			if again, err := w.log.Head(t.Context()); err != nil || again.Size != head.Size {
				t.Errorf("the log grew: %v", err)
			}
		},
		"who must be told of the erasure is named": func(t *testing.T, w *world, with party) {
			other := w.party(t, usual())
			w.share(t, about(with, "alice"))
			w.share(t, about(other, "alice"))
			w.share(t, about(other, "alice"))
			got := map[string]int64{}
			for _, r := range w.erase(t, noon, "alice").Recipients {
				got[r.Name] = r.Shares
			}
			if d := cmp.Diff(map[string]int64{with.Name: 1, other.Name: 2}, got); d != "" {
				t.Error(d)
			}
		},
		"a retry after an erasure gets the same receipt and brings nothing back": func(t *testing.T, w *world, with party) {
			key, r := newKey(), about(with, "alice", "bob")
			first, err := w.gate.Share(t.Context(), billing, noon, key, r)
			must(t, err)
			w.erase(t, noon, "alice")
			w.erase(t, noon, "bob")
			again, err := w.gate.Share(t.Context(), billing, noon, key, r)
			must(t, err)
			if !again.Receipt.Replayed || again.Receipt.EntryID != first.Receipt.EntryID || w.count(t, `SELECT count(*) FROM entry_lookup`) != 0 {
				t.Errorf("got %+v", again.Receipt)
			}
		},
		"the reason of a correction of a person's share goes with the person": func(t *testing.T, w *world, with party) {
			share := w.share(t, about(with, "alice")).Receipt.EntryID
			w.correct(t, share, sharing.Correction{Reason: "alice said so", Purpose: ptr("SECURITY")})
			w.erase(t, noon, "alice")
			if n := w.count(t, `SELECT count(*) FROM entry_detail`); n != 0 {
				t.Errorf("%d details are left", n)
			}
		},
		"what is sealed is kept until the seal ends, and the answer says so": func(t *testing.T, w *world, with party) {
			sealed := w.share(t, sealing(with, "alice", registry.Date{Year: 2026, Month: 11, Day: 30})).Receipt.EntryID
			w.share(t, about(with, "alice"))
			e := w.erase(t, noon, "alice")
			if e.Entries != 1 || e.Kept != 1 || e.KeptUntil == nil || e.KeptUntil.String() != "2026-11-30" || len(e.Recipients) != 1 {
				t.Fatalf("got %+v", e)
			}
			if again := w.erase(t, noon, "alice"); again.Entries != 0 || again.Kept != 1 || again.Receipt != nil {
				t.Errorf("got %+v", again)
			}
			after := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
			must(t, w.log.AddMonths(t.Context(), after, 0))
			if entries, _ := w.told(t, after, "alice"); !cmp.Equal(entries, []string{sealed.String()}) {
				t.Errorf("after the seal alice is told of %v", entries)
			}
			if e := w.erase(t, after, "alice"); e.Entries != 1 || e.Kept != 0 || w.count(t, `SELECT count(*) FROM entry_lookup`) != 0 {
				t.Errorf("got %+v", e)
			}
		},
		"erasing while others share loses nothing and deadlocks nobody": func(t *testing.T, w *world, with party) {
			done := make(chan error)
			for i := range 4 {
				go func() {
					for n := range 20 {
						if _, err := w.gate.Share(t.Context(), billing, noon, fmt.Sprintf("crowd-%d-%d", i, n), about(with, "alice", fmt.Sprintf("other-%d-%d", i, n))); err != nil {
							done <- err
							return
						}
					}
					done <- nil
				}()
			}
			erased := int64(0)
			for range 10 {
				erased += w.erase(t, noon, "alice").Entries
			}
			for range 4 {
				must(t, <-done)
			}
			if erased += w.erase(t, noon, "alice").Entries; erased != 80 {
				t.Errorf("%d entries were erased", erased)
			}
		},
		"a bad field is refused, and a reference is not repeated": func(t *testing.T, w *world, _ party) {
			_, err := w.gate.Erase(t.Context(), legal, noon, sharing.Erasure{Ground: "because"})
			refused(t, err, registry.Invalid, "/subject", "/ground")
			_, err = w.gate.BeginSubjectReport(t.Context(), legal, noon, sharing.SubjectQuestion{})
			refused(t, err, registry.Invalid, "/subject")
		},
	}
	for rule, f := range rules {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			f(t, w, w.party(t, usual()))
		})
	}
}

// sealing is a disclosure to an authority of which one person must not be told.
func sealing(with party, person string, until registry.Date) sharing.Request {
	r := about(with, person)
	r.State, r.Ground = "occurred", "legal_process"
	r.LegalProcess = &sharing.LegalProcess{Instrument: "subpoena", Issuer: "a court", Reference: "1/26"}
	r.SealedUntil = &until
	return r
}

func ptr[T any](v T) *T { return &v }

func TestSubjectReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	first := w.share(t, about(with, "alice", "bob")).Receipt.EntryID.String()
	denied := about(with, "alice")
	denied.Purpose = "MARKETING"
	judged(t, w.share(t, denied), sharing.Denied, "purpose_not_in_engagement:MARKETING")
	corrected := w.share(t, about(with, "alice"))
	fix := w.correct(t, corrected.Receipt.EntryID, sharing.Correction{Reason: "it was for security", Purpose: ptr("SECURITY")})
	sealed := w.share(t, sealing(with, "carol", registry.Date{Year: 2026, Month: 12, Day: 31})).Receipt.EntryID
	renamed := with.Name + " (renamed)"
	_, err := w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{Fields: []byte(`{"name":"` + renamed + `"}`)})
	must(t, err)

	t.Run("a person is told of the shares that happened or will, by the vendor's name then and now, as they are on record", func(t *testing.T) {
		t.Parallel()
		r, err := w.gate.BeginSubjectReport(t.Context(), legal, noon, sharing.SubjectQuestion{Subject: "alice"})
		must(t, err)
		var got []sharing.SubjectShare
		must(t, r.Shares(t.Context(), func(s *sharing.SubjectShare) error {
			got = append(got, *s)
			return nil
		}))
		one := sharing.SubjectShare{
			EntryID: first, OccurredAt: "2026-11-24T12:00:00.000000Z", VendorID: with.ID.String(), VendorName: with.Name, VendorNameNow: renamed,
			Purpose: "INFRA", Ground: "service_provider", Categories: []string{"CONTACT"}, Countries: []string{"DE"}, State: "intended",
		}
		two := one
		two.EntryID, two.Purpose, two.CorrectedBy = corrected.Receipt.EntryID.String(), "SECURITY", fix.Receipt.EntryID.String()
		if d := cmp.Diff([]sharing.SubjectShare{one, two}, got); d != "" {
			t.Error(d)
		}
		want := []sharing.Recipient{{VendorID: with.ID.String(), Name: renamed, Shares: 2, First: one.OccurredAt, Last: one.OccurredAt}}
		if d := cmp.Diff(want, r.Recipients()); d != "" {
			t.Error(d)
		}
	})
	t.Run("the request is an entry that names nobody", func(t *testing.T) {
		t.Parallel()
		r, err := w.gate.BeginSubjectReport(t.Context(), legal, noon, sharing.SubjectQuestion{Subject: "alice"})
		must(t, err)
		if d := cmp.Diff(map[string]any{"report": "subject", "format": "json", "report_id": r.ID.String()}, w.body(t, r.Begun.EntryID)); d != "" {
			t.Error(d)
		}
	})
	t.Run("somebody unknown gets an empty report", func(t *testing.T) {
		t.Parallel()
		if entries, recipients := w.told(t, noon, "nobody"); len(entries) != 0 || len(recipients) != 0 {
			t.Errorf("got %v", entries)
		}
	})
	//nolint:paralleltest // the seal is moved in steps
	t.Run("what is sealed is left out without a trace, until the last day of the seal has passed; corrections prolong and lift it", func(t *testing.T) {
		after := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		must(t, w.log.AddMonths(t.Context(), noon, 2))
		last := after.Add(-time.Microsecond)
		for _, step := range []struct {
			at    time.Time
			told  bool
			until *registry.Date
		}{{at: noon}, {at: last}, {at: after, told: true}, {until: &registry.Date{Year: 2027, Month: 6, Day: 1}, at: after}, {until: &registry.Date{Year: 2026, Month: 1, Day: 1}, at: after, told: true}} {
			if step.until != nil {
				w.correct(t, sealed, sharing.Correction{Reason: "the court says so", SealedUntil: step.until})
			}
			entries, recipients := w.told(t, step.at, "carol")
			if told := len(entries) == 1; told != step.told || len(recipients) != len(entries) {
				t.Errorf("at %s: told of %v", step.at, entries)
			}
		}
	})
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	key := newKey()
	r := w.revealing(t, with)
	r.Subjects = []string{"alice", "bob"}
	first, err := w.gate.Share(t.Context(), billing, noon, key, r)
	must(t, err)
	for rule, change := range map[string]func(*sharing.Request){
		"another subject":  func(r *sharing.Request) { r.Subjects = []string{"alice", "carol"} },
		"other subjects":   func(r *sharing.Request) { r.Subjects = []string{"carol", "dave"} },
		"fewer subjects":   func(r *sharing.Request) { r.Subjects = []string{"alice"} },
		"more subjects":    func(r *sharing.Request) { r.Subjects = []string{"alice", "bob", "carol"} },
		"no subjects":      func(r *sharing.Request) { r.Subjects = nil },
		"another note":     func(r *sharing.Request) { r.Note = "another" },
		"no note":          func(r *sharing.Request) { r.Note = "" },
		"another customer": func(r *sharing.Request) { r.Customer = "another" },
		"another reference of the demand": func(r *sharing.Request) {
			r.LegalProcess = &sharing.LegalProcess{Instrument: "x", Issuer: "y", Reference: "z"}
		},
		"nothing written and nobody": func(r *sharing.Request) { *r = ask(with) },
	} {
		t.Run(rule+" under the same key is another request", func(t *testing.T) {
			t.Parallel()
			other := r
			change(&other)
			_, err := w.gate.Share(t.Context(), billing, noon, key, other)
			refused(t, err, registry.Conflict)
		})
	}
	t.Run("the same in another order is the same", func(t *testing.T) {
		t.Parallel()
		other := r
		other.Subjects = []string{"bob", "alice"}
		again, err := w.gate.Share(t.Context(), billing, noon, key, other)
		must(t, err)
		if again.Receipt.EntryID != first.Receipt.EntryID || !again.Receipt.Replayed {
			t.Errorf("got %+v", again.Receipt)
		}
	})
	t.Run("what was said of nobody is not the same as what is said of somebody", func(t *testing.T) {
		t.Parallel()
		key := newKey()
		_, err := w.gate.Share(t.Context(), billing, noon, key, ask(with))
		must(t, err)
		other := ask(with)
		other.Note = "a note"
		_, err = w.gate.Share(t.Context(), billing, noon, key, other)
		refused(t, err, registry.Conflict)
	})
}

// correct corrects a share as legal.
func (w *world) correct(tb testing.TB, share uuid.UUID, c sharing.Correction) sharing.Decision {
	tb.Helper()
	d, err := w.gate.Correct(tb.Context(), legal, noon, newKey(), share, c)
	must(tb, err)
	return d
}
