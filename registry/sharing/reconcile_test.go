package sharing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

func TestReconcile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	used := w.party(t, usual())
	direct := usual()
	direct.engagement = func(f *registry.EngagementFields) { f.CollectionMode = "direct" }
	collects, idle := w.party(t, direct), w.party(t, usual())

	r := ask(used)
	w.share(t, r)
	r.OccurredAt = noon.AddDate(0, -3, 0)
	w.share(t, r)
	r.Categories, r.Countries = []string{"PAYMENT"}, []string{"US"}
	w.share(t, r) // denied: it is not counted
	r.State = "occurred"
	wrong := w.share(t, r)
	w.correct(t, wrong.Receipt.EntryID, sharing.Correction{Reason: "it was another", Categories: []string{"CONTACT"}})

	report, err := w.gate.BeginReconciliation(t.Context(), legal, noon, "json", 6, []uuid.UUID{idle.engagement.ID, collects.engagement.ID})
	must(t, err)
	got := map[string]int64{}
	must(t, report.Findings(t.Context(), func(f *sharing.Finding) error {
		name := map[string]string{used.ID.String(): "used", collects.ID.String(): "collects", idle.ID.String(): "idle"}[f.VendorID]
		got[name+" "+f.Kind+" "+f.On] = f.Shares
		return nil
	}))
	want := map[string]int64{
		"used recipient_not_listed ":       3,
		"used country_not_declared US":     1,
		"used purpose_unused SECURITY":     0,
		"used category_unused PRODUCT_USE": 0,
		"idle listed_unused 6":             0,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	must(t, report.End(t.Context(), noon, 5, [32]byte{}, true))
	_, err = w.gate.BeginReconciliation(t.Context(), legal, noon, "json", 121, nil)
	refused(t, err, registry.Invalid, "/unused_months")
}
