package sharing_test

import (
	"testing"

	"onward/registry"
	"onward/registry/sharing"
)

// TestJurisdictions: interests go for advertising only where that is allowable, and nobody guesses where people are (P-15).
func TestJurisdictions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := usual()
	p.kinds, p.document = []string{"advertiser"}, false
	p.engagement = func(f *registry.EngagementFields) {
		f.Purposes, f.Categories = []string{"ADS_INTEREST"}, []string{"INTEREST"}
	}
	p.location = func(f *registry.LocationFields) { f.Place = "US" }
	p.contract = func(f *registry.ContractFields) { f.Kind, f.Clauses = "advertising_agreement", nil }
	with := w.party(t, p)
	ads := func(origin string) sharing.Request {
		r := ask(with)
		r.Purpose, r.Ground, r.Categories, r.Countries, r.Pseudonymised, r.Origin = "ADS_INTEREST", "advertising", []string{"INTEREST"}, []string{"US"}, true, origin
		return r
	}
	judged(t, w.share(t, ads("US")), sharing.Allowed)
	judged(t, w.share(t, ads("DE")), sharing.Denied, "jurisdiction_not_allowed:DE", "no_transfer_mechanism:US")

	t.Run("the country that the program takes data to come from says nothing of where people are, nor does a correction", func(t *testing.T) {
		t.Parallel()
		r := ads("")
		r.State = "occurred"
		d := w.share(t, r)
		judged(t, d, sharing.Violation, "jurisdiction_not_allowed:UNSPECIFIED", "no_transfer_mechanism:US")
		if body := w.body(t, d.Receipt.EntryID); body["origin"] != "DE" || body["origin_assumed"] != true {
			t.Errorf("the leaf says %v", body)
		}
		n := int64(7)
		d, err := w.gate.Correct(t.Context(), billing, noon, newKey(), d.Receipt.EntryID, sharing.Correction{Reason: "counted again", SubjectCount: &n})
		must(t, err)
		judged(t, d, sharing.Violation, "jurisdiction_not_allowed:UNSPECIFIED", "no_transfer_mechanism:US")
	})
}
