package publishing_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/publishing"
)

// subscriber is somebody who has confirmed.
func (o *office) subscriber(t *testing.T, address string, products ...string) publishing.Subscriber {
	t.Helper()
	f := publishing.SubscriberFields{Channel: publishing.ByEmail, Address: address, Language: "en", Products: products}
	at := o.tick()
	must(o.Subscribe(t.Context(), at, f))(t)
	s := must(o.Subscribers(t.Context(), publishing.SubscriberQuery{Address: address, State: publishing.SubscriberAsked}))(t).Items[0]
	if err := o.Confirm(t.Context(), at, s.ID); err != nil {
		t.Fatal(err)
	}
	asked := must(o.TakeDeliveries(t.Context(), at.Add(time.Hour), publishing.ByEmail, 1, time.Minute))(t)
	if err := o.EndAttempt(t.Context(), at, asked[0], publishing.Attempt{State: publishing.DeliverySent, Message: []byte("asked")}); err != nil {
		t.Fatal(err)
	}
	return s
}

// approved is a change of a line's service that a second person approved.
func (o *office) approved(t *testing.T, l line, fields string) publishing.Change {
	t.Helper()
	c := must(o.Propose(t.Context(), legal, o.tick(), l.steps(fields)))(t)
	return must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, c.Version))(t)
}

func (o *office) due(t *testing.T, at time.Time, n int) []publishing.Delivery {
	t.Helper()
	return must(o.TakeDeliveries(t.Context(), at, publishing.ByEmail, n, time.Minute))(t)
}

