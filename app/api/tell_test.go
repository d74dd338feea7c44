package api_test

import (
	"testing"
	"time"

	"onward/registry/publishing"
)

// tell freezes the notice that waits, and delivers all of it: to addresses that begin with gone, it bounces.
func (p *player) tell(t *testing.T) {
	t.Helper()
	desk := publishing.NewDesk(p.db, p.log)
	if n, err := desk.TellDue(t.Context(), p.clock.Now()); err != nil || n == 0 {
		t.Fatalf("%d changes were told: %v", n, err)
	}
	due, err := desk.TakeDeliveries(t.Context(), p.clock.Now(), publishing.ByEmail, 100, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range due {
		came := publishing.Attempt{State: publishing.DeliverySent, Message: []byte("Message-ID: <" + d.ID.String() + "@example.com>\r\n\r\nIt changes.\r\n"), Outcome: "250 taken"}
		if d.Address[:4] == "gone" {
			came.State, came.Outcome = publishing.DeliveryBounced, "550 no such mailbox"
		}
		if err := desk.EndAttempt(t.Context(), p.clock.Now(), d, came); err != nil {
			t.Fatal(err)
		}
	}
}

// tokens names the links of who asked last to subscribe.
func (p *player) tokens(t *testing.T, words []string) {
	t.Helper()
	all, err := publishing.NewDesk(p.db, p.log).Subscribers(t.Context(), publishing.SubscriberQuery{Limit: 1})
	if err != nil || len(all.Items) != 1 || len(words) != 2 {
		t.Fatal(all, err, words)
	}
	p.memory[words[0]], p.memory[words[1]] = p.links.Confirmation(all.Items[0].ID), p.links.Leaving(all.Items[0].ID)
}

// TestFrozenLogSendsNothing: what came of it could not be written down.
func TestFrozenLogSendsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	desk := publishing.NewDesk(s.db, s.log)
	if _, err := desk.Subscribe(t.Context(), s.clock.Now(), publishing.SubscriberFields{Channel: publishing.ByEmail, Address: "reader@example.org"}); err != nil {
		t.Fatal(err)
	}
	s.press.freeze(t)
	due, err := desk.TakeDeliveries(t.Context(), s.clock.Now(), publishing.ByEmail, 10, time.Minute)
	if err != nil || len(due) != 0 {
		t.Errorf("%d are sent: %v", len(due), err)
	}
}
