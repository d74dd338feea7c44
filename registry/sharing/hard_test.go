package sharing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

// The cases in which a gate most easily answers wrongly, each under its name.
func TestHardCases(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		t.Helper()
		instant, err := time.Parse(time.RFC3339Nano, text)
		must(t, err)
		return instant
	}
	under := func(change func(*registry.ContractFields)) plan {
		p := usual()
		p.contract = change
		return p
	}
	occurred := func(with party, text string) sharing.Request {
		r := ask(with)
		r.OccurredAt, r.State = at(text), "occurred"
		return r
	}
	//nolint:thelper // rules, not helpers
	for name, rule := range map[string]func(*testing.T, *world){
		"a contract that ends in the middle of a batch: each row by its own instant": func(t *testing.T, w *world) {
			with := w.party(t, under(func(f *registry.ContractFields) { f.InForceUntil = day(2026, 11, 20) }))
			var begun []*sharing.Begun
			for _, text := range []string{"2026-11-21T00:00:00Z", "2026-11-20T23:59:59.999999Z", "2026-11-22T00:00:00Z", "2026-11-19T00:00:00Z"} {
				b, err := w.gate.Begin(t.Context(), billing, noon, newKey(), occurred(with, text))
				must(t, err)
				begun = append(begun, b)
			}
			for i, b := range begun {
				d, err := b.Wait(t.Context())
				must(t, err)
				if i%2 == 0 {
					judged(t, d, sharing.Violation, "contract_not_in_force:"+with.contract.ID.String())
				} else {
					judged(t, d, sharing.Allowed)
				}
			}
		},
		"a contract that is signed and not in force yet": func(t *testing.T, w *world) {
			with := w.party(t, under(func(f *registry.ContractFields) { f.SignedOn, f.InForceFrom = day(2026, 11, 1), day(2026, 11, 24) }))
			judged(t, w.share(t, occurred(with, "2026-10-31T12:00:00Z")), sharing.Violation, "no_contract:subprocessor")
			judged(t, w.share(t, occurred(with, "2026-11-23T23:59:59.999999Z")), sharing.Violation, "contract_not_in_force:"+with.contract.ID.String())
			judged(t, w.share(t, occurred(with, "2026-11-24T00:00:00Z")), sharing.Allowed)
		},
		"two vendors that become one, and do not after all": func(t *testing.T, w *world) {
			old, heir := w.party(t, usual()), w.party(t, usual())
			before := w.share(t, occurred(old, "2026-11-01T00:00:00Z"))
			since := at("2026-11-10T00:00:00Z")
			v, err := w.MergeVendor(t.Context(), legal, noon, old.ID, old.Version, registry.MergerFields{Into: heir.ID, Since: &since, Reason: "bought"})
			must(t, err)
			judged(t, w.share(t, occurred(old, "2026-11-09T23:59:59.999999Z")), sharing.Allowed)
			judged(t, w.share(t, occurred(old, "2026-11-10T00:00:00Z")), sharing.Violation, "vendor_merged:"+heir.ID.String())
			read, err := w.gate.Recorded(t.Context(), legal, before.Receipt.EntryID)
			must(t, err)
			if read.VendorID != old.ID || read.Leaf["vendor_id"] != old.ID.String() {
				t.Error("an old row has lost its vendor")
			}
			_, err = w.UnmergeVendor(t.Context(), legal, noon, v.ID, v.Version, registry.UnmergerFields{Since: &since, Reason: "a mistake"})
			must(t, err)
			judged(t, w.share(t, occurred(old, "2026-11-10T00:00:00Z")), sharing.Allowed)
		},
		"a vendor that is renamed keeps its old rows' name": func(t *testing.T, w *world) {
			with := w.party(t, usual())
			d := w.share(t, occurred(with, "2026-11-01T00:00:00Z"))
			_, err := w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{Fields: []byte(`{"name":"Renamed ` + with.Name + `"}`)})
			must(t, err)
			for _, r := range w.reported(t, sharing.Filter{VendorID: with.ID}) {
				if r.EntryID == d.Receipt.EntryID.String() && (r.VendorName != with.Name || r.VendorNameNow != "Renamed "+with.Name) {
					t.Errorf("%s, now %s", r.VendorName, r.VendorNameNow)
				}
			}
		},
		"a vendor that is sold out of the group": func(t *testing.T, w *world) {
			p := under(func(f *registry.ContractFields) { f.Kind = "intra_group_agreement" })
			p.kinds = []string{"affiliate"}
			with := w.party(t, p)
			_, err := w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{Fields: []byte(
				`{"ownership":[{"owner":"We","in_group":true,"percent":"51","until":"2026-06-01","evidence":"Register"}]}`)})
			must(t, err)
			for text, reasons := range map[string][]string{"2026-06-01T23:59:59.999999Z": nil, "2026-06-02T00:00:00Z": {"not_affiliate_on_date"}} {
				r := occurred(with, text)
				r.Ground = "affiliate"
				verdict := sharing.Allowed
				if reasons != nil {
					verdict = sharing.Violation
				}
				judged(t, w.share(t, r), verdict, reasons...)
			}
		},
		"a country that is added is covered from its first day, and not before": func(t *testing.T, w *world) {
			with := w.party(t, usual())
			_, err := w.CreateLocation(t.Context(), legal, noon, with.engagement.ID, registry.LocationFields{Place: "FR", From: day(2026, 11, 24)})
			must(t, err)
			for text, verdict := range map[string]sharing.Verdict{"2026-11-23T23:59:59.999999Z": sharing.Violation, "2026-11-24T00:00:00Z": sharing.Allowed} {
				r := occurred(with, text)
				r.Countries = []string{"FR", "DE"}
				if d := w.share(t, r); d.Verdict != verdict {
					t.Errorf("at %s: %s", text, d.Verdict)
				}
			}
		},
		"a share that is found months later is judged by what was in force then, and said to be late": func(t *testing.T, w *world) {
			with := w.party(t, under(func(f *registry.ContractFields) { f.InForceUntil = day(2026, 6, 30) }))
			judged(t, w.share(t, occurred(with, "2026-06-30T12:00:00Z")), sharing.Allowed)
			p, err := w.gate.Exceptions(t.Context(), sharing.ExceptionQuery{VendorID: with.ID, Limit: 10})
			must(t, err)
			if len(p.Items) != 1 || p.Items[0].Kind != "late_discovery" {
				t.Errorf("%+v", p.Items)
			}
			judged(t, w.share(t, occurred(with, "2026-11-24T12:00:00Z")), sharing.Violation, "contract_not_in_force:"+with.contract.ID.String())
		},
		"an opt-out a second before, and a second after": func(t *testing.T, w *world) {
			with := w.mailing(t)
			w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon)
			for instant, verdict := range map[time.Time]sharing.Verdict{noon.Add(-time.Second): sharing.Allowed, noon: sharing.Denied, noon.Add(time.Second): sharing.Denied} {
				r := promoting(with, "MARKETING", "alice")
				r.OccurredAt = instant
				if d := w.share(t, r); d.Verdict != verdict {
					t.Errorf("at %s: %s", instant, d.Verdict)
				}
			}
		},
		"a clock that is set back on a contract's last day makes it longer": func(t *testing.T, w *world) {
			with := w.party(t, under(func(f *registry.ContractFields) { f.InForceUntil, f.Zone = day(2026, 10, 25), "Europe/Berlin" }))
			judged(t, w.share(t, occurred(with, "2026-10-25T22:59:59.999999Z")), sharing.Allowed) // UTC+1 by then; in summer it would have ended at 22:00
			judged(t, w.share(t, occurred(with, "2026-10-25T23:00:00Z")), sharing.Violation, "contract_not_in_force:"+with.contract.ID.String())
		},
		"a day whose midnight the clock skips begins when the clock goes on": func(t *testing.T, w *world) {
			with := w.party(t, under(func(f *registry.ContractFields) {
				f.SignedOn, f.InForceFrom, f.Zone = day(2025, 9, 1), day(2025, 9, 7), "America/Santiago" // there, from 24:00 to 1:00
			}))
			judged(t, w.share(t, occurred(with, "2025-09-07T03:59:59.999999Z")), sharing.Violation, "contract_not_in_force:"+with.contract.ID.String())
			judged(t, w.share(t, occurred(with, "2025-09-07T04:00:00Z")), sharing.Allowed)
		},
		"a deadline on a leap day": func(t *testing.T, w *world) {
			with := w.party(t, under(func(f *registry.ContractFields) { f.InForceUntil, f.ReturnOrDeleteDays = day(2028, 1, 30), ptr(30) }))
			d := w.share(t, occurred(with, "2026-11-24T12:00:00Z"))
			if d.DeleteBy == nil || d.DeleteBy.String() != "2028-02-29" {
				t.Errorf("delete by %v", d.DeleteBy)
			}
			after := with.ID
			if tasks := w.tasksOf(t, at("2028-02-29T23:59:59.999999Z"), after); len(tasks) != 0 {
				t.Errorf("on the leap day itself: %+v", tasks)
			}
			w.only(t, at("2028-03-01T00:00:00Z"), after, "deletion_overdue")
		},
		"a chain of further processors that would close a circle": func(t *testing.T, w *world) {
			engaged := func(by *uuid.UUID) registry.Engagement {
				p := usual()
				p.engagement = func(f *registry.EngagementFields) { f.EngagedByID = by }
				return w.party(t, p).engagement
			}
			first := engaged(nil)
			second := engaged(&first.ID)
			third := engaged(&second.ID)
			_, err := w.ChangeEngagement(t.Context(), legal, noon, first.ID, first.Version, []byte(`{"engaged_by_id":"`+third.ID.String()+`"}`))
			refused(t, err, registry.Conflict)
			if !strings.Contains(said(err), "circle") {
				t.Error(said(err))
			}
		},
		"a purpose of the next policy, one day early": func(t *testing.T, w *world) {
			with := w.party(t, usual())
			w.publish(t, "2026-12-01", "UTC", trains)
			_, err := w.ChangeEngagement(t.Context(), legal, noon, with.engagement.ID, with.engagement.Version, []byte(`{"purposes":["TRAIN_AI"]}`))
			must(t, err)
			for text, reasons := range map[string][]string{"2026-11-30T23:59:59.999999Z": {"purpose_not_in_policy:TRAIN_AI"}, "2026-12-01T00:00:00Z": nil} {
				r := ask(with)
				r.Purpose, r.OccurredAt = "TRAIN_AI", at(text)
				verdict := sharing.Allowed
				if reasons != nil {
					verdict = sharing.Denied
				}
				judged(t, w.share(t, r), verdict, reasons...)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule(t, newWorld(t))
		})
	}
}
