package publishing_test

import (
	"context"
	"encoding/hex"
	"fmt"
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

func TestDelivery(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.customer(t, customer("One"))
	c := o.approved(t, o.line(t, "Tried", true), `{"service":"Sending"}`)
	at := c.ApprovedAt.Add(publishing.NoticeWindow)
	must(o.TellDue(t.Context(), at))(t)
	retry := publishing.Attempt{State: publishing.DeliveryQueued, Message: []byte("text"), Outcome: strings.Repeat("ü", 400)}
	// One delivery is tried to its end.
	for i, wait := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour, 0} {
		taken := o.due(t, at, 10)
		if len(taken) != 1 || taken[0].Attempts != i {
			t.Fatalf("attempt %d: %+v", i, taken)
		}
		if again := o.due(t, at, 10); len(again) != 0 {
			t.Fatal("it was taken twice")
		}
		if err := o.EndAttempt(t.Context(), at, taken[0], retry); err != nil {
			t.Fatal(err)
		}
		now := must(o.Delivery(t.Context(), taken[0].ID))(t)
		if len(now.Outcome) > 310 || string(now.Message) != "text" {
			t.Errorf("%+v", now)
		}
		if wait == 0 {
			if now.State != publishing.DeliveryFailed || now.EndedAt == nil {
				t.Errorf("after seven attempts it is %s", now.State)
			}
			continue
		}
		if now.State != publishing.DeliveryQueued || !now.NextAt.Equal(at.Add(wait)) {
			t.Errorf("attempt %d: %s, next at %s", i, now.State, now.NextAt)
		}
		if early := o.due(t, at.Add(wait-time.Second), 10); len(early) != 0 {
			t.Error("it is tried too early")
		}
		at = at.Add(wait)
	}
	if n := o.entriesOf(t, "delivery.failed"); n != 1 {
		t.Errorf("%d entries", n)
	}
}

