package registry_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
)

// states are all states of a vendor.
var states = []registry.VendorState{registry.Proposed, registry.Approved, registry.Active, registry.WindingDown, registry.Ended}

func TestLife(t *testing.T) {
	t.Parallel()
	life := map[[2]registry.VendorState]bool{
		{registry.Proposed, registry.Approved}: true, {registry.Proposed, registry.Ended}: true,
		{registry.Approved, registry.Active}: true, {registry.Approved, registry.WindingDown}: true, {registry.Approved, registry.Ended}: true,
		{registry.Active, registry.WindingDown}: true,
		{registry.WindingDown, registry.Ended}:  true,
	}
	for _, from := range states {
		for _, to := range states {
			v := registry.Vendor{State: from, StateSince: noon}
			v.DeletionException = "agreed"
			err := v.Move(approver, to, noon)
			if life[[2]registry.VendorState{from, to}] {
				if err != nil || v.State != to || v.StateSince != noon {
					t.Errorf("%s → %s: %v", from, to, err)
				}
				continue
			}
			refused(t, err, registry.Conflict)
			t.Log(err)
		}
	}
}

func TestApproval(t *testing.T) {
	t.Parallel()
	proposer := audit.Actor{Kind: "user", ID: uuid.New(), Role: "admin"}
	for _, c := range []struct {
		rule string
		by   audit.Actor
		ok   bool
	}{
		{"an approver approves", approver, true},
		{"an admin approves", audit.Actor{Kind: "key", ID: uuid.New(), Role: "admin"}, true},
		{"legal does not approve", legal, false},
		{"an auditor does not approve", audit.Actor{Kind: "user", ID: uuid.New(), Role: "auditor"}, false},
		{"a service does not approve", audit.Actor{Kind: "key", ID: uuid.New(), Role: "service"}, false},
		{"the proposer does not approve, not even an admin", proposer, false},
		{"the program approves what it proposed", audit.Program, true},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			v := registry.Vendor{State: registry.Proposed, StateSince: noon, CreatedBy: proposer.ID}
			if c.by == audit.Program {
				v.CreatedBy = audit.Program.ID
			}
			err := v.Move(c.by, registry.Approved, noon)
			if c.ok && err != nil {
				t.Fatal(err)
			}
			if !c.ok {
				refused(t, err, registry.Forbidden)
			}
		})
	}
}

func TestVendorMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	t.Run("a vendor that winds down ends only with a certificate or an exception", func(t *testing.T) {
		t.Parallel()
		v := w.move(t, w.vendor(t, fields("Ending")), registry.Approved, registry.Active, registry.WindingDown)
		_, err := w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.VendorPatch{State: registry.Ended})
		refused(t, err, registry.Conflict)
		v, err = w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.VendorPatch{
			Fields: []byte(`{"deletion_certificate":{"certified_on":"2026-11-20","reference":"DC-1"}}`), State: registry.Ended,
		})
		if err != nil {
			t.Fatal(said(err))
		}
		if v.State != registry.Ended || v.Version != 5 {
			t.Errorf("%+v", v)
		}
		types := []string{"vendor.created", "vendor.approved", "vendor.activated", "vendor.winding_down", "vendor.ended"}
		entries, err := w.log.Entries(t.Context(), audit.Query{After: -1, Limit: 10, VendorID: v.ID})
		if err != nil || len(entries) != len(types) {
			t.Fatal(entries, err)
		}
		for i, e := range entries {
			if e.Type != types[i] {
				t.Errorf("entry %d is %s, want %s", i, e.Type, types[i])
			}
		}
		if !contains(entries[4].Leaf, `"changed":["/deletion_certificate","/state","/state_since"]`) {
			t.Errorf("%s", entries[4].Leaf)
		}
	})

	t.Run("a change by legal keeps an approved vendor approved", func(t *testing.T) {
		t.Parallel()
		v := w.move(t, w.vendor(t, fields("Kept")), registry.Approved)
		if v = w.patch(t, v, `{"notes":"x"}`); v.State != registry.Approved {
			t.Error(v.State)
		}
	})

	t.Run("the state that it is in moves nothing", func(t *testing.T) {
		t.Parallel()
		v := w.move(t, w.vendor(t, fields("Idle")), registry.Approved)
		same := w.move(t, v, registry.Approved)
		if same.Version != v.Version {
			t.Error(same.Version)
		}
	})

	t.Run("a move may be since the past, not the future, nor before the state that it leaves", func(t *testing.T) {
		t.Parallel()
		v := w.vendor(t, fields("Backdated"))
		since := noon.AddDate(-2, 0, 0)
		at := w.tick()
		_, err := w.ChangeVendor(t.Context(), approver, at, v.ID, 1, registry.VendorPatch{State: registry.Approved, EffectiveAt: at.Add(time.Second)})
		refused(t, err, registry.Invalid, "/effective_at")
		v, err = w.ChangeVendor(t.Context(), approver, at, v.ID, 1, registry.VendorPatch{State: registry.Approved, EffectiveAt: since})
		if err != nil || !v.StateSince.Equal(since) {
			t.Fatal(v.StateSince, err)
		}
		_, err = w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, 2, registry.VendorPatch{State: registry.Active, EffectiveAt: since.Add(-time.Second)})
		refused(t, err, registry.Conflict)
	})

	t.Run("a time without a state, an unknown state and an unreadable reason are all named", func(t *testing.T) {
		t.Parallel()
		v := w.vendor(t, fields("Named"))
		_, err := w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, 1, registry.VendorPatch{EffectiveAt: noon, Reason: "a\x00b"})
		refused(t, err, registry.Invalid, "/effective_at", "/reason")
		_, err = w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, 1, registry.VendorPatch{State: "aktive"})
		refused(t, err, registry.Invalid, "/state")
	})

	t.Run("a backdated activation holds through later edits and hides none", func(t *testing.T) {
		t.Parallel()
		v := w.move(t, w.vendor(t, fields("Timeline")), registry.Approved)
		since := w.tick()
		edited := w.tick()
		v, err := w.ChangeVendor(t.Context(), legal, edited, v.ID, v.Version, registry.VendorPatch{Fields: []byte(`{"notes":"edited"}`)})
		if err != nil {
			t.Fatal(err)
		}
		v, err = w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.VendorPatch{State: registry.Active, EffectiveAt: since})
		if err != nil {
			t.Fatal(said(err))
		}
		w.patch(t, v, `{"notes":"edited again"}`)
		d, err := registry.ReadDossier(t.Context(), w.db, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			at    time.Time
			state registry.VendorState
			notes string
		}{
			{noon.AddDate(-1, 0, 0), registry.Proposed, ""},
			{since.Add(-time.Millisecond), registry.Approved, ""},
			{since, registry.Active, "edited"},
			{edited.Add(time.Millisecond), registry.Active, "edited"},
			{w.latest(), registry.Active, "edited again"},
			{w.latest().AddDate(1, 0, 0), registry.Active, "edited again"},
		} {
			got, ok := registry.InForce(d.Vendor, c.at)
			if !ok || got.State != c.state || got.Notes != c.notes {
				t.Errorf("at %s: %s %q, want %s %q", c.at, got.State, got.Notes, c.state, c.notes)
			}
		}
		if got, _ := registry.KnownAt(d.Vendor, edited); got.State != registry.Approved {
			t.Errorf("known at the edit: %s", got.State)
		}
		if _, ok := registry.KnownAt(d.Vendor, noon.AddDate(-1, 0, 0)); ok {
			t.Error("something was known before anything was recorded")
		}
	})
}
