package sharing_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/policy"
	"onward/registry/sharing"
)

func TestFactsOfAShare(t *testing.T) {
	t.Parallel()
	//nolint:thelper // rules, not helpers
	rules := map[string]func(*testing.T, *world){
		"they are those that the leaf names, as they were then": func(t *testing.T, w *world) {
			with := w.party(t, usual())
			d := w.share(t, ask(with))
			_, err := w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{Fields: []byte(`{"name": "Renamed", "kinds": ["reseller"]}`)})
			must(t, err)
			f := w.facts(t, d)
			if f.Vendor.Name != with.Name || f.Vendor.Version != 3 || f.Vendor.State != "active" || f.Origin != "DE" || f.Policy.Name != "2018-10-26" {
				t.Errorf("got %+v", f)
			}
			if f.Engagement.ID != with.engagement.ID || !f.Engagement.InForce || len(f.Locations) != 1 || f.Locations[0].Covers[0] != "DE" {
				t.Errorf("got %+v %+v", f.Engagement, f.Locations)
			}
			if c := f.Contracts; len(c) != 1 || c[0].ID != with.contract.ID || c[0].Version != 2 || !c[0].JudgedBy || c[0].Status != "in_force" || !c[0].HasDocument {
				t.Errorf("got %+v", f.Contracts)
			}
			w.agree(t, d, f)
		},
		"what was recorded later is not among them, also when it is said to hold since before": func(t *testing.T, w *world) {
			p := usual()
			p.none = []string{"contract"}
			with := w.party(t, p)
			d := w.share(t, ask(with))
			judged(t, d, sharing.Denied, "no_contract:subprocessor")
			_, err := w.CreateContract(t.Context(), legal, longAgo, with.ID, registry.ContractFields{
				Kind: "data_processing_agreement", SignedOn: day(2020, 1, 1), InForceFrom: day(2020, 1, 1),
			})
			must(t, err)
			if f := w.facts(t, d); len(f.Contracts) != 0 {
				t.Errorf("got %+v", f.Contracts)
			}
			if f := w.facts(t, w.share(t, ask(with))); len(f.Contracts) != 1 {
				t.Errorf("got %+v", f.Contracts)
			}
		},
		"a contract that was signed and not in force is among them": func(t *testing.T, w *world) {
			p := usual()
			p.contract = func(f *registry.ContractFields) { f.InForceFrom = day(2026, 11, 25) }
			f := w.facts(t, w.share(t, ask(w.party(t, p))))
			if len(f.Contracts) != 1 || f.Contracts[0].Status != "signed" || f.Contracts[0].JudgedBy || f.Contracts[0].InForceFrom.String() != "2026-11-25" {
				t.Errorf("got %+v", f.Contracts)
			}
		},
		"of an amendment that began they are its terms": func(t *testing.T, w *world) {
			with := w.party(t, usual())
			_, err := w.AmendContract(t.Context(), legal, w.tick(), with.contract.ID,
				[]byte(`{"signed_on": "2021-01-01", "in_force_from": "2021-01-01", "permitted_purposes": ["SECURITY"]}`))
			must(t, err)
			d := w.share(t, ask(with))
			f := w.facts(t, d)
			if c := f.Contracts[0]; c.Amendment == nil || c.AmendmentVersion != 1 || !slices.Equal(c.Purposes, []string{"SECURITY"}) || c.ID != with.contract.ID {
				t.Errorf("got %+v", c)
			}
			w.agree(t, d, f)
		},
		"a mechanism that lapsed is told, and its fallback": func(t *testing.T, w *world) {
			p := usual()
			p.location = func(f *registry.LocationFields) {
				f.Place, f.Transfer = "US", &registry.Transfer{Mechanism: "dpf", Fallback: "scc_2021_914", Until: day(2026, 11, 23)}
			}
			r := ask(w.party(t, p))
			r.Countries = []string{"US"}
			f := w.facts(t, w.share(t, r))
			if l := f.Locations[0]; l.Lapsed != "dpf" || l.Mechanism != "" || l.Fallback != "scc_2021_914" {
				t.Errorf("got %+v", l)
			}
		},
		"choices are told by kind and number, and nobody is": func(t *testing.T, w *world) {
			with := w.mailing(t)
			w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon)
			f := w.facts(t, w.share(t, promoting(with, "MARKETING", "alice", "bob")))
			if f.People != (sharing.PeopleBasis{OptedOut: 1}) {
				t.Errorf("got %+v", f.People)
			}
			f = w.facts(t, w.share(t, promoting(with, "REQUIRED_NOTICE", "alice")))
			if f.People.OptedOut != 0 {
				t.Errorf("an opt-out of marketing counts for a notice: %+v", f.People)
			}
		},
		"the policy is that of the instant, and that of the day on which the data was collected": func(t *testing.T, w *world) {
			r := ask(w.party(t, usual()))
			at := policy.Shipped()[0].Effective()
			r.CollectedAt = &at
			if f := w.facts(t, w.share(t, r)); f.Collected == nil || f.Collected.Name != f.Policy.Name {
				t.Errorf("got %+v", f.Collected)
			}
			before := at.Add(-time.Microsecond)
			r.CollectedAt = &before
			if f := w.facts(t, w.share(t, r)); f.Collected != nil {
				t.Errorf("got %+v", f.Collected)
			}
			r = ask(w.party(t, usual()))
			r.OccurredAt, r.State = before, "occurred"
			if f := w.facts(t, w.share(t, r)); f.Policy != nil {
				t.Errorf("got %+v", f.Policy)
			}
		},
		"a service is not told what the registry says": func(t *testing.T, w *world) {
			d := w.share(t, ask(w.party(t, usual())))
			r, err := w.gate.Recorded(t.Context(), billing, d.Receipt.EntryID)
			must(t, err)
			if r.Facts != nil {
				t.Errorf("got %+v", r.Facts)
			}
		},
	}
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule(t, newWorld(t))
		})
	}
}

