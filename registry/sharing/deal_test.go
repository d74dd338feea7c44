package sharing_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

// prospect is a vendor that may buy, under a confidentiality agreement.
func (w *world) prospect(tb testing.TB) party {
	tb.Helper()
	p := usual()
	p.kinds = []string{"acquirer"}
	p.engagement = func(f *registry.EngagementFields) { f.Purposes = []string{"BUSINESS_TRANSFER"} }
	p.contract = func(f *registry.ContractFields) { f.Kind = "confidentiality_agreement" }
	return w.party(tb, p)
}

func shown(p party, deal string) sharing.Request {
	r := ask(p)
	r.Purpose, r.Ground, r.Deal = "BUSINESS_TRANSFER", "business_transfer", deal
	return r
}

func TestDeal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := noon.Add(-time.Hour)
	t.Run("data is shown to its parties while it lasts, and when it dies they must return what they have", func(t *testing.T) {
		t.Parallel()
		a, b, c, stranger := w.prospect(t), w.prospect(t), w.prospect(t), w.prospect(t)
		d, err := w.gate.OpenDeal(t.Context(), legal, at, sharing.DealFields{Name: "Project Phoenix", Parties: []uuid.UUID{a.ID, b.ID}})
		must(t, err)
		d, err = w.gate.StepDeal(t.Context(), legal, at.Add(time.Minute), "project phoenix", d.Version, sharing.DealStep{Signed: true, Parties: []uuid.UUID{c.ID, a.ID}})
		must(t, err)
		if d.Stage != "signed" || len(d.Parties) != 3 || d.Version != 2 {
			t.Fatalf("%+v", d)
		}
		judged(t, w.share(t, shown(a, "Project Phoenix")), sharing.Allowed)
		judged(t, w.share(t, shown(b, "PROJECT PHOENIX")), sharing.Allowed)
		judged(t, w.share(t, shown(stranger, "Project Phoenix")), sharing.Denied, "deal_missing")
		judged(t, w.share(t, shown(a, "")), sharing.Denied, "deal_missing")
		early := shown(c, "Project Phoenix")
		early.OccurredAt = at.Add(30 * time.Second)
		judged(t, w.share(t, early), sharing.Denied, "deal_missing")
		_, err = w.gate.Share(t.Context(), billing, noon, newKey(), shown(a, "Project Unknown"))
		refused(t, err, registry.Invalid, "/deal")

		_, _, err = w.gate.EndDeal(t.Context(), legal, noon, "Project Phoenix", 1, sharing.DealEnd{Stage: "dead"})
		refused(t, err, registry.Stale)
		_, _, err = w.gate.EndDeal(t.Context(), legal, noon, "Project Phoenix", 2, sharing.DealEnd{Stage: "closed"})
		refused(t, err, registry.Invalid, "/buyer_id")
		d, tasks, err := w.gate.EndDeal(t.Context(), legal, noon.Add(time.Second), "Project Phoenix", 2, sharing.DealEnd{Stage: "dead", Reason: "no agreement"})
		must(t, err)
		if d.Stage != "dead" || len(tasks) != 2 || tasks[0].Kind != "deal_return" || tasks[0].Deal != "Project Phoenix" {
			t.Fatalf("%+v %+v", d, tasks)
		}
		late := shown(a, "Project Phoenix")
		late.OccurredAt = noon.Add(2 * time.Second)
		judged(t, w.share(t, late), sharing.Denied, "deal_over")
		judged(t, w.share(t, shown(a, "Project Phoenix")), sharing.Allowed) // it occurred a second before
		_, err = w.gate.StepDeal(t.Context(), legal, noon, "Project Phoenix", 3, sharing.DealStep{Signed: true})
		refused(t, err, registry.Conflict)
	})
	t.Run("who bought keeps what it was shown, and is shown more", func(t *testing.T) {
		t.Parallel()
		buyer, other := w.prospect(t), w.prospect(t)
		d, err := w.gate.OpenDeal(t.Context(), legal, at, sharing.DealFields{Name: "Griffin", Parties: []uuid.UUID{buyer.ID, other.ID}})
		must(t, err)
		judged(t, w.share(t, shown(buyer, "Griffin")), sharing.Allowed)
		judged(t, w.share(t, shown(other, "Griffin")), sharing.Allowed)
		stranger := w.prospect(t)
		_, _, err = w.gate.EndDeal(t.Context(), legal, noon, "Griffin", d.Version, sharing.DealEnd{Stage: "closed", BuyerID: &stranger.ID})
		refused(t, err, registry.Invalid, "/buyer_id")
		_, tasks, err := w.gate.EndDeal(t.Context(), legal, noon, "Griffin", d.Version, sharing.DealEnd{Stage: "closed", BuyerID: &buyer.ID})
		must(t, err)
		if len(tasks) != 1 || tasks[0].VendorID != other.ID {
			t.Fatalf("%+v", tasks)
		}
		judged(t, w.share(t, shown(buyer, "Griffin")), sharing.Allowed)
		judged(t, w.share(t, shown(other, "Griffin")), sharing.Denied, "deal_over")
	})
	t.Run("a name is given once, to vendors that exist", func(t *testing.T) {
		t.Parallel()
		_, err := w.gate.OpenDeal(t.Context(), legal, at, sharing.DealFields{Name: "Once"})
		must(t, err)
		_, err = w.gate.OpenDeal(t.Context(), legal, at, sharing.DealFields{Name: " ONCE "})
		refused(t, err, registry.Conflict)
		_, err = w.gate.OpenDeal(t.Context(), legal, at, sharing.DealFields{Name: "Other", Parties: []uuid.UUID{uuid.New()}})
		refused(t, err, registry.Invalid, "/parties")
		_, err = w.gate.OpenDeal(t.Context(), legal, at, sharing.DealFields{})
		refused(t, err, registry.Invalid, "/name")
		if _, err := w.gate.Deal(t.Context(), "None"); err == nil {
			t.Error("there is a deal that nobody opened")
		}
		_, err = w.gate.OpenDeal(t.Context(), legal, at, sharing.DealFields{Name: "Twice"})
		must(t, err)
		page, err := w.gate.Deals(t.Context(), 1, "")
		must(t, err)
		if len(page.Items) != 1 || page.Next == "" {
			t.Errorf("%+v", page)
		}
	})
}