// TestDeliveryIsTaken: what an instance held when it died is taken by another, and what it still writes changes nothing but that it was sent.
func TestDeliveryIsTaken(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.customer(t, customer("One"))
	retry := publishing.Attempt{State: publishing.DeliveryQueued, Message: []byte("text"), Outcome: "later"}
	o.subscriber(t, "lease@example.com")
	c := o.approved(t, o.line(t, "Leased", true), `{"service":"Sending"}`)
	at := c.ApprovedAt.Add(publishing.NoticeWindow)
	must(o.TellDue(t.Context(), at))(t)
	var first []publishing.Delivery
	for _, d := range o.due(t, at, 10) {
		if d.SubscriberID != nil {
			first = append(first, d)
		}
	}
	second := o.due(t, at.Add(time.Minute), 10)
	if len(first) != 1 || len(second) == 0 {
		t.Fatal(first, second)
	}
	if err := o.EndAttempt(t.Context(), at.Add(time.Minute), first[0], retry); err != nil {
		t.Fatal(err)
	}
	if d := must(o.Delivery(t.Context(), first[0].ID))(t); d.Attempts != 0 {
		t.Errorf("%+v", d)
	}
	if err := o.EndAttempt(t.Context(), at.Add(time.Minute), first[0], publishing.Attempt{State: publishing.DeliverySent, Message: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if d := must(o.Delivery(t.Context(), first[0].ID))(t); d.State != publishing.DeliverySent {
		t.Errorf("%+v", d)
	}
	if err := o.ReleaseDeliveries(t.Context(), at.Add(time.Minute), second); err != nil {
		t.Fatal(err)
	}
	if again := o.due(t, at.Add(time.Minute), 10); len(again) != len(second)-1 {
		t.Errorf("%d are due of %d given back, one of which is sent", len(again), len(second))
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

func TestSubscribers(t *testing.T) {
	t.Parallel()
	t.Run("bad fields are refused", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		for address, channel := range map[string]string{
			"no address": "email", "a@example.com\r\nBcc: b@example.com": "email", "": "email", "http://example.com/": "webhook",
			"https://user@example.com/": "webhook", "ftp://example.com": "webhook", "https://": "webhook", "https:x": "webhook", "https://example.com/#a": "webhook",
		} {
			_, err := o.Subscribe(t.Context(), noon, publishing.SubscriberFields{Channel: channel, Address: address})
			refusedAs(t, err, registry.Invalid, "/address")
		}
		_, err := o.Subscribe(t.Context(), noon, publishing.SubscriberFields{Channel: "pigeon", Address: "a@example.com"})
		refusedAs(t, err, registry.Invalid, "/channel")
	})
	t.Run("an address is asked so often and not more", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		at := o.tick()
		for range 5 {
			o.ask(t, at, "often@example.com")
			o.ask(t, at, "Often@Example.com")
		}
		if n := o.subscribers(t, publishing.SubscriberAsked); n != 3 {
			t.Errorf("it was asked %d times within the hour", n)
		}
		for i := range 10 {
			o.ask(t, at.Add(time.Duration(i+1)*2*time.Hour), "often@example.com")
		}
		if n := o.subscribers(t, publishing.SubscriberAsked); n != 6 {
			t.Errorf("it was asked %d times within the day", n)
		}
	})
	t.Run("who confirms takes the place of who had the address, and the earlier one is forgotten", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		first := o.subscriber(t, "person@example.com")
		second := o.subscriber(t, "PERSON@example.com", "Mail")
		var kept int
		if err := o.db.NewRaw(`SELECT count(*) FROM subscribers WHERE id = ? AND address = '' AND left_at IS NOT NULL`, first.ID).Scan(t.Context(), &kept); err != nil || kept != 1 {
			t.Error(kept, err)
		}
		if n := o.subscribers(t, publishing.SubscriberTold); n != 1 {
			t.Errorf("%d are told", n)
		}
		refusedAs(t, o.Confirm(t.Context(), o.tick(), first.ID), registry.NotFound)
		if err := o.Confirm(t.Context(), o.tick().AddDate(1, 0, 0), second.ID); err != nil {
			t.Errorf("confirming again: %v", err)
		}
	})
	t.Run("too late is too late, and who did not confirm is forgotten", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		at := o.tick()
		o.ask(t, at, "late@example.com")
		s := must(o.Subscribers(t.Context(), publishing.SubscriberQuery{Address: "late@example.com"}))(t).Items[0]
		refusedAs(t, o.Confirm(t.Context(), at.Add(48*time.Hour), s.ID), registry.NotFound)
		if err := o.ForgetUnconfirmed(t.Context(), at.Add(48*time.Hour)); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := o.db.NewRaw(`SELECT count(*) FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id WHERE s.id = ? AND d.state = 'dropped' AND d.address = '' AND s.address = ''`,
			s.ID).Scan(t.Context(), &left); err != nil || left != 1 {
			t.Error(left, err)
		}
	})
	t.Run("who leaves is forgotten with all that was sent, and leaving twice is once", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		s := o.subscriber(t, "leaves@example.com")
		for range 2 {
			if err := o.Leave(t.Context(), o.tick(), s.ID); err != nil {
				t.Fatal(err)
			}
		}
		var traces int
		if err := o.db.NewRaw(`SELECT count(*) FROM deliveries WHERE subscriber_id = ? AND (address <> '' OR message IS NOT NULL)`, s.ID).Scan(t.Context(), &traces); err != nil || traces != 0 {
			t.Error(traces, err)
		}
		if n := o.entriesOf(t, "subscriber.left"); n != 1 {
			t.Errorf("%d entries", n)
		}
		refusedAs(t, o.Leave(t.Context(), o.tick(), uuid.New()), registry.NotFound)
		refusedAs(t, o.Erase(t.Context(), legal, o.tick(), uuid.New()), registry.NotFound)
	})
	t.Run("two links of one address confirmed at once leave one that is told", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		at := o.tick()
		o.ask(t, at, "twice@example.com")
		o.ask(t, at, "twice@example.com")
		var wg sync.WaitGroup
		for _, s := range must(o.Subscribers(t.Context(), publishing.SubscriberQuery{Address: "twice@example.com"}))(t).Items {
			wg.Go(func() { _ = o.Confirm(context.WithoutCancel(t.Context()), at, s.ID) })
		}
		wg.Wait()
		page := must(o.Subscribers(t.Context(), publishing.SubscriberQuery{Address: "twice@example.com", State: publishing.SubscriberTold}))(t)
		if len(page.Items) != 1 {
			t.Errorf("%d are told", len(page.Items))
		}
	})
	t.Run("a webhook gets a key of its own", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		secret := must(o.Subscribe(t.Context(), o.tick(), publishing.SubscriberFields{Channel: publishing.ByWebhook, Address: "https://example.com/hook"}))(t)
		if len(secret) != 32 {
			t.Error(hex.EncodeToString(secret))
		}
	})
	t.Run("the log names nobody", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		s := o.subscriber(t, "named@example.com")
		if err := o.Leave(t.Context(), o.tick(), s.ID); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := o.db.NewRaw(`SELECT count(*) FROM log_entry WHERE convert_from(leaf, 'UTF8') LIKE '%example.com%'`).Scan(t.Context(), &n); err != nil || n != 0 {
			t.Error(n, err)
		}
	})
}

func TestSubscriberLinks(t *testing.T) {
	t.Parallel()
	links := must(publishing.NewLinks(make([]byte, 32)))(t)
	other := must(publishing.NewLinks([]byte(strings.Repeat("k", 32))))(t)
	id := uuid.New()
	confirm, leave := links.Confirmation(id), links.Leaving(id)
	if got, ok := links.ReadConfirmation(confirm); !ok || got != id {
		t.Error(got, ok)
	}
	if got, ok := links.ReadLeaving(leave); !ok || got != id {
		t.Error(got, ok)
	}
	for rule, token := range map[string]string{
		"the one for leaving": leave, "another key's": other.Confirmation(id), "nothing": "", "longer": confirm + "A", "shorter": confirm[1:],
		"changed": fmt.Sprintf("%c%s", confirm[0]^1, confirm[1:]),
	} {
		if _, ok := links.ReadConfirmation(token); ok {
			t.Errorf("%s confirms", rule)
		}
	}
}