// facts are those of a share, as legal reads them.
func (w *world) facts(tb testing.TB, d sharing.Decision) *sharing.Basis {
	tb.Helper()
	r, err := w.gate.Recorded(tb.Context(), legal, d.Receipt.EntryID)
	must(tb, err)
	if r.Facts == nil {
		tb.Fatal("there are no facts")
	}
	return r.Facts
}

// agree fails unless the leaf names the versions of the facts.
func (w *world) agree(tb testing.TB, d sharing.Decision, f *sharing.Basis) {
	tb.Helper()
	by := w.body(tb, d.Receipt.EntryID)["judged_by"]
	all, _ := by.([]any)
	count := 2 + len(f.Locations)
	for _, c := range f.Contracts {
		if c.JudgedBy {
			count++
		}
		if c.JudgedBy && !named(by, "contract", c.ID.String(), text(c.Version)) {
			tb.Errorf("version %d of the contract is not in %v", c.Version, by)
		}
		if c.Amendment != nil {
			count++
			if !named(by, "contract", c.Amendment.String(), text(c.AmendmentVersion)) {
				tb.Errorf("version %d of the amendment is not in %v", c.AmendmentVersion, by)
			}
		}
	}
	if len(all) != count || !named(by, "engagement", f.Engagement.ID.String(), text(f.Engagement.Version)) ||
		!named(by, "vendor", d.VendorID.String(), text(f.Vendor.Version)) || !named(by, "location", f.Locations[0].ID.String(), text(f.Locations[0].Version)) {
		tb.Errorf("the leaf names %v, the facts are %+v", by, f)
	}
}

func text(n int64) string { return strconv.FormatInt(n, 10) }

func TestCheckAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := usual()
	p.contract = func(f *registry.ContractFields) {
		f.InForceFrom, f.InForceUntil = day(2026, 1, 1), day(2029, 12, 31)
	}
	with := w.party(t, p)
	for name, e := range map[string]struct {
		at      time.Time
		verdict sharing.Verdict
		reasons []string
	}{
		"years ahead, what is in force then": {time.Date(2029, 12, 31, 23, 59, 59, 0, time.UTC), sharing.Allowed, nil},
		"what ends until then is over then":  {time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), sharing.Denied, []string{"contract_not_in_force:" + with.contract.ID.String()}},
		"years ago, what was in force then":  {time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC), sharing.Denied, []string{"contract_not_in_force:" + with.contract.ID.String()}},
		"the first instant is within":        {time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), sharing.Allowed, nil},
		"before the first policy nothing is": {time.Date(2018, 10, 25, 23, 59, 59, 0, time.UTC), sharing.Denied, []string{"policy_not_in_force"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := w.gate.CheckAt(t.Context(), billing, e.at, ask(with))
			must(t, err)
			if e.verdict == sharing.Denied && e.reasons[0] == "policy_not_in_force" {
				if d.Reasons[0].Code != "policy_not_in_force" {
					t.Errorf("got %+v", d.Reasons)
				}
				return
			}
			judged(t, d, e.verdict, e.reasons...)
			if d.Receipt != nil {
				t.Error("it was recorded")
			}
		})
	}
	t.Run("what is to have occurred in the future would be a violation", func(t *testing.T) {
		t.Parallel()
		r := ask(with)
		r.State = "occurred"
		d, err := w.gate.CheckAt(t.Context(), billing, time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), r)
		must(t, err)
		judged(t, d, sharing.Violation, "contract_not_in_force:"+with.contract.ID.String())
	})
	t.Run("data that was not collected by then is refused", func(t *testing.T) {
		t.Parallel()
		r := ask(with)
		r.CollectedAt = &noon
		_, err := w.gate.CheckAt(t.Context(), billing, noon.Add(-time.Hour), r)
		refused(t, err, registry.Invalid, "/collected_at")
	})
}
