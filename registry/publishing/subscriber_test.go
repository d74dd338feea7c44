package publishing_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/publishing"
)

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
