package publishing_test

import (
	"encoding/json"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/publishing"
)

func TestMergerOnTheList(t *testing.T) { //nolint:tparallel // its steps follow each other
	t.Parallel()
	w := newWorld(t)
	old, heir := w.vendor("Distil", registry.Approved, registry.Active), w.vendor("Imperva", registry.Approved, registry.Active)
	w.engagement(old, registry.EngagementFields{Service: "Bot detection"})
	w.engagement(heir, registry.EngagementFields{Service: "Cache"})
	before := w.now
	old = must(w.MergeVendor(t.Context(), legal, w.tick(), old.ID, old.Version, registry.MergerFields{Into: heir.ID, Reason: "bought"}))(t)
	merged := w.now
	lines := func(at time.Time) (names [2]string, ids map[string]bool, list publishing.List) {
		list = must(publishing.Build(t.Context(), w.db, at))(t)
		ids = map[string]bool{}
		for _, e := range list.Entries {
			ids[e.VendorID] = true
			if e.Service == "Cache" {
				names[1] = e.Vendor
			} else {
				names[0] = e.Vendor
			}
		}
		return names, ids, list
	}
	t.Run("the list shows one vendor from then on, and before two", func(t *testing.T) { //nolint:paralleltest // see above
		if names, ids, _ := lines(before); names != [2]string{"Distil", "Imperva"} || len(ids) != 2 {
			t.Error(names, ids)
		}
		names, ids, list := lines(merged)
		if names != [2]string{"Imperva", "Imperva"} || len(ids) != 1 || !list.Updated.Equal(merged) {
			t.Error(names, ids, list.Updated)
		}
	})
	t.Run("a rename of the survivor renames both lines, and the list says since when", func(t *testing.T) { //nolint:paralleltest // see above
		heir = must(w.ChangeVendor(t.Context(), legal, w.tick(), heir.ID, heir.Version, registry.VendorPatch{Fields: json.RawMessage(`{"name":"Thales"}`)}))(t)
		names, _, list := lines(w.now)
		if names != [2]string{"Thales", "Thales"} || !list.Updated.Equal(w.now) {
			t.Error(names, list.Updated)
		}
	})
	t.Run("undone, it shows two again", func(t *testing.T) { //nolint:paralleltest // see above
		must(w.UnmergeVendor(t.Context(), legal, w.tick(), old.ID, old.Version, registry.UnmergerFields{Reason: "a mistake"}))(t)
		if names, ids, _ := lines(w.now); names != [2]string{"Distil", "Thales"} || len(ids) != 2 {
			t.Error(names, ids)
		}
	})
}

func TestMergerAsChange(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	old, heir := o.line(t, "Distil", true), o.line(t, "Imperva", true)
	_, err := o.guarded().MergeVendor(t.Context(), legal, o.tick(), old.vendor.ID, old.vendor.Version, registry.MergerFields{Into: heir.vendor.ID, Reason: "bought"})
	held(t, err, true)
	c := must(o.Propose(t.Context(), legal, o.tick(), publishing.ChangeFields{Steps: []registry.Step{{
		RecordKind: "vendor", RecordID: old.vendor.ID, Action: registry.StepMerge,
		Fields: json.RawMessage(`{"into":"` + heir.vendor.ID.String() + `","reason":"bought"}`),
	}}}))(t)
	if c.Kind != publishing.KindName {
		t.Errorf("a change of %s", c.Kind)
	}
	must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, c.Version))(t)
	at := o.tick()
	must(o.ApplyDue(t.Context(), at))(t)
	if got := o.names(t, at.Add(time.Minute)); got != "Imperva, Imperva" {
		t.Errorf("the list has %s", got)
	}
}
