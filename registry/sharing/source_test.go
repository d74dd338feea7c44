package sharing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/policy"
	"onward/registry/sharing"
)

// combined is a share of data that a vendor gave and that was combined with ours.
func combined(to party, from uuid.UUID) sharing.Request {
	r := promoting(to, "ENRICH", "alice")
	r.Categories, r.DataOrigin, r.SourceVendorID = []string{"THIRD_PARTY_DATA"}, "combined", &from
	return r
}

// giving is a vendor that gives us data under a data sharing agreement.
func (w *world) giving(tb testing.TB, state registry.VendorState, edit func(*registry.ContractFields)) party {
	tb.Helper()
	p := usual()
	p.kinds, p.state, p.none = []string{"partner"}, state, []string{"engagement"}
	p.contract = func(f *registry.ContractFields) {
		f.Kind = "data_sharing_agreement"
		edit(f)
	}
	return w.party(tb, p)
}

func unlimited(*registry.ContractFields) {}

// sourceExceptions are those that are open about a vendor whose data was passed on.
func (w *world) sourceExceptions(tb testing.TB, vendor uuid.UUID) []sharing.Exception {
	tb.Helper()
	p, err := w.gate.Exceptions(tb.Context(), sharing.ExceptionQuery{State: "open", Kind: "source_not_active", VendorID: vendor, Limit: 10})
	must(tb, err)
	return p.Items
}

