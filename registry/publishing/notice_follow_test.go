package publishing_test

import (
	"slices"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/publishing"
)

// ended ends deliveries, each as its address says.
func (o *office) ended(t *testing.T, at time.Time, all []publishing.Delivery, states map[string]string) {
	t.Helper()
	for _, d := range all {
		state := publishing.DeliverySent
		if s, other := states[d.Address]; other {
			state = s
		}
		if err := o.EndAttempt(t.Context(), at, d, publishing.Attempt{State: state, Message: []byte("told")}); err != nil {
			t.Fatal(err)
		}
	}
}

// announced is an approved change that is being told; at is when.
func (o *office) announced(t *testing.T, l line) (c publishing.Change, at time.Time) {
	t.Helper()
	c = o.approved(t, l, `{"service":"Sending"}`)
	at = c.ApprovedAt.Add(publishing.NoticeWindow)
	must(o.TellDue(t.Context(), at))(t)
	return must(o.Change(t.Context(), c.ID))(t), at
}

func (o *office) withdrawn(t *testing.T, c publishing.Change, at time.Time) publishing.Change {
	t.Helper()
	return must(o.WithdrawChange(t.Context(), legal, at, c.ID, c.Version, publishing.Withdrawal{Reason: "they went out of business"}))(t)
}

func newestNotice(t *testing.T, o *office) publishing.Notice {
	t.Helper()
	return must(o.Notices(t.Context(), 1, ""))(t).Items[0]
}

func TestNoticeOfWithdrawal(t *testing.T) {
	t.Parallel()
	t.Run("goes to whoever got the notice of the change, frozen, and to nobody else", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		f := customer("Told")
		f.Contacts = append(f.Contacts, publishing.CustomerContact{Email: "gone@customer.example"})
		told := o.customer(t, f)
		f = customer("Missed")
		f.Contacts = []publishing.CustomerContact{{Email: "dead@missed.example"}}
		o.customer(t, f)
		o.subscriber(t, "reader@example.com")
		o.subscriber(t, "dead@example.com")
		o.subscriber(t, "left@example.com")
		c, at := o.announced(t, o.line(t, "Acme", true))
		bounced := publishing.DeliveryBounced
		o.ended(t, at, o.due(t, at, 10), map[string]string{"gone@customer.example": bounced, "dead@missed.example": bounced, "dead@example.com": bounced})
		left := must(o.Subscribers(t.Context(), publishing.SubscriberQuery{Address: "left@example.com"}))(t).Items[0]
		if err := o.Leave(t.Context(), at, left.ID); err != nil {
			t.Fatal(err)
		}
		o.subscriber(t, "late@example.com")
		at = at.Add(time.Hour)
		gone := o.withdrawn(t, c, at)
		n := newestNotice(t, o)
		if n.About != publishing.NoticeWithdrawn || n.Follows == nil || *n.Follows != *c.NoticeID || !n.FrozenAt.Equal(gone.UpdatedAt) || len(n.Changes) != 1 ||
			n.Changes[0].ChangeID != c.ID || n.Changes[0].EffectiveOn != *c.EffectiveOn || n.Changes[0].Lines[0].Vendor != "Acme" {
			t.Fatalf("%+v", n)
		}
		due := o.due(t, at, 10)
		if got := addressesOf(due); got != "gone@customer.example privacy@customer.example reader@example.com" {
			t.Errorf("told: %s", got)
		}
		for _, l := range must(o.Letters(t.Context(), at, due))(t) {
			if len(l.Changes) != 1 || l.Dropped(at) || l.CustomerID != nil && *l.CustomerID != told.ID {
				t.Errorf("%+v", l)
			}
		}
		if n := o.entriesOf(t, "notice.frozen"); n != 2 {
			t.Errorf("%d entries", n)
		}
		o.ended(t, at, due, nil)
		if err := o.Resend(t.Context(), legal, at, n.ID, publishing.Resending{CustomerID: told.ID}); err != nil {
			t.Fatal(err)
		}
		if got := addressesOf(o.due(t, at, 10)); got != "gone@customer.example privacy@customer.example" {
			t.Errorf("sent again to %s", got)
		}
		if s := must(o.Standings(t.Context(), at, c.ID))(t); len(s) != 2 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("waits for what is to be said before it, and is dropped where that is never said", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.customer(t, customer("One"))
		o.subscriber(t, "slow@example.com")
		o.subscriber(t, "dead@example.com")
		c, at := o.announced(t, o.line(t, "Acme", true))
		first := o.due(t, at, 10) // an instance is at all of them
		at = at.Add(time.Second)
		o.withdrawn(t, c, at)
		if early := o.due(t, at, 10); len(early) != 0 {
			t.Fatalf("it is taken back before it is said: %s", addressesOf(early))
		}
		o.ended(t, at, first, map[string]string{"dead@example.com": publishing.DeliveryBounced})
		due := o.due(t, at, 10)
		if got := addressesOf(due); got != "dead@example.com privacy@customer.example slow@example.com" {
			t.Fatalf("due: %s", got)
		}
		for _, l := range must(o.Letters(t.Context(), at, due))(t) {
			if l.Dropped(at) != (l.Address == "dead@example.com") {
				t.Errorf("%s: %+v", l.Address, l.Changes)
			}
		}
	})
	t.Run("is not needed by whom nobody has tried to tell", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.customer(t, customer("One"))
		o.subscriber(t, "reader@example.com")
		c, at := o.announced(t, o.line(t, "Acme", true))
		o.withdrawn(t, c, at.Add(time.Second))
		if due := o.due(t, at.Add(time.Hour), 10); len(due) != 0 {
			t.Errorf("told: %s", addressesOf(due))
		}
		if n := must(o.Notice(t.Context(), *c.NoticeID))(t); n.Deliveries[publishing.DeliveryDropped] != 2 {
			t.Errorf("%+v", n.Deliveries)
		}
	})
	t.Run("leaves the other changes of a notice to be told", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		o.subscriber(t, "both@example.com")
		o.subscriber(t, "chat@example.com", "Chat")
		mail, chat := o.approved(t, o.line(t, "Mailer", true, "Mail"), `{"service":"Sending"}`), o.approved(t, o.line(t, "Chatter", true, "Chat"), `{"service":"Talking"}`)
		at := chat.ApprovedAt.Add(publishing.NoticeWindow)
		if n := must(o.TellDue(t.Context(), at))(t); n != 2 {
			t.Fatal(n)
		}
		o.withdrawn(t, must(o.Change(t.Context(), mail.ID))(t), at)
		first := o.due(t, at, 10)
		if got := addressesOf(first); got != "both@example.com chat@example.com" {
			t.Fatalf("told: %s", got)
		}
		o.ended(t, at, first, nil)
		if got := addressesOf(o.due(t, at, 10)); got != "both@example.com" {
			t.Errorf("told of the withdrawal: %s", got)
		}
	})
	t.Run("is none where nobody was told", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		l := o.line(t, "Acme", true)
		fields := l.steps(`{"service":"Sending"}`)
		fields.EffectiveOn = day("2027-01-01")
		c := must(o.Propose(t.Context(), legal, o.tick(), fields))(t)
		c = must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, c.Version))(t)
		o.withdrawn(t, c, o.tick())
		if n := o.entriesOf(t, "notice.frozen"); n != 0 {
			t.Errorf("%d notices", n)
		}
	})
}

