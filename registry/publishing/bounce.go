package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// When a subscriber is paused: so many notices in a row came back, the first of them so long ago.
const (
	bouncesInARow = 3
	bouncesFor    = 14 * 24 * time.Hour
)

// Bounce is what a mail system says of a message that it took and could not deliver.
type Bounce struct {
	Outcome string `json:"outcome" validate:"required,text,max=300"` // what was answered, such as 5.1.1 (RFC 3463)
}

// Bounced writes down that a message which was sent came back after all. For a customer that is as if it had bounced at once: where it was the last of
// its deliveries, periods that run from when the notice was sent end (see Resend), and the entry delivery.bounced tells of it. A subscriber can be
// paused by it. Again, it changes nothing. It refuses bad fields (Invalid), a delivery that does not exist (NotFound), and one that was not
// sent by mail (Conflict).
func (d *Desk) Bounced(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, b Bounce) (Delivery, error) {
	registry.Tidy(&b)
	if err := registry.Validate(b); err != nil {
		return Delivery{}, err
	}
	before, err := readDelivery(ctx, d.db, id)
	switch {
	case err != nil:
		return Delivery{}, err
	case before.Channel == ByEmail && before.State == DeliveryBounced:
		return before, nil
	case before.Channel != ByEmail || before.State != DeliverySent:
		return Delivery{}, registry.Refuse(registry.Conflict, "Only a mail that was sent comes back; this one is %s by %s.", before.State, before.Channel)
	}
	at = registry.Instant(at)
	after := before
	after.State, after.Outcome, after.EndedAt = DeliveryBounced, shortened(b.Outcome), &at
	if after.CustomerID == nil || after.NoticeID == nil {
		if _, err := writeBounce(ctx, d.db, after); err != nil {
			return Delivery{}, err
		}
		return after, d.pauseBouncing(ctx, at, after)
	}
	_, err = d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if written, err := writeBounce(ctx, tx, after); err != nil || !written {
			return nil, err
		}
		entry, err := after.ended(ctx, tx, by, at)
		entry.Body["reported"] = true
		return []audit.Entry{entry}, err
	})
	return after, err
}

// pauseBouncing pauses the subscriber of a notice that bounced, where it was one too many.
func (d *Desk) pauseBouncing(ctx context.Context, at time.Time, bounced Delivery) error {
	if bounced.State != DeliveryBounced || bounced.SubscriberID == nil || bounced.NoticeID == nil || bounced.Channel != ByEmail {
		return nil
	}
	run, err := readBounces(ctx, d.db, *bounced.SubscriberID)
	if err != nil || run.Bounces < bouncesInARow || at.Sub(run.Since) < bouncesFor {
		return err
	}
	return d.moveSubscriber(ctx, audit.Program, at, *bounced.SubscriberID, "paused", func(ctx context.Context, tx bun.Tx, s *Subscriber) (bool, error) {
		return s.Told(), pauseSubscriber(ctx, tx, at, s.ID)
	})
}

// Bouncing are the contacts of customers to which the newest notice came back or could not be delivered, in the order of the customers' names: their
// customers are never told less, and somebody has to mend them.
func (d *Desk) Bouncing(ctx context.Context) ([]BouncingContact, error) {
	customers, err := ReadCustomers(ctx, d.db)
	if err != nil {
		return nil, err
	}
	troubled, err := customersBouncing(ctx, d.db)
	if err != nil {
		return nil, err
	}
	all := []BouncingContact{}
	for _, c := range customers {
		if !troubled[c.ID] {
			continue
		}
		contacts, err := d.Contacts(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, contact := range contacts {
			if contact.State == DeliveryBounced || contact.State == DeliveryFailed {
				all = append(all, BouncingContact{CustomerID: c.ID, Customer: c.Name, ContactState: contact})
			}
		}
	}
	return all, nil
}

// Unreachable counts the contacts of Bouncing, and the subscribers that are paused.
func (d *Desk) Unreachable(ctx context.Context) (contacts, paused int, err error) {
	return countUnreachable(ctx, d.db)
}

// BouncingContact is a contact that cannot be reached.
type BouncingContact struct {
	CustomerID uuid.UUID `json:"customer_id"`
	Customer   string    `json:"customer"`
	ContactState
}
