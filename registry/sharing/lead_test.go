package sharing_test

import (
	"testing"
	"time"

	"onward/registry"
	"onward/registry/sharing"
)

// P-10: while a territory is promised to one partner alone, no other gets leads from it, on whatever instance, by each lead's own instant.
func TestExclusiveTerritory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	reseller := func(c registry.Commercial) party {
		p := usual()
		p.kinds = []string{"reseller"}
		p.contract = func(f *registry.ContractFields) { f.Kind, f.Commercial = "reseller_agreement", &c }
		return w.party(t, p)
	}
	one, two := reseller(registry.Commercial{Territory: []string{"DE", "AT"}}), reseller(registry.Commercial{Territory: []string{"CH"}})
	lead := func(to party, country string) sharing.Request {
		r := ask(to)
		r.Ground, r.LeadCountry, r.OccurredAt, r.State = "partner", country, noon.Add(-time.Hour), "occurred"
		return r
	}
	d := w.share(t, lead(one, "DE"))
	judged(t, d, sharing.Allowed)
	if body := w.body(t, d.Receipt.EntryID); body["lead_country"] != "DE" {
		t.Errorf("the entry says %v", body["lead_country"])
	}
	judged(t, w.share(t, lead(one, "CH")), sharing.Violation, "lead_outside_territory:CH")

	// An amendment promises Germany to the other, from 2 November to 23 November.
	amended, err := w.AmendContract(t.Context(), legal, noon, two.contract.ID,
		[]byte(`{"signed_on":"2026-11-01","in_force_from":"2026-11-02","in_force_until":"2026-11-23","commercial":{"territory":["DE","CH"],"exclusive":true}}`))
	must(t, err)
	other := w.newGate()
	for at, reasons := range map[time.Time][]string{
		time.Date(2026, 11, 1, 23, 59, 59, 0, time.UTC):  nil,
		time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC):     {"lead_promised_elsewhere:" + two.ID.String()},
		time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC): {"lead_promised_elsewhere:" + two.ID.String()},
		time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC):    nil,
	} {
		r := lead(one, "DE")
		r.OccurredAt = at
		verdict := sharing.Allowed
		if reasons != nil {
			verdict = sharing.Violation
		}
		for _, g := range []*sharing.Gate{w.gate, other} {
			d, err := g.Share(t.Context(), billing, noon, newKey(), r)
			must(t, err)
			judged(t, d, verdict, reasons...)
		}
	}
	// Nobody else is kept from Austria, and whoever it was promised to gets Germany.
	r := lead(one, "AT")
	r.OccurredAt = time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)
	judged(t, w.share(t, r), sharing.Allowed)
	r = lead(two, "DE")
	r.OccurredAt = time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)
	judged(t, w.share(t, r), sharing.Allowed)

	// The promise was a mistake: the very next lead is judged without it.
	_, err = w.ChangeContract(t.Context(), legal, noon, amended.ID, amended.Version, []byte(`{"commercial":{"exclusive":null}}`))
	must(t, err)
	r = lead(one, "DE")
	d, err = other.Share(t.Context(), billing, noon.Add(time.Minute), newKey(), r)
	must(t, err)
	judged(t, d, sharing.Allowed)
}

func TestLeadNeedsItsCountry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := ask(w.party(t, usual()))
	r.LeadKind = "inbound"
	_, err := w.gate.Share(t.Context(), billing, noon, newKey(), r)
	refused(t, err, registry.Invalid, "/lead_country")
}
