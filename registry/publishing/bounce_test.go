package publishing_test

import (
	"fmt"
	"testing"
	"time"

	"onward/registry"
	"onward/registry/publishing"
)

// tellAll announces another change, and ends its deliveries as the addresses say.
func (o *office) tellAll(t *testing.T, l *line, at time.Time, states map[string]string) []publishing.Delivery {
	t.Helper()
	c := must(o.Propose(t.Context(), legal, at, l.steps(fmt.Sprintf(`{"service":"Service of %s"}`, at.Format(time.RFC3339)))))(t)
	c = must(o.ApproveChange(t.Context(), approver, at, c.ID, c.Version))(t)
	at = c.ApprovedAt.Add(publishing.NoticeWindow)
	must(o.TellDue(t.Context(), at))(t)
	due := o.due(t, at, 10)
	o.ended(t, at, due, states)
	return due
}

func TestBouncingSubscriber(t *testing.T) {
	t.Parallel()
	const dead, alive = "dead@example.com", "alive@example.com"
	bounced := map[string]string{dead: publishing.DeliveryBounced}
	for what, c := range map[string]struct {
		days   []int               // on which changes are told
		states []map[string]string // how the deliveries end
		paused bool
	}{
		"three in a row within a week are no reason":           {[]int{0, 3, 7}, []map[string]string{bounced, bounced, bounced}, false},
		"two in two weeks are no reason":                       {[]int{0, 15}, []map[string]string{bounced, bounced}, false},
		"one that is there begins anew":                        {[]int{0, 8, 15, 16}, []map[string]string{bounced, nil, bounced, bounced}, false},
		"three in a row, the first of them two weeks ago, are": {[]int{0, 8, 15}, []map[string]string{bounced, bounced, bounced}, true},
		"so is a fourth, when two weeks are over":              {[]int{0, 1, 2, 14}, []map[string]string{bounced, bounced, bounced, bounced}, true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.subscriber(t, dead)
			o.subscriber(t, alive)
			l := o.line(t, "Acme", true)
			start := o.tick()
			for i, day := range c.days {
				o.tellAll(t, &l, start.AddDate(0, 0, day).Add(time.Duration(i)*time.Minute), c.states[i])
			}
			if n := o.subscribers(t, publishing.SubscriberPaused); (n == 1) != c.paused {
				t.Errorf("%d are paused", n)
			}
			if n := o.entriesOf(t, "subscriber.paused"); (n == 1) != c.paused {
				t.Errorf("%d entries", n)
			}
			due := addressesOf(o.tellAll(t, &l, start.AddDate(0, 0, 40), nil))
			if want := map[bool]string{true: alive, false: alive + " " + dead}[c.paused]; due != want {
				t.Errorf("then %s are told", due)
			}
			if _, paused, err := o.Unreachable(t.Context()); (paused == 1) != c.paused || err != nil {
				t.Error(paused, err)
			}
			if !c.paused {
				return
			}
			o.now.Store(int64(41 * 24 * time.Hour / time.Second))
			o.subscriber(t, dead) // asks and confirms anew
			if n := o.subscribers(t, publishing.SubscriberPaused); n != 0 {
				t.Errorf("%d are still paused", n)
			}
			if due := addressesOf(o.tellAll(t, &l, start.AddDate(0, 0, 50), nil)); due != alive+" "+dead {
				t.Errorf("at last %s are told", due)
			}
		})
	}
}

func TestBounceReported(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	f := customer("One")
	f.Contacts = append(f.Contacts, publishing.CustomerContact{Email: "second@customer.example"})
	who := o.customer(t, f)
	o.subscriber(t, "reader@example.com")
	c, at := o.announced(t, o.line(t, "Acme", true))
	due := o.due(t, at, 10)
	report := func(d publishing.Delivery) (publishing.Delivery, error) {
		return o.Bounced(t.Context(), legal, at.Add(time.Hour), d.ID, publishing.Bounce{Outcome: "5.1.1 no such mailbox"})
	}
	_, err := report(due[0])
	refusedAs(t, err, registry.Conflict)
	_, err = report(publishing.Delivery{ID: who.ID})
	refusedAs(t, err, registry.NotFound)
	_, err = o.Bounced(t.Context(), legal, at, due[0].ID, publishing.Bounce{})
	refusedAs(t, err, registry.Invalid, "/outcome")
	o.ended(t, at, due, nil)
	left := 2
	for _, d := range due {
		gone := must(report(d))(t)
		if gone.State != publishing.DeliveryBounced || gone.SentAt == nil || gone.Outcome != "5.1.1 no such mailbox" {
			t.Errorf("%+v", gone)
		}
		must(report(d))(t)
		if d.CustomerID == nil {
			continue
		}
		left--
		if s := must(o.Standings(t.Context(), at, c.ID))(t)[0]; s.ObjectionEnds.IsZero() != (left == 0) {
			t.Errorf("with %d that it has, its period ends %s", left, s.ObjectionEnds)
		}
	}
	if n := o.entriesOf(t, "delivery.bounced"); n != 2 {
		t.Errorf("%d entries", n)
	}
	if contacts, paused, err := o.Unreachable(t.Context()); contacts != 2 || paused != 0 || err != nil {
		t.Error(contacts, paused, err)
	}
	bouncing := must(o.Bouncing(t.Context()))(t)
	if len(bouncing) != 2 || bouncing[0].Customer != "One" || bouncing[0].CustomerID != who.ID || bouncing[1].Email != "second@customer.example" {
		t.Errorf("%+v", bouncing)
	}
	// Its contacts are told of the next change all the same, and bounce no more when that is there.
	l := o.line(t, "Other", true)
	if got := addressesOf(o.tellAll(t, &l, at.AddDate(0, 0, 1), nil)); got != "privacy@customer.example reader@example.com second@customer.example" {
		t.Errorf("told: %s", got)
	}
	if bouncing = must(o.Bouncing(t.Context()))(t); len(bouncing) != 0 {
		t.Errorf("%+v", bouncing)
	}
}