func TestNoticeOfLaterDay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.customer(t, customer("One"))
	o.subscriber(t, "reader@example.com")
	c, at := o.announced(t, o.line(t, "Acme", true))
	o.ended(t, at, o.due(t, at, 10), nil)
	was, standing := *c.EffectiveOn, must(o.Standings(t.Context(), at, c.ID))(t)[0]
	postpone := func(at time.Time, version int64, day *registry.Date) (publishing.Change, error) {
		return o.PostponeChange(t.Context(), legal, at, c.ID, version, publishing.Postponement{EffectiveOn: day, Reason: "we wait"})
	}
	_, err := postpone(at, c.Version, &was)
	refusedAs(t, err, registry.Invalid, "/effective_on")
	_, err = postpone(at, c.Version, nil)
	refusedAs(t, err, registry.Invalid, "/effective_on")
	_, err = postpone(at, c.Version-1, day("2027-02-01"))
	refusedAs(t, err, registry.Stale)
	at = at.Add(time.Hour)
	moved := must(postpone(at, c.Version, day("2027-02-01")))(t)
	if moved.EffectiveOn.String() != "2027-02-01" || *moved.MovedFrom != was || !moved.MovedAt.Equal(moved.UpdatedAt) || moved.State != publishing.ChangeAnnounced {
		t.Errorf("%+v", moved)
	}
	link := publishing.Link{Change: c.ID, Customer: standing.CustomerID}
	if q := must(o.Question(t.Context(), at, link))(t); len(q.Lines) != 1 || q.Lines[0].Service != "Sending" || q.EffectiveOn.String() != "2027-02-01" || *q.MovedFrom != was {
		t.Errorf("%+v", q)
	}
	if now := must(o.Standings(t.Context(), at, c.ID))(t)[0]; !now.ObjectionEnds.Equal(standing.ObjectionEnds) || now.StartsOn.String() != "2027-02-01" {
		t.Errorf("%+v", now)
	}
	n := newestNotice(t, o)
	if n.About != publishing.NoticeMoved || n.Changes[0].EffectiveOn.String() != "2027-02-01" || *n.Changes[0].MovedFrom != was {
		t.Errorf("%+v", n)
	}
	first := o.due(t, at, 10)
	if got := addressesOf(first); got != "privacy@customer.example reader@example.com" {
		t.Fatalf("told: %s", got)
	}
	for _, l := range must(o.Letters(t.Context(), at, first))(t) {
		if l.CustomerID != nil && (!l.Changes[0].ObjectionEnds.Equal(standing.ObjectionEnds) || l.Changes[0].StartsOn.String() != "2027-02-01") {
			t.Errorf("%+v", l.Changes[0])
		}
	}
	if n := must(o.ApplyDue(t.Context(), was.Start(time.UTC).Add(time.Hour)))(t); n != 0 {
		t.Error("it took effect on the day that was announced first")
	}
	// It moves again while the first message is on its way, and is withdrawn: each receiver is told in that order.
	moved = must(postpone(at, moved.Version, day("2027-03-01")))(t)
	moved = o.withdrawn(t, moved, at)
	if early := o.due(t, at, 10); len(early) != 0 {
		t.Fatalf("told before: %s", addressesOf(early))
	}
	o.ended(t, at, first, nil)
	last := o.due(t, at, 10)
	var about []string
	for _, l := range must(o.Letters(t.Context(), at, last))(t) {
		about = append(about, l.Notice.About)
	}
	if !slices.Equal(about, []string{publishing.NoticeWithdrawn, publishing.NoticeWithdrawn}) {
		t.Errorf("what nobody had tried is overtaken: %v", about)
	}
	_, err = postpone(at, moved.Version, day("2027-04-01"))
	refusedAs(t, err, registry.Conflict)
}
