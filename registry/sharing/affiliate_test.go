package sharing_test

import (
	"testing"
	"time"

	"onward/registry"
	"onward/registry/sharing"
)

// P-08: an entity that was sold on 1 June is no affiliate on 2 June, whenever the sale is written down.
func TestSoldOutOfTheGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := usual()
	p.kinds = []string{"affiliate"}
	p.contract = func(f *registry.ContractFields) { f.Kind = "intra_group_agreement" }
	with := w.party(t, p)
	at := func(month time.Month, d, h int) sharing.Request {
		r := ask(with)
		r.Ground, r.OccurredAt, r.State = "affiliate", time.Date(2026, month, d, h, 0, 0, 0, time.UTC), "occurred"
		return r
	}
	judged(t, w.share(t, at(time.June, 1, 12)), sharing.Violation, "not_affiliate_on_date")

	_, err := w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{Fields: []byte(
		`{"ownership":[{"owner":"We","in_group":true,"percent":"100","until":"2026-06-01","evidence":"Register"},{"owner":"Buyer","percent":"100","from":"2026-06-02","evidence":"Deed"}]}`)})
	must(t, err)
	d := w.share(t, at(time.June, 1, 23))
	judged(t, d, sharing.Allowed)
	judged(t, w.share(t, at(time.June, 2, 0)), sharing.Violation, "not_affiliate_on_date")
	judged(t, w.share(t, at(time.November, 24, 12)), sharing.Violation, "not_affiliate_on_date")

	named := false
	for _, by := range w.body(t, d.Receipt.EntryID)["judged_by"].([]any) {
		r, _ := by.(map[string]any)
		named = named || r["kind"] == "vendor" && r["version"] == "4"
	}
	if !named {
		t.Error("the entry does not name the version that tells of the sale")
	}
}