func TestSources(t *testing.T) {
	t.Parallel()
	//nolint:thelper // rules, not helpers
	rules := map[string]func(*testing.T, *world, party){
		"P-06: the leaf, the row, the facts and the person's report say where it came from": func(t *testing.T, w *world, with party) {
			from := w.giving(t, registry.Active, unlimited)
			d := w.share(t, combined(with, from.ID))
			judged(t, d, sharing.Allowed)
			body := w.body(t, d.Receipt.EntryID)
			said := map[string]any{}
			for _, name := range []string{"data_origin", "source_vendor_id", "source_vendor_name", "rules"} {
				said[name] = body[name]
			}
			want := map[string]any{"data_origin": "combined", "source_vendor_id": from.ID.String(), "source_vendor_name": from.Name, "rules": "8"}
			if d := cmp.Diff(want, said); d != "" {
				t.Error(d)
			}
			recorded, err := w.gate.Recorded(t.Context(), legal, d.Receipt.EntryID)
			must(t, err)
			for _, id := range []uuid.UUID{from.ID, from.contract.ID} {
				if !slices.ContainsFunc(recorded.Facts, func(f sharing.Fact) bool { return f.ID == id }) {
					t.Errorf("%s is not among the facts", id)
				}
			}
			rows := w.reported(t, sharing.Filter{SourceVendorID: from.ID, DataOrigin: "combined"})
			if len(rows) != 1 || rows[0].SourceVendorName != from.Name || rows[0].DataOrigin != "combined" {
				t.Errorf("the report has %+v", rows)
			}
			if rows := w.reported(t, sharing.Filter{SourceVendorID: with.ID}); len(rows) != 0 {
				t.Errorf("of another source it has %+v", rows)
			}
			if rows := w.reported(t, sharing.Filter{DataOrigin: "direct"}); len(rows) != 0 {
				t.Errorf("of another origin it has %+v", rows)
			}
			report, err := w.gate.BeginSubjectReport(t.Context(), legal, noon, sharing.SubjectQuestion{Subject: "alice"})
			must(t, err)
			must(t, report.Shares(t.Context(), func(s *sharing.SubjectShare) error {
				if s.DataOrigin != "combined" || s.SourceVendorID != from.ID.String() || s.SourceVendorName != from.Name {
					t.Errorf("the person is told %+v", s)
				}
				return nil
			}))
		},
		"P-06: without its source it is denied": func(t *testing.T, w *world, with party) {
			r := combined(with, with.ID)
			r.DataOrigin, r.SourceVendorID = "direct", nil
			judged(t, w.share(t, r), sharing.Denied, "source_missing:THIRD_PARTY_DATA", "source_missing:ENRICH")
		},
		"P-06: origin and source go together, and the source is a vendor that we know": func(t *testing.T, w *world, with party) {
			nobody := uuid.New()
			for _, bad := range []struct {
				origin string
				source *uuid.UUID
			}{{"combined", nil}, {"third_party", nil}, {"direct", &with.ID}, {"", &with.ID}, {"combined", &nobody}} {
				r := combined(with, with.ID)
				r.DataOrigin, r.SourceVendorID = bad.origin, bad.source
				_, err := w.gate.Share(t.Context(), billing, noon, newKey(), r)
				refused(t, err, registry.Invalid, "/source_vendor_id")
				_, err = w.gate.Check(t.Context(), billing, noon, r)
				refused(t, err, registry.Invalid, "/source_vendor_id")
			}
			_, err := w.gate.BeginReport(t.Context(), legal, noon, "json", sharing.Filter{SourceVendorID: nobody})
			refused(t, err, registry.Invalid, "/source_vendor_id")
		},
		"P-06: what the source agreed to decides, by the share's instant": func(t *testing.T, w *world, with party) {
			strict := w.giving(t, registry.Active, func(f *registry.ContractFields) {
				f.InForceFrom, f.OnwardTransfer, f.PermittedPurposes = day(2026, 11, 1), "prohibited", []string{"MARKETING"}
			})
			judged(t, w.share(t, combined(with, strict.ID)), sharing.Denied, "source_forbids_purpose:ENRICH", "source_forbids_onward:"+strict.contract.ID.String())
			before := combined(with, strict.ID)
			before.OccurredAt = time.Date(2026, 10, 31, 23, 59, 59, 0, time.UTC)
			judged(t, w.share(t, before), sharing.Allowed)
			processor := w.giving(t, registry.Active, func(f *registry.ContractFields) { f.Kind, f.OnwardTransfer = "data_processing_agreement", "prohibited" })
			judged(t, w.share(t, combined(with, processor.ID)), sharing.Allowed)
		},
		"P-06: a change of the source's contract is seen by the very next share, on whatever instance": func(t *testing.T, w *world, with party) {
			from, other := w.giving(t, registry.Active, unlimited), w.newGate()
			for _, g := range []*sharing.Gate{w.gate, other} {
				d, err := g.Share(t.Context(), billing, noon, newKey(), combined(with, from.ID))
				must(t, err)
				judged(t, d, sharing.Allowed)
			}
			_, err := w.AmendContract(t.Context(), legal, w.tick(), from.contract.ID, []byte(`{"signed_on":"2026-01-01","in_force_from":"2026-01-01","onward_transfer":"prohibited"}`))
			must(t, err)
			for _, g := range []*sharing.Gate{other, w.gate} {
				d, err := g.Share(t.Context(), billing, noon, newKey(), combined(with, from.ID))
				must(t, err)
				judged(t, d, sharing.Denied, "source_forbids_onward:"+from.contract.ID.String())
			}
		},
		"P-06: a merged source is followed: the survivor's agreements count, and it answers": func(t *testing.T, w *world, with party) {
			old := w.giving(t, registry.WindingDown, unlimited)
			heir := w.giving(t, registry.Active, func(f *registry.ContractFields) { f.OnwardTransfer = "prohibited" })
			since := noon.Add(-time.Hour)
			_, err := w.MergeVendor(t.Context(), legal, noon, old.ID, old.Version, registry.MergerFields{Into: heir.ID, Since: &since, Reason: "bought"})
			must(t, err)
			d := w.share(t, combined(with, old.ID))
			judged(t, d, sharing.Allowed) // of both agreements one permits it
			if found := w.sourceExceptions(t, heir.ID); len(found) != 0 {
				t.Errorf("the survivor is active, and there is %+v", found)
			}
			recorded, err := w.gate.Recorded(t.Context(), legal, d.Receipt.EntryID)
			must(t, err)
			if !slices.ContainsFunc(recorded.Facts, func(f sharing.Fact) bool { return f.ID == heir.contract.ID }) {
				t.Error("the survivor's agreement is not among the facts")
			}
			rows := w.reported(t, sharing.Filter{SourceVendorID: heir.ID, WithMerged: true})
			if len(rows) != 1 || rows[0].SourceVendorID != old.ID.String() {
				t.Errorf("the survivor's report has %+v", rows)
			}
		},
		"P-06: nobody active answers for the data: one exception, for the share and for reconciliation": func(t *testing.T, w *world, with party) {
			from := w.giving(t, registry.WindingDown, unlimited)
			first := w.share(t, combined(with, from.ID))
			judged(t, first, sharing.Allowed)
			w.share(t, combined(with, from.ID))
			open := w.sourceExceptions(t, from.ID)
			if len(open) != 1 || open[0].EntryID != first.Receipt.EntryID {
				t.Fatalf("got %+v", open)
			}
			_, err := w.gate.CloseException(t.Context(), legal, noon, open[0].ID, sharing.Closing{Reason: "it may be used on"})
			must(t, err)
			if found := w.reconciled(t); len(found) != 1 || found[0].Shares != 2 || found[0].VendorID != from.ID.String() || found[0].On != "winding_down" {
				t.Errorf("found %+v", found)
			}
			w.share(t, combined(with, from.ID))
			if open := w.sourceExceptions(t, from.ID); len(open) != 0 {
				t.Errorf("what was decided came back: %+v", open)
			}
		},
		"P-06: a source that was active and is not is found by reconciliation, once": func(t *testing.T, w *world, with party) {
			from := w.giving(t, registry.Active, unlimited)
			first := w.share(t, combined(with, from.ID))
			denied := combined(with, from.ID)
			denied.Countries = []string{"US"}
			if d := w.share(t, denied); d.Verdict != sharing.Denied {
				t.Fatal("it went")
			}
			if found := w.reconciled(t); len(found) != 0 {
				t.Errorf("found %+v", found)
			}
			_, err := w.ChangeVendor(t.Context(), approver, noon, from.ID, from.Version, registry.VendorPatch{State: registry.WindingDown})
			must(t, err)
			for range 2 {
				if found := w.reconciled(t); len(found) != 1 || found[0].Shares != 1 {
					t.Errorf("found %+v", found)
				}
			}
			if open := w.sourceExceptions(t, from.ID); len(open) != 1 || open[0].EntryID != first.Receipt.EntryID {
				t.Errorf("got %+v", open)
			}
			w.only(t, noon, from.ID, "source_not_active")
		},
		"P-06: a correction can name the source, and take it away": func(t *testing.T, w *world, with party) {
			from := w.giving(t, registry.Active, unlimited)
			r := combined(with, from.ID)
			r.DataOrigin, r.SourceVendorID, r.State = "", nil, "occurred"
			d := w.share(t, r)
			judged(t, d, sharing.Violation, "source_missing:THIRD_PARTY_DATA", "source_missing:ENRICH")
			named := w.correct(t, d.Receipt.EntryID, sharing.Correction{Reason: "it was theirs", DataOrigin: ptr("third_party"), SourceVendorID: &from.ID})
			judged(t, named, sharing.Allowed)
			back := w.correct(t, d.Receipt.EntryID, sharing.Correction{Reason: "it was not", DataOrigin: ptr("direct")})
			body := w.body(t, back.Receipt.EntryID)
			if d := cmp.Diff([]any{"data_origin", "source_vendor_id"}, body["corrected"]); d != "" || body["source_vendor_id"] != nil {
				t.Errorf("%s %v", d, body)
			}
			_, err := w.gate.Correct(t.Context(), legal, noon, newKey(), d.Receipt.EntryID, sharing.Correction{Reason: "whose?", DataOrigin: ptr("combined")})
			refused(t, err, registry.Invalid, "/source_vendor_id")
		},
		"P-06: another origin or source under a key is another share": func(t *testing.T, w *world, with party) {
			from, other := w.giving(t, registry.Active, unlimited), w.giving(t, registry.Active, unlimited)
			key, r := newKey(), combined(with, from.ID)
			_, err := w.gate.Share(t.Context(), billing, noon, key, r)
			must(t, err)
			again, err := w.gate.Share(t.Context(), billing, noon, key, r)
			must(t, err)
			if !again.Receipt.Replayed {
				t.Error("it was recorded twice")
			}
			r.SourceVendorID = &other.ID
			_, err = w.gate.Share(t.Context(), billing, noon, key, r)
			refused(t, err, registry.Conflict)
			r.SourceVendorID, r.DataOrigin = &from.ID, "third_party"
			_, err = w.gate.Share(t.Context(), billing, noon, key, r)
			refused(t, err, registry.Conflict)
		},
		"P-06: nobody approved the source": func(t *testing.T, w *world, with party) {
			from := w.giving(t, registry.Proposed, unlimited)
			judged(t, w.share(t, combined(with, from.ID)), sharing.Denied, "source_not_approved:proposed")
			if open := w.sourceExceptions(t, from.ID); len(open) != 0 {
				t.Errorf("nothing was passed on, and there is %+v", open)
			}
		},
	}
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.acknowledge(t, legal)
			rule(t, w, w.mailing(t))
		})
	}
}

