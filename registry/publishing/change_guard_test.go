package publishing_test

import (
	"testing"

	"onward/registry"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := o.guarded()
	t.Run("an edit of a line that stands is held, whichever record it is of, and nothing is written", func(t *testing.T) {
		t.Parallel()
		l := o.line(t, "Edited", true)
		_, err := r.ChangeEngagement(t.Context(), legal, o.tick(), l.engagement.ID, l.engagement.Version, []byte(`{"service":"Backup"}`))
		held(t, err, true)
		_, err = r.ChangeEngagement(t.Context(), legal, o.tick(), l.engagement.ID, l.engagement.Version, []byte(`{"until":"2030-01-01"}`))
		held(t, err, true)
		_, err = r.ChangeLocation(t.Context(), legal, o.tick(), l.location.ID, l.location.Version, []byte(`{"place":"US"}`))
		held(t, err, true)
		_, err = r.CreateLocation(t.Context(), legal, o.tick(), l.engagement.ID, registry.LocationFields{Place: "US"})
		held(t, err, true)
		_, err = r.ChangeVendor(t.Context(), legal, o.tick(), l.vendor.ID, l.vendor.Version, registry.VendorPatch{Fields: []byte(`{"name":"Renamed"}`)})
		held(t, err, true)
		if e := must(o.registry.Engagement(t.Context(), l.engagement.ID, nil))(t); e.Version != l.engagement.Version || e.Service != "Hosting" {
			t.Errorf("%+v", e)
		}
	})
	t.Run("what is not public is edited at once, and so is what is not on the list", func(t *testing.T) {
		t.Parallel()
		l, hidden := o.line(t, "Noted", true), o.line(t, "Hidden", false)
		must(r.ChangeEngagement(t.Context(), legal, o.tick(), l.engagement.ID, l.engagement.Version, []byte(`{"notes":"x"}`)))(t)
		must(r.ChangeVendor(t.Context(), legal, o.tick(), l.vendor.ID, l.vendor.Version, registry.VendorPatch{Fields: []byte(`{"owner":"ops"}`)}))(t)
		must(r.ChangeEngagement(t.Context(), legal, o.tick(), hidden.engagement.ID, hidden.engagement.Version, []byte(`{"service":"Other"}`)))(t)
	})
	t.Run("a vendor whose data flow ends leaves at once", func(t *testing.T) {
		t.Parallel()
		l := o.line(t, "Stopped", true)
		v := must(r.ChangeVendor(t.Context(), legal, o.tick(), l.vendor.ID, l.vendor.Version, registry.VendorPatch{State: registry.WindingDown}))(t)
		if v.State != registry.WindingDown {
			t.Error(v.State)
		}
	})
	t.Run("a line that is new is held only where a customer must be told", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		r := o.guarded()
		first := o.line(t, "First", false)
		must(r.ChangeEngagement(t.Context(), legal, o.tick(), first.engagement.ID, first.engagement.Version, []byte(`{"listed":true}`)))(t)
		f := customer("Buys mail")
		f.Products = []string{"Mail"}
		o.customer(t, f)
		other, mail, all := o.line(t, "Other", false, "Chat"), o.line(t, "Mail", false, "Mail", "Chat"), o.line(t, "All", false)
		must(r.ChangeEngagement(t.Context(), legal, o.tick(), other.engagement.ID, other.engagement.Version, []byte(`{"listed":true}`)))(t)
		for _, l := range []line{mail, all} {
			_, err := r.ChangeEngagement(t.Context(), legal, o.tick(), l.engagement.ID, l.engagement.Version, []byte(`{"listed":true}`))
			held(t, err, false)
			_, err = r.ChangeEngagement(t.Context(), legal, o.tick(), l.engagement.ID, l.engagement.Version, []byte(`{"listed":true,"from":"2030-01-01"}`))
			held(t, err, false)
		}
		v := must(r.CreateVendor(t.Context(), legal, o.tick(), registry.VendorFields{Name: "Drafted", Kinds: []string{"subprocessor"}}))(t)
		must(r.CreateEngagement(t.Context(), legal, o.tick(), v.ID, registry.EngagementFields{Service: "x", Listed: true, ListedReason: "y"}))(t)
		_, err := r.ChangeVendor(t.Context(), approver, o.tick(), v.ID, v.Version, registry.VendorPatch{State: registry.Approved})
		held(t, err, false)
	})
}
