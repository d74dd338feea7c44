package publishing_test

import (
	"strings"
	"testing"
	"time"

	"onward/registry/publishing"
)

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
