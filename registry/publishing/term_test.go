package publishing_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/policy"
)

// TestTermsAcrossVersions: a term is worded as the policy of the day words it, and the list says when that changed and will change.
func TestTermsAcrossVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := must(w.CreateVendor(t.Context(), legal, w.tick(), registry.VendorFields{Name: "Acme", Kinds: []string{"subprocessor"}}))(t)
	must(w.ChangeVendor(t.Context(), approver, w.tick(), v.ID, v.Version, registry.VendorPatch{State: registry.Approved}))(t)
	must(w.CreateEngagement(t.Context(), legal, w.tick(), v.ID, registry.EngagementFields{
		Service: "Hosting", Purposes: []string{"INFRA"}, Listed: true, ListedReason: "It hosts.",
	}))(t)
	purposes := must(json.Marshal(policy.Shipped()[0].Purposes))(t)
	reworded := strings.Replace(string(purposes), "Infrastructure that delivers the service", "Computers", 1)
	p := must(w.DraftPolicy(t.Context(), legal, w.tick(), "next", "2018-10-26", []byte(`{"effective_on": "2026-11-24", "zone": "Pacific/Pago_Pago",
		"text_url": "https://example.com", "text_sha256": "`+strings.Repeat("0", 64)+`", "purposes": `+reworded+`}`)))(t)
	p = must(w.ChangePolicy(t.Context(), legal, w.tick(), p.Name, p.Revision,
		[]byte(`{"effective_on": "2026-11-25", "decisions": {"purpose:INFRA:label": {"needs_consent": false, "because": "It is the same."}}}`)))(t)
	p = must(w.ApprovePolicy(t.Context(), approver, w.tick(), p.Name, p.Revision))(t)
	must(w.PublishPolicy(t.Context(), legal, w.tick(), p.Name, p.Revision))(t)

	begins := time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)
	before, after := w.list(begins.Add(-1)), w.list(begins)
	if got := before.Entries[0].Purposes[0].Label; got != "Infrastructure that delivers the service" || !before.Next.Equal(begins) {
		t.Errorf("%s until %s", got, before.Next)
	}
	if got := after.Entries[0].Purposes[0].Label; got != "Computers" || !after.Updated.Equal(begins) || !after.Next.IsZero() {
		t.Errorf("%s since %s until %s", got, after.Updated, after.Next)
	}
}