func addressesOf(all []publishing.Delivery) string {
	var list []string
	for _, d := range all {
		list = append(list, d.Address)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func (o *office) entriesOf(t *testing.T, kind string) (n int) {
	t.Helper()
	if err := o.db.NewRaw(`SELECT count(*) FROM log_entry WHERE type = ?`, kind).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNotice(t *testing.T) {
	t.Parallel()
	t.Run("it waits an hour for other changes, then tells of all of them at once, and each recipient of what concerns it", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		f := customer("Both")
		f.Contacts = append(f.Contacts, publishing.CustomerContact{Email: "second@customer.example"})
		both := o.customer(t, f)
		f = customer("Mail only")
		f.Products, f.Contacts = []string{"Mail"}, []publishing.CustomerContact{{Email: "mail@customer.example"}}
		o.customer(t, f)
		o.subscriber(t, "all@example.com")
		o.subscriber(t, "chat@example.com", "CHAT")
		o.subscriber(t, "none@example.com", "Nothing that there is")
		mail, chat := o.line(t, "Mailer", true, "Mail"), o.line(t, "Chatter", true, "Chat")
		first := o.approved(t, mail, `{"service":"Sending"}`)
		second := o.approved(t, chat, `{"service":"Talking","purposes":["INFRA","SECURITY"]}`)
		if first.State != publishing.ChangeApproved || second.State != publishing.ChangeApproved {
			t.Fatal(first.State, second.State)
		}
		hour := first.ApprovedAt.Add(publishing.NoticeWindow)
		if n := must(o.TellDue(t.Context(), hour.Add(-time.Second)))(t); n != 0 {
			t.Errorf("%d were told within the hour", n)
		}
		if n := must(o.TellDue(t.Context(), hour))(t); n != 2 {
			t.Fatalf("%d were told", n)
		}
		if n := must(o.TellDue(t.Context(), hour))(t); n != 0 {
			t.Errorf("%d were told again", n)
		}
		notices := must(o.Notices(t.Context(), 0, ""))(t).Items
		if len(notices) != 1 || len(notices[0].Changes) != 2 || !notices[0].OpenedAt.Equal(*first.ApprovedAt) || !notices[0].FrozenAt.Equal(hour) {
			t.Fatalf("%+v", notices)
		}
		told := notices[0].Changes[1].Lines[0]
		if told.Vendor != "Chatter" || told.Service != "Talking" || len(told.Purposes) != 2 || told.Locations[0].Place != "DE" || len(told.Fields) != 2 {
			t.Errorf("%+v", told)
		}
		for _, c := range []publishing.Change{first, second} {
			now := must(o.Change(t.Context(), c.ID))(t)
			if now.State != publishing.ChangeAnnounced || now.NoticeID == nil || *now.NoticeID != notices[0].ID || !now.AnnouncedAt.Equal(hour) {
				t.Errorf("%+v", now)
			}
		}
		sent := o.due(t, hour, 100)
		if got := addressesOf(sent); got != "all@example.com chat@example.com mail@customer.example privacy@customer.example second@customer.example" {
			t.Errorf("told: %s", got)
		}
		want := map[string]int{"all@example.com": 2, "chat@example.com": 1, "mail@customer.example": 1, "privacy@customer.example": 2, "second@customer.example": 2}
		for _, l := range must(o.Letters(t.Context(), hour, sent))(t) {
			if len(l.Changes) != want[l.Address] || l.Dropped(hour) {
				t.Errorf("%s is told of %d changes", l.Address, len(l.Changes))
			}
			for _, c := range l.Changes {
				if ours := l.CustomerID != nil; ours != (!c.ObjectionEnds.IsZero() && c.StartsOn != nil) {
					t.Errorf("%s: %v %v", l.Address, c.ObjectionEnds, c.StartsOn)
				}
			}
			if l.CustomerID != nil && *l.CustomerID == both.ID && (l.Customer != "Both" || l.Language != "de") {
				t.Errorf("%+v", l)
			}
		}
		if n := o.entriesOf(t, "notice.frozen"); n != 1 {
			t.Errorf("%d entries", n)
		}
	})
	t.Run("an emergency is told at once, and what waits with it", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.customer(t, customer("One"))
		waiting := o.approved(t, o.line(t, "Waiting", true), `{"service":"Sending"}`)
		fields := o.line(t, "Burning", true).steps(`{"service":"Other"}`)
		fields.Emergency, fields.Reason = true, "it broke"
		c := must(o.Propose(t.Context(), legal, o.tick(), fields))(t)
		c = must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, c.Version))(t)
		if n := must(o.TellDue(t.Context(), o.tick()))(t); n != 0 {
			t.Errorf("%d were told before the second approval", n)
		}
		must(o.ApproveChange(t.Context(), third, o.tick(), c.ID, c.Version))(t)
		if n := must(o.TellDue(t.Context(), o.tick()))(t); n != 2 {
			t.Errorf("%d were told", n)
		}
		if now := must(o.Change(t.Context(), waiting.ID))(t); now.State != publishing.ChangeAnnounced {
			t.Error(now.State)
		}
		letters := must(o.Letters(t.Context(), o.tick(), o.due(t, o.tick(), 10)))(t)
		if len(letters) != 1 || !letters[0].Changes[1].Unwarned || letters[0].Changes[0].Unwarned {
			t.Errorf("%+v", letters)
		}
	})
	t.Run("what cannot be done any more is left out and says why, and holds up nobody", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.customer(t, customer("One"))
		l := o.line(t, "Gone", true)
		bad, good := o.approved(t, l, `{"service":"Sending"}`), o.approved(t, o.line(t, "Stays", true), `{"service":"Sending"}`)
		v := must(o.registry.ChangeVendor(t.Context(), legal, o.tick(), l.vendor.ID, l.vendor.Version, registry.VendorPatch{State: registry.WindingDown}))(t)
		must(o.registry.ChangeVendor(t.Context(), legal, o.tick(), v.ID, v.Version, registry.VendorPatch{
			State: registry.Ended, Fields: []byte(`{"deletion_exception":"it never held any"}`),
		}))(t)
		at := o.tick().Add(2 * time.Hour)
		if n := must(o.TellDue(t.Context(), at))(t); n != 1 {
			t.Fatalf("%d were told", n)
		}
		if c := must(o.Change(t.Context(), good.ID))(t); c.State != publishing.ChangeAnnounced {
			t.Error(c.State)
		}
		must(o.TellDue(t.Context(), at.Add(time.Minute)))(t)
		if c := must(o.Change(t.Context(), bad.ID))(t); c.State != publishing.ChangeApproved || c.Problem == "" || c.Version != bad.Version+1 {
			t.Errorf("%s %q %d", c.State, c.Problem, c.Version)
		}
	})
	t.Run("from several instances at once it is told once", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.customer(t, customer("One"))
		c := o.approved(t, o.line(t, "Once", true), `{"service":"Sending"}`)
		at := c.ApprovedAt.Add(publishing.NoticeWindow)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { must(publishing.NewDesk(o.db, o.log).TellDue(t.Context(), at))(t) })
		}
		wg.Wait()
		if all := o.due(t, at, 100); len(all) != 1 {
			t.Errorf("%d deliveries", len(all))
		}
		if n := o.entriesOf(t, "notice.frozen"); n != 1 {
			t.Errorf("%d notices", n)
		}
	})
	t.Run("a notice that waits to be sent cuts no period short", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		f := customer("Waits")
		f.Contacts = append(f.Contacts, publishing.CustomerContact{Email: "second@customer.example"})
		o.customer(t, f)
		c := o.approved(t, o.line(t, "Queued", true), `{"service":"Sending"}`)
		at := c.ApprovedAt.Add(publishing.NoticeWindow)
		must(o.TellDue(t.Context(), at))(t)
		sent := o.due(t, at, 2)
		for i, wait := range []int{3, 5} { // days; only the first counts
			when := at.AddDate(0, 0, wait)
			want := registry.DateOf(at.AddDate(0, 0, 3+31)).Start(time.UTC)
			if l := must(o.Letters(t.Context(), when, sent[i:i+1]))(t); !l[0].Changes[0].ObjectionEnds.Equal(want) {
				t.Errorf("the letter says %s, not %s", l[0].Changes[0].ObjectionEnds, want)
			}
			if err := o.EndAttempt(t.Context(), when, sent[i], publishing.Attempt{State: publishing.DeliverySent, Message: []byte("told")}); err != nil {
				t.Fatal(err)
			}
			if s := must(o.Standings(t.Context(), when, c.ID))(t)[0]; !s.ObjectionEnds.Equal(want) || !s.NoticeEnds.Equal(want) {
				t.Errorf("the periods end %s and %s, not %s", s.ObjectionEnds, s.NoticeEnds, want)
			}
		}
	})
	t.Run("periods that run from receipt begin when it was delivered, once", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		f := customer("Receives")
		f.Objection = &publishing.Clock{Number: 10, Days: publishing.CalendarDays, From: publishing.FromReceived, Zone: "UTC"}
		f.Contacts = append(f.Contacts, publishing.CustomerContact{Email: "second@customer.example"})
		who := o.customer(t, f)
		c := o.approved(t, o.line(t, "Slow", true), `{"service":"Sending"}`)
		at := c.ApprovedAt.Add(publishing.NoticeWindow)
		must(o.TellDue(t.Context(), at))(t)
		sent := o.due(t, at, 2)
		if l := must(o.Letters(t.Context(), at, sent))(t); !l[0].Changes[0].ObjectionEnds.IsZero() || l[0].Changes[0].Objection.Number != 10 {
			t.Errorf("%+v", l[0].Changes[0])
		}
		for i, d := range sent {
			if err := o.EndAttempt(t.Context(), at.AddDate(0, 0, 2+i), d, publishing.Attempt{State: publishing.DeliverySent, Message: []byte("told")}); err != nil {
				t.Fatal(err)
			}
		}
		l := must(o.Letters(t.Context(), at, sent))(t)
		if want := registry.DateOf(at.AddDate(0, 0, 2+11)).Start(time.UTC); !l[0].Changes[0].ObjectionEnds.Equal(want) {
			t.Errorf("the period to object ends %s, not %s", l[0].Changes[0].ObjectionEnds, want)
		}
		for _, state := range must(o.Contacts(t.Context(), who.ID))(t) {
			if state.State != publishing.DeliverySent {
				t.Errorf("%+v", state)
			}
		}
		if n := o.entriesOf(t, "delivery.sent"); n != 2 {
			t.Errorf("%d entries", n)
		}
	})
}