// reconciled are the findings about sources of a reconciliation from its beginning to its end.
func (w *world) reconciled(tb testing.TB) (found []sharing.Finding) {
	tb.Helper()
	r, err := w.gate.BeginReconciliation(tb.Context(), legal, noon, "json", 12, nil)
	must(tb, err)
	must(tb, r.Findings(tb.Context(), func(f *sharing.Finding) error {
		if f.Kind == sharing.SourceNotActive {
			found = append(found, *f)
		}
		return nil
	}))
	must(tb, r.End(tb.Context(), noon, int64(len(found)), [32]byte{}, true))
	return found
}

// P-06: what an engagement declares names no source, and is not in breach for that: it is judged on its own ground, where only what the version
// changes stands against it.
func TestImpactOfDataOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.mailing(t)
	before := &policy.Shipped()[0]
	impacts := func(after *policy.Version) []string {
		t.Helper()
		found, err := w.gate.Impacts(t.Context(), before, after, noon, sharing.ImpactPlace{}, 50)
		must(t, err)
		var got []string
		for _, i := range found {
			if !slices.Contains(i.ContractIDs, with.contract.ID) {
				t.Errorf("it was not judged by the contract: %+v", i)
			}
			for _, b := range i.Breaches {
				got = append(got, b.Code+" "+b.On)
			}
		}
		return got
	}
	if got := impacts(before); len(got) != 0 {
		t.Errorf("the same version has breaches: %v", got)
	}
	after := *before
	after.Purposes = slices.DeleteFunc(slices.Clone(before.Purposes), func(p policy.Purpose) bool { return p.Code == "ENRICH" })
	if d := cmp.Diff([]string{"purpose_not_in_policy ENRICH"}, impacts(&after)); d != "" {
		t.Error(d)
	}
}
