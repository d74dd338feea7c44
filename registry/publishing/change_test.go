package publishing_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
	"onward/registry/publishing"
)

var third = audit.Actor{Kind: "user", ID: uuid.MustParse("33333333-3333-4333-8333-333333333333"), Role: "admin"}

// line is a vendor with one engagement in Germany; listed when its vendor is active.
type line struct {
	vendor     registry.Vendor
	engagement registry.Engagement
	location   registry.Location
}

func (o *office) line(t *testing.T, name string, listed bool, products ...string) line {
	t.Helper()
	v := must(o.registry.CreateVendor(t.Context(), legal, o.tick(), registry.VendorFields{Name: name, Kinds: []string{"subprocessor"}}))(t)
	for _, s := range []registry.VendorState{registry.Approved, registry.Active} {
		v = must(o.registry.ChangeVendor(t.Context(), approver, o.tick(), v.ID, v.Version, registry.VendorPatch{State: s}))(t)
	}
	e := must(o.registry.CreateEngagement(t.Context(), legal, o.tick(), v.ID, registry.EngagementFields{
		Service: "Hosting", Listed: listed, ListedReason: "it delivers the product", Products: products, Purposes: []string{"INFRA"}, Categories: []string{"CONTACT"},
	}))(t)
	l := must(o.registry.CreateLocation(t.Context(), legal, o.tick(), e.ID, registry.LocationFields{Place: "DE"}))(t)
	return line{v, e, l}
}

func (o *office) guarded() *registry.Registry { return o.registry.Guarded(o.Guard) }

func (o *office) names(t *testing.T, at time.Time) string {
	t.Helper()
	var names []string
	for _, e := range must(publishing.Build(t.Context(), o.db, at))(t).Entries {
		names = append(names, e.Vendor)
	}
	return strings.Join(names, ", ")
}

func patching(kind string, id uuid.UUID, fields string) registry.Step {
	return registry.Step{RecordKind: kind, RecordID: id, Action: registry.StepPatch, Fields: json.RawMessage(fields)}
}

func (l line) steps(fields string) publishing.ChangeFields {
	return publishing.ChangeFields{Steps: []registry.Step{patching("engagement", l.engagement.ID, fields)}}
}