// TestCustomerThatNobodyReaches: its silence means nothing until it was told.
func TestCustomerThatNobodyReaches(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	f := customer("Unreachable")
	f.Contacts = append(f.Contacts, publishing.CustomerContact{Email: "second@customer.example"})
	who := o.customer(t, f)
	other := customer("Reachable")
	other.Contacts[0].Email = "other@customer.example"
	o.customer(t, other)
	c := o.approved(t, o.line(t, "Missed", true), `{"service":"Sending"}`)
	at := c.ApprovedAt.Add(publishing.NoticeWindow)
	must(o.TellDue(t.Context(), at))(t)
	stance := func(at time.Time, name string) publishing.Standing {
		t.Helper()
		all := must(o.Standings(t.Context(), at, c.ID))(t)
		return all[slices.IndexFunc(all, func(s publishing.Standing) bool { return s.Customer == name })]
	}
	later := at.AddDate(0, 0, 60)
	var ends sync.WaitGroup
	for _, d := range o.due(t, at, 10) {
		came := publishing.Attempt{State: publishing.DeliveryBounced, Message: []byte("x"), Outcome: "550"}
		if d.Address == "other@customer.example" {
			came.State = publishing.DeliverySent
		}
		ends.Go(func() {
			if err := o.EndAttempt(t.Context(), at, d, came); err != nil {
				t.Error(err)
			}
		})
	}
	ends.Wait()
	if s := stance(later, "Reachable"); s.Stance != publishing.Accepted {
		t.Errorf("%+v", s)
	}
	if s := stance(later, "Unreachable"); s.Stance != publishing.Waiting || s.StartsOn != nil || !s.ObjectionEnds.IsZero() {
		t.Errorf("its silence counts: %+v", s)
	}
	notice := must(o.Notices(t.Context(), 1, ""))(t).Items[0]
	refusedAs(t, o.Resend(t.Context(), legal, later, notice.ID, publishing.Resending{CustomerID: uuid.New()}), registry.NotFound)
	refusedAs(t, o.Resend(t.Context(), legal, later, uuid.New(), publishing.Resending{CustomerID: who.ID}), registry.NotFound)
	if err := o.Resend(t.Context(), legal, later, notice.ID, publishing.Resending{CustomerID: who.ID}); err != nil {
		t.Fatal(err)
	}
	again := o.due(t, later, 10)
	if len(again) != 2 {
		t.Fatalf("%d are sent again", len(again))
	}
	l := must(o.Letters(t.Context(), later, again))(t)
	if want := registry.DateOf(later.AddDate(0, 0, 31)).Start(time.UTC); !l[0].Changes[0].ObjectionEnds.Equal(want) {
		t.Errorf("it may object until %s, not %s", l[0].Changes[0].ObjectionEnds, want)
	}
	// One of two contacts is enough.
	for i, d := range again {
		came := publishing.Attempt{State: []string{publishing.DeliverySent, publishing.DeliveryBounced}[i], Message: []byte("x")}
		if err := o.EndAttempt(t.Context(), later, d, came); err != nil {
			t.Fatal(err)
		}
	}
	if s := stance(later.AddDate(0, 0, 60), "Unreachable"); s.Stance != publishing.Accepted {
		t.Errorf("%+v", s)
	}
}

func (o *office) subscribers(t *testing.T, state string) int {
	t.Helper()
	return len(must(o.Subscribers(t.Context(), publishing.SubscriberQuery{State: state, Limit: 200}))(t).Items)
}

func (o *office) ask(t *testing.T, at time.Time, address string) {
	t.Helper()
	must(o.Subscribe(t.Context(), at, publishing.SubscriberFields{Channel: publishing.ByEmail, Address: address}))(t)
}
