package sharing_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/policy"
	"onward/registry/sharing"
)

// TestApprovals: as many people as the policy wants have approved the vendor and the engagement as it stands, before data goes (P-18).
func TestApprovals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.newGate()
	w.publish(t, "2027-01-01", "UTC", func(v *policy.Version) { v.Kind("subprocessor").Approvals = 2 })
	begins := time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)
	must(t, w.log.AddMonths(t.Context(), begins, 1))
	second := audit.Actor{Kind: "user", ID: uuid.MustParse("55555555-5555-4555-8555-555555555555"), Role: "approver"}
	at := func(p party, t time.Time) sharing.Request {
		r := ask(p)
		r.OccurredAt = t
		return r
	}
	share := func(t *testing.T, g *sharing.Gate, r sharing.Request) sharing.Decision {
		t.Helper()
		d, err := g.Share(t.Context(), billing, begins.AddDate(0, 1, 0), newKey(), r)
		must(t, err)
		return d
	}

	t.Run("an approval is seen by the very next share of another gate, from its instant on, under the version that wants it", func(t *testing.T) {
		t.Parallel()
		p := w.party(t, usual())
		judged(t, share(t, other, at(p, begins.Add(-time.Microsecond))), sharing.Allowed)
		judged(t, share(t, other, at(p, begins)), sharing.Denied, "approvals_missing:1 of 2")
		when := begins.Add(time.Hour)
		a, err := w.ApproveEngagement(t.Context(), second, when, p.engagement.ID, 1, registry.ApprovalFields{})
		must(t, err)
		judged(t, share(t, other, at(p, when.Add(-time.Microsecond))), sharing.Denied, "approvals_missing:1 of 2")
		d := share(t, other, at(p, when))
		judged(t, d, sharing.Allowed)
		if got := w.body(t, d.Receipt.EntryID)["approvals"].([]any); len(got) != 1 || got[0] != a.ID.String() {
			t.Errorf("the leaf names %v", got)
		}
		if _, err := w.gate.Recorded(t.Context(), legal, d.Receipt.EntryID); err != nil {
			t.Error(err)
		}
	})

	t.Run("who approved the vendor is one person, however often", func(t *testing.T) {
		t.Parallel()
		p := w.party(t, usual())
		_, err := w.ApproveEngagement(t.Context(), approver, begins, p.engagement.ID, 1, registry.ApprovalFields{})
		must(t, err)
		judged(t, share(t, w.gate, at(p, begins)), sharing.Denied, "approvals_missing:1 of 2")
	})

	t.Run("the program is nobody", func(t *testing.T) {
		t.Parallel()
		plan := usual()
		plan.state = registry.Proposed
		p := w.party(t, plan)
		v := p.Vendor
		for _, s := range []registry.VendorState{registry.Approved, registry.Active} {
			var err error
			v, err = w.ChangeVendor(t.Context(), audit.Program, w.tick(), v.ID, v.Version, registry.VendorPatch{State: s})
			must(t, err)
		}
		_, err := w.ApproveEngagement(t.Context(), second, begins, p.engagement.ID, 1, registry.ApprovalFields{})
		must(t, err)
		judged(t, share(t, w.gate, at(p, begins)), sharing.Denied, "approvals_missing:1 of 2")
	})

	t.Run("a changed engagement is approved anew, and the version before keeps its approvals", func(t *testing.T) {
		t.Parallel()
		p := w.party(t, usual())
		_, err := w.ApproveEngagement(t.Context(), second, begins, p.engagement.ID, 1, registry.ApprovalFields{})
		must(t, err)
		changed := begins.Add(time.Hour)
		_, err = w.ChangeEngagement(t.Context(), legal, changed, p.engagement.ID, 1, []byte(`{"purposes":["INFRA"]}`))
		must(t, err)
		judged(t, share(t, other, at(p, changed.Add(-time.Microsecond))), sharing.Allowed)
		judged(t, share(t, other, at(p, changed)), sharing.Denied, "approvals_missing:1 of 2")
		_, err = w.ApproveEngagement(t.Context(), second, changed, p.engagement.ID, 1, registry.ApprovalFields{})
		refused(t, err, registry.Stale)
		_, err = w.ApproveEngagement(t.Context(), second, changed, p.engagement.ID, 2, registry.ApprovalFields{})
		must(t, err)
		judged(t, share(t, other, at(p, changed)), sharing.Allowed)
	})

	t.Run("what was seen with it, and became looser, takes its approvals; what became stricter leaves them", func(t *testing.T) {
		t.Parallel()
		later := begins.AddDate(0, 0, 1)
		for rule, c := range map[string]struct {
			change func(p party) error
			void   bool
		}{
			"a place is added": {func(p party) error {
				_, err := w.CreateLocation(t.Context(), legal, later, p.engagement.ID, registry.LocationFields{Place: "FR"})
				return err
			}, true},
			"a place moves": {func(p party) error {
				_, err := w.ChangeLocation(t.Context(), legal, later, p.location.ID, 1, []byte(`{"place":"EEA"}`))
				return err
			}, true},
			"a place has a note": {func(p party) error {
				_, err := w.ChangeLocation(t.Context(), legal, later, p.location.ID, 1, []byte(`{"detail":"Frankfurt"}`))
				return err
			}, false},
			"a contract permits what it did": {func(p party) error {
				_, err := w.ChangeContract(t.Context(), legal, later, p.contract.ID, p.contract.Version, []byte(`{"permitted_countries":["DE"],"notes":"x"}`))
				return err
			}, false},
			"a contract lets data be handed on": {func(p party) error {
				_, err := w.ChangeContract(t.Context(), legal, later, p.contract.ID, p.contract.Version, []byte(`{"onward_transfer":"permitted"}`))
				return err
			}, true},
			"an amendment drops what kept data from being handed on": {func(p party) error {
				a, err := w.AmendContract(t.Context(), legal, later, p.contract.ID, []byte(`{"signed_on":"2026-12-01","in_force_from":"2027-01-02","onward_transfer":null}`))
				if err != nil {
					return err
				}
				_, err = w.AttachDocument(t.Context(), legal, later, a.ID, 1, "a.pdf", "application/pdf", document(p.contract.ID.String()))
				return err
			}, true},
			"an amendment lasts for longer": {func(p party) error {
				a, err := w.AmendContract(t.Context(), legal, later, p.contract.ID, []byte(`{"signed_on":"2026-12-01","in_force_from":"2027-01-02"}`))
				if err != nil {
					return err
				}
				_, err = w.AttachDocument(t.Context(), legal, later, a.ID, 1, "a.pdf", "application/pdf", document(p.contract.ID.String()))
				return err
			}, false},
			"a contract of another kind comes": {func(p party) error {
				_, err := w.CreateContract(t.Context(), legal, later, p.ID, registry.ContractFields{
					Kind: "master_services_agreement", SignedOn: day(2026, 12, 1), InForceFrom: day(2026, 12, 1),
				})
				return err
			}, true},
			"a draft of another kind comes": {func(p party) error {
				_, err := w.CreateContract(t.Context(), legal, later, p.ID, registry.ContractFields{Kind: "master_services_agreement"})
				return err
			}, false},
		} {
			t.Run(rule, func(t *testing.T) {
				t.Parallel()
				usual := usual()
				usual.contract = func(f *registry.ContractFields) { f.OnwardTransfer = "with_consent" }
				p := w.party(t, usual)
				a, err := w.ApproveEngagement(t.Context(), second, begins, p.engagement.ID, 1, registry.ApprovalFields{})
				must(t, err)
				if body := w.body(t, a.ID); body["seen_sha256"] != a.SeenSHA256 || len(a.Seen) != 2 {
					t.Errorf("the entry says %v of %+v", body, a)
				}
				judged(t, share(t, other, at(p, begins)), sharing.Allowed)
				must(t, c.change(p))
				judged(t, share(t, other, at(p, later.Add(-time.Microsecond))), sharing.Allowed)
				if !c.void {
					judged(t, share(t, other, at(p, later)), sharing.Allowed)
					return
				}
				judged(t, share(t, other, at(p, later)), sharing.Denied, "approvals_missing:1 of 2")
				_, err = w.ApproveEngagement(t.Context(), second, later, p.engagement.ID, 1, registry.ApprovalFields{})
				must(t, err)
				judged(t, share(t, other, at(p, later)), sharing.Allowed)
				_, err = w.ApproveEngagement(t.Context(), second, later, p.engagement.ID, 1, registry.ApprovalFields{})
				refused(t, err, registry.Conflict)
			})
		}
	})

	t.Run("an approval from before this was kept saw what was recorded by then", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		must(t, w.log.AddMonths(t.Context(), begins, 1))
		w.publish(t, "2027-01-01", "UTC", func(v *policy.Version) { v.Kind("subprocessor").Approvals = 2 })
		p := w.party(t, usual())
		a, err := w.ApproveEngagement(t.Context(), second, begins, p.engagement.ID, 1, registry.ApprovalFields{})
		must(t, err)
		_, err = pgtest.Superuser(t, w.db).ExecContext(t.Context(), `UPDATE approvals SET seen = NULL, seen_sha256 = ''`)
		must(t, err)
		judged(t, share(t, w.newGate(), at(p, begins)), sharing.Allowed)
		_, err = w.CreateLocation(t.Context(), legal, begins.Add(time.Hour), p.engagement.ID, registry.LocationFields{Place: "FR"})
		must(t, err)
		judged(t, share(t, w.gate, at(p, begins.Add(time.Hour))), sharing.Denied, "approvals_missing:1 of 2")
		page, err := w.Approvals(t.Context(), p.engagement.ID, 0, "")
		must(t, err)
		if len(page.Items) != 1 || page.Items[0].ID != a.ID || page.Items[0].Seen != nil {
			t.Errorf("got %+v", page.Items)
		}
	})

	t.Run("who says what was looked at approves that and nothing else", func(t *testing.T) {
		t.Parallel()
		p := w.party(t, usual())
		elsewhere := w.party(t, usual())
		type versions = map[uuid.UUID]int64
		at := func(l, c versions) error {
			_, err := w.ApproveEngagement(t.Context(), second, begins, p.engagement.ID, 1, registry.ApprovalFields{Seen: &registry.Looked{Locations: l, Contracts: c}})
			return err
		}
		place, terms := p.location.ID, p.contract.ID
		for name, looked := range map[string][2]versions{
			"a place at a version that is to come":    {{place: 2}, nil},
			"a contract at a version that is not now": {nil, {terms: p.contract.Version - 1}},
			"a place less than there are":             {{}, nil},
			"a contract less than there are":          {nil, {}},
			"a place that is not there":               {{place: 1, uuid.New(): 1}, nil},
			"another's contract":                      {{place: 1}, {terms: p.contract.Version, elsewhere.contract.ID: 2}},
		} {
			t.Log(name)
			refused(t, at(looked[0], looked[1]), registry.Conflict)
		}
		refused(t, at(versions{place: 0}, nil), registry.Invalid, "/seen/locations/"+place.String())
		// A place that comes between the look and the approval is not approved with the rest.
		looked := versions{place: 1}
		added, err := w.CreateLocation(t.Context(), legal, begins, p.engagement.ID, registry.LocationFields{Place: "FR"})
		must(t, err)
		refused(t, at(looked, versions{terms: p.contract.Version}), registry.Conflict)
		page, err := w.Approvals(t.Context(), p.engagement.ID, 0, "")
		must(t, err)
		if len(page.Items) != 0 {
			t.Fatalf("got %+v", page.Items)
		}
		looked[added.ID] = 1
		must(t, at(looked, versions{terms: p.contract.Version}))
	})

	t.Run("somebody else than who wrote the version approves it, an approver, once", func(t *testing.T) {
		t.Parallel()
		p := w.party(t, usual())
		_, err := w.ApproveEngagement(t.Context(), legal, begins, p.engagement.ID, 1, registry.ApprovalFields{})
		refused(t, err, registry.Forbidden)
		admin := audit.Actor{Kind: "user", ID: uuid.MustParse("66666666-6666-4666-8666-666666666666"), Role: "admin"}
		_, err = w.ChangeEngagement(t.Context(), admin, begins, p.engagement.ID, 1, []byte(`{"notes":"x"}`))
		must(t, err)
		_, err = w.ApproveEngagement(t.Context(), admin, begins, p.engagement.ID, 2, registry.ApprovalFields{})
		refused(t, err, registry.Forbidden)
		_, err = w.ApproveEngagement(t.Context(), second, begins, uuid.New(), 1, registry.ApprovalFields{})
		refused(t, err, registry.NotFound)
		var wait sync.WaitGroup
		kinds := make([]error, 4)
		for i := range kinds {
			wait.Go(func() {
				_, kinds[i] = w.ApproveEngagement(t.Context(), second, begins, p.engagement.ID, 2, registry.ApprovalFields{})
			})
		}
		wait.Wait()
		done := 0
		for _, err := range kinds {
			if err == nil {
				done++
			} else {
				refused(t, err, registry.Conflict)
			}
		}
		if done != 1 {
			t.Errorf("%d of 4 at once approved", done)
		}
		page, err := w.Approvals(t.Context(), p.engagement.ID, 0, "")
		must(t, err)
		if len(page.Items) != 1 || page.Items[0].VendorID != p.ID {
			t.Errorf("got %+v", page.Items)
		}
		_, err = w.Approvals(t.Context(), uuid.New(), 0, "")
		refused(t, err, registry.NotFound)
	})

	t.Run("a draft that wants more people says which engagements it would put in breach, and counts those who approved", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		approved, alone := w.party(t, usual()), w.party(t, usual())
		_, err := w.ApproveEngagement(t.Context(), second, longAgo, approved.engagement.ID, 1, registry.ApprovalFields{})
		must(t, err)
		before := &policy.Shipped()[0]
		after := *before
		after.Kinds = append([]policy.Kind(nil), before.Kinds...)
		after.Kind("subprocessor").Approvals = 2
		found, err := w.gate.Impacts(t.Context(), before, &after, noon, sharing.ImpactPlace{}, 50)
		must(t, err)
		if len(found) != 1 || found[0].EngagementID != alone.engagement.ID || found[0].Breaches[0].Code != "approvals_missing" || found[0].Breaches[0].On != "1 of 2" {
			t.Errorf("got %+v", found)
		}
	})
}