// told announces an approved change, as a notice does.
func (o *office) told(t *testing.T, c publishing.Change, at time.Time) publishing.Change {
	t.Helper()
	_, err := o.log.Change(t.Context(), at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		notice := uuid.New()
		if _, err := tx.NewRaw(`INSERT INTO notices (id, opened_at, frozen_at, changes) VALUES (?, ?, ?, '[]')`, notice, at, at).Exec(ctx); err != nil {
			return nil, err
		}
		_, entries, err := o.Announce(ctx, tx, audit.Program, at, notice, []uuid.UUID{c.ID})
		return entries, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return must(o.Change(t.Context(), c.ID))(t)
}

func held(t *testing.T, err error, edits bool) {
	t.Helper()
	var h *publishing.Held
	if !errors.As(err, &h) || h.Edits != edits {
		t.Errorf("got %v, want it to be held", err)
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	t.Run("it is proposed, approved by another person, and takes effect where nobody has to be told", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		l := o.line(t, "Acme", true)
		c := must(o.Propose(t.Context(), legal, o.tick(), l.steps(`{"service":"Backup","purposes":["SECURITY"]}`)))(t)
		if c.Kind != "purpose" || c.State != "proposed" || c.EffectiveOn.String() != "2026-11-24" || c.Zone != "UTC" || *c.EngagementID != l.engagement.ID ||
			len(c.Differences) != 1 || len(c.Differences[0].Fields) != 2 || string(c.Differences[0].Fields[0].After) != `"Backup"` {
			t.Fatalf("%+v", c)
		}
		_, err := o.ApproveChange(t.Context(), legal, o.tick(), c.ID, 1)
		refusedAs(t, err, registry.Forbidden)
		_, err = o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 2)
		refusedAs(t, err, registry.Stale)
		c = must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 1))(t)
		if c.State != "announced" || c.NoticeID != nil {
			t.Fatalf("%+v", c)
		}
		if e := must(o.registry.Engagement(t.Context(), l.engagement.ID, nil))(t); e.Service != "Hosting" {
			t.Error("it took effect before its time")
		}
		if n := must(o.ApplyDue(t.Context(), o.tick()))(t); n != 1 {
			t.Fatal(n)
		}
		if c = must(o.Change(t.Context(), c.ID))(t); c.State != "effective" || c.EffectiveAt == nil || len(c.Differences) != 1 {
			t.Errorf("%+v", c)
		}
		if e := must(o.registry.Engagement(t.Context(), l.engagement.ID, nil))(t); e.Service != "Backup" {
			t.Error(e.Service)
		}
		if n := must(o.ApplyDue(t.Context(), o.tick()))(t); n != 0 {
			t.Error("twice")
		}
		_, err = o.WithdrawChange(t.Context(), legal, o.tick(), c.ID, c.Version, publishing.Withdrawal{Reason: "no"})
		refusedAs(t, err, registry.Conflict)
	})
	t.Run("its day follows from whose period is the longest, and an earlier one is refused with the customers named", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		f := customer("Ten days")
		f.Notice = &publishing.Clock{Number: 10, Days: "calendar", From: "sent"}
		o.customer(t, f)
		f = customer("Thirty days")
		f.Emergency = true
		o.customer(t, f)
		l := o.line(t, "Acme", false)
		c := must(o.Propose(t.Context(), legal, o.tick(), l.steps(`{"listed":true}`)))(t)
		if c.Kind != "add" || c.EffectiveOn.String() != "2026-12-25" {
			t.Fatalf("%+v", c)
		}
		c = must(o.EditChange(t.Context(), legal, o.tick(), c.ID, 1, []byte(`{"effective_on":"2026-12-10"}`)))(t)
		_, err := o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 2)
		refusedAs(t, err, registry.Conflict)
		if !strings.Contains(err.Error(), "Thirty days (not before 2026-12-25)") || strings.Contains(err.Error(), "Ten days") {
			t.Error(err)
		}
		standings := must(o.Standings(t.Context(), o.tick(), c.ID))(t)
		if len(standings) != 2 || !standings[0].InTime || standings[1].InTime || !standings[1].Waives || standings[0].Stance != publishing.Waiting {
			t.Errorf("%+v", standings)
		}
		c = must(o.EditChange(t.Context(), legal, o.tick(), c.ID, 2, []byte(`{"staged":true}`)))(t)
		c = must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 3))(t)
		if c.State != "approved" {
			t.Fatalf("%+v", c)
		}
		if n := must(o.ApplyDue(t.Context(), noon.AddDate(1, 0, 0)))(t); n != 0 {
			t.Fatal("it took effect before anybody was told")
		}
		if later := c.LaterOf(standings); later.Customers != 1 || later.LastOn.String() != "2026-12-25" || later.Unknown != 0 {
			t.Errorf("%+v", later)
		}
		c = o.told(t, c, o.tick())
		standings = must(o.Standings(t.Context(), o.tick(), c.ID))(t)
		// The period to object of the first is as long as that of the second: its silence counts no earlier.
		if later := c.LaterOf(standings); later.Customers != 2 || later.LastOn.String() != "2026-12-25" || later.Unknown != 0 {
			t.Errorf("%+v", later)
		}
		if c.State != "announced" || c.EffectiveOn.String() != "2026-12-10" || len(standings) != 2 || standings[1].StartsOn.String() != "2026-12-25" ||
			!standings[1].NoticeEnds.Equal(time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v\n%+v", c, standings)
		}
		if n := must(o.ApplyDue(t.Context(), time.Date(2026, 12, 9, 23, 59, 59, 0, time.UTC)))(t); n != 0 {
			t.Fatal("a second too early")
		}
		if n := must(o.ApplyDue(t.Context(), time.Date(2026, 12, 10, 0, 0, 0, 0, time.UTC)))(t); n != 1 {
			t.Fatal("not on its day")
		}
		if got := o.names(t, time.Date(2026, 12, 10, 0, 0, 0, 0, time.UTC)); got != "Acme" {
			t.Error(got)
		}
	})
	t.Run("a day that lies inside of a period by the time the notice goes out moves behind it", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.customer(t, customer("Thirty days"))
		l := o.line(t, "Acme", false)
		c := must(o.Propose(t.Context(), legal, o.tick(), l.steps(`{"listed":true}`)))(t)
		c = must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 1))(t)
		if c = o.told(t, c, noon.AddDate(0, 0, 3)); c.EffectiveOn.String() != "2026-12-28" {
			t.Error(c.EffectiveOn)
		}
	})
	t.Run("periods that run from receipt begin when the notice is delivered, once", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		f := customer("From receipt")
		f.Notice = &publishing.Clock{Number: 10, Days: "calendar", From: "received"}
		k := o.customer(t, f)
		l := o.line(t, "Acme", false)
		c := must(o.Propose(t.Context(), legal, o.tick(), l.steps(`{"listed":true}`)))(t)
		c = o.told(t, must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 1))(t), o.tick())
		s := must(o.Standings(t.Context(), o.tick(), c.ID))(t)
		if len(s) != 1 || !s[0].NoticeEnds.IsZero() || s[0].StartsOn != nil {
			t.Fatalf("%+v", s)
		}
		for _, at := range []time.Time{noon.AddDate(0, 0, 2), noon.AddDate(0, 0, 5)} {
			_, err := o.log.Change(t.Context(), o.tick(), func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
				e := audit.Entry{ID: uuid.New(), Type: "test.made", Actor: legal, OccurredAt: noon}
				return []audit.Entry{e}, o.Delivered(ctx, tx, at, c.ID, k.ID)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if s = must(o.Standings(t.Context(), o.tick(), c.ID))(t); !s[0].NoticeEnds.Equal(time.Date(2026, 12, 7, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", s)
		}
	})
	t.Run("an emergency has a reason and two approvers, and waits for nobody's period", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		f := customer("Waives")
		f.Emergency = true
		o.customer(t, f)
		o.customer(t, customer("Does not"))
		old, fresh := o.line(t, "Old", true), o.line(t, "New", false)
		p := publishing.ChangeFields{Emergency: true, Steps: []registry.Step{
			patching("engagement", fresh.engagement.ID, `{"listed":true}`), patching("engagement", old.engagement.ID, `{"listed":false}`),
		}}
		_, err := o.Propose(t.Context(), legal, o.tick(), p)
		refusedAs(t, err, registry.Invalid, "/reason")
		p.Reason = "Old is insolvent"
		c := must(o.Propose(t.Context(), legal, o.tick(), p))(t)
		if c.Kind != "replace" || *c.EngagementID != fresh.engagement.ID || *c.ReplacesID != old.engagement.ID || c.EffectiveOn.String() != "2026-11-24" {
			t.Fatalf("%+v", c)
		}
		c = must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 1))(t)
		_, err = o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 2)
		refusedAs(t, err, registry.Forbidden)
		if c.State != "proposed" {
			t.Fatal(c.State)
		}
		c = o.told(t, must(o.ApproveChange(t.Context(), third, o.tick(), c.ID, 2))(t), o.tick())
		if n := must(o.ApplyDue(t.Context(), o.tick()))(t); n != 1 {
			t.Fatal(n)
		}
		if got := o.names(t, o.tick()); got != "New" {
			t.Error(got)
		}
		s := must(o.Standings(t.Context(), o.tick(), c.ID))(t)
		if len(s) != 2 || !s[0].Unwarned || s[1].Unwarned {
			t.Errorf("%+v", s)
		}
	})
	t.Run("a change that does nothing, of nothing, or on a day that has passed is refused", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		l := o.line(t, "Acme", true)
		_, err := o.Propose(t.Context(), legal, o.tick(), l.steps(`{"notes":"x"}`))
		refusedAs(t, err, registry.Conflict)
		_, err = o.Propose(t.Context(), legal, o.tick(), publishing.ChangeFields{})
		refusedAs(t, err, registry.Invalid, "/steps")
		_, err = o.Propose(t.Context(), legal, o.tick(), l.steps(`{"purposes":["NONE"]}`))
		refusedAs(t, err, registry.Invalid, "/steps/0/fields/purposes/0")
		f := l.steps(`{"service":"x"}`)
		f.EffectiveOn = day("2026-11-23")
		_, err = o.Propose(t.Context(), legal, o.tick(), f)
		refusedAs(t, err, registry.Invalid, "/effective_on")
		if e := must(o.registry.Engagement(t.Context(), l.engagement.ID, nil))(t); e.Version != 1 {
			t.Error("a rehearsal was kept")
		}
	})
	t.Run("what cannot take effect says why, and waits", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		l := o.line(t, "Acme", true)
		c := must(o.Propose(t.Context(), legal, o.tick(), publishing.ChangeFields{
			EffectiveOn: day("2026-12-01"), Steps: []registry.Step{{RecordKind: "vendor", RecordID: l.vendor.ID, Action: "move", State: "winding_down"}},
		}))(t)
		if c.Kind != "remove" {
			t.Errorf("%+v", c)
		}
		must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 1))(t)
		v := must(o.registry.ChangeVendor(t.Context(), legal, o.tick(), l.vendor.ID, l.vendor.Version, registry.VendorPatch{State: registry.WindingDown}))(t)
		must(o.registry.ChangeVendor(t.Context(), legal, o.tick(), v.ID, v.Version, registry.VendorPatch{State: registry.Ended, Fields: []byte(`{"deletion_exception":"law"}`)}))(t)
		for range 2 {
			if n := must(o.ApplyDue(t.Context(), noon.AddDate(0, 0, 8)))(t); n != 0 {
				t.Fatal(n)
			}
		}
		if c = must(o.Change(t.Context(), c.ID))(t); c.State != "announced" || c.Problem == "" || c.Version != 3 {
			t.Errorf("%+v", c)
		}
	})
	t.Run("several instances at once, of which some end in the middle, apply each change once", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		var lines []line
		for _, name := range []string{"A", "B", "C", "D", "E", "F"} {
			l := o.line(t, name, true)
			c := must(o.Propose(t.Context(), legal, o.tick(), l.steps(`{"service":"Backup"}`)))(t)
			must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, 1))(t)
			lines = append(lines, l)
		}
		at := o.tick()
		var wg sync.WaitGroup
		var applied atomic.Int64
		for i := range 4 {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				if i%2 == 0 {
					time.AfterFunc(time.Duration(i+1)*5*time.Millisecond, cancel)
				}
				n, err := o.ApplyDue(ctx, at)
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				applied.Add(int64(n))
			})
		}
		wg.Wait()
		n := must(o.ApplyDue(t.Context(), at))(t)
		if total := applied.Load() + int64(n); total > 6 {
			t.Errorf("%d took effect", total)
		}
		for _, l := range lines {
			if e := must(o.registry.Engagement(t.Context(), l.engagement.ID, nil))(t); e.Version != 2 || e.Service != "Backup" {
				t.Errorf("%+v", e)
			}
		}
	})
	t.Run("changes are listed newest first, by state, kind and vendor", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		var ids []uuid.UUID
		for _, name := range []string{"A", "B", "C"} {
			l := o.line(t, name, true)
			ids = append(ids, must(o.Propose(t.Context(), legal, o.tick(), l.steps(`{"service":"`+name+`"}`)))(t).ID)
		}
		must(o.WithdrawChange(t.Context(), legal, o.tick(), ids[1], 1, publishing.Withdrawal{Reason: "no"}))(t)
		slices.Reverse(ids)
		var got []uuid.UUID
		q := publishing.ChangeQuery{Limit: 2}
		for {
			p := must(o.Changes(t.Context(), q))(t)
			for _, c := range p.Items {
				got = append(got, c.ID)
			}
			if q.Cursor = p.Next; q.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, ids) {
			t.Errorf("%v, want %v", got, ids)
		}
		if p := must(o.Changes(t.Context(), publishing.ChangeQuery{State: "withdrawn", Kind: "purpose"}))(t); len(p.Items) != 1 || p.Items[0].ID != ids[1] {
			t.Errorf("%+v", p)
		}
	})
}
