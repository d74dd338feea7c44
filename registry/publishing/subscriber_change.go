package publishing

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

var noSubscriber = registry.Refuse(registry.NotFound, "There is no such subscriber.")

// Subscribe asks whoever has the address whether it wants to be told of changes: a delivery that does so is queued. It does the same whether the
// address is known or not, and returns the same: what the address is told already stays as it is until the question is answered. An address
// that was asked too often is not asked again, and neither is the caller told. Of a webhook it returns the key of the signatures. It
// refuses bad fields (Invalid), among them products and regions that the settings do not offer.
func (d *Desk) Subscribe(ctx context.Context, at time.Time, f SubscriberFields) (secret []byte, err error) {
	settings, err := ReadSettings(ctx, d.db)
	if err != nil {
		return nil, err
	}
	if err := f.check(settings); err != nil {
		return nil, err
	}
	at = registry.Instant(at)
	s := Subscriber{CreatedAt: at, SubscriberFields: f, ExpiresAt: at.Add(confirmable), Secret: []byte{}}
	if s.ID, err = uuid.NewV7(); err != nil {
		return nil, err
	}
	if f.Channel == ByWebhook {
		s.Secret = make([]byte, 32)
		_, _ = rand.Read(s.Secret) // crypto/rand never fails
	}
	delivery, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	return s.Secret, askSubscriber(ctx, d.db, s, delivery)
}

// Confirm makes who asked a subscriber, in the place of an earlier one with the same address. Again, it changes nothing. NotFound where the time to
// confirm is over, or it has left.
func (d *Desk) Confirm(ctx context.Context, at time.Time, id uuid.UUID) error {
	at = registry.Instant(at)
	return d.moveSubscriber(ctx, audit.Program, at, id, "confirmed", func(ctx context.Context, tx bun.Tx, s *Subscriber) (bool, error) {
		if s.Told() {
			return false, nil
		}
		if !s.pending(at) {
			return false, noSubscriber
		}
		if err := lockAddress(ctx, tx, s.Channel, s.Address); err != nil {
			return false, err
		}
		if err := replaceOthers(ctx, tx, at, *s); err != nil {
			return false, err
		}
		return true, confirmSubscriber(ctx, tx, at, id)
	})
}

// Leave ends a subscription, and forgets the address and all that was sent to it. Again, it changes nothing. NotFound where there never was one.
func (d *Desk) Leave(ctx context.Context, at time.Time, id uuid.UUID) error {
	return d.moveSubscriber(ctx, audit.Program, registry.Instant(at), id, "left", func(ctx context.Context, tx bun.Tx, s *Subscriber) (bool, error) {
		return s.LeftAt == nil, forget(ctx, tx, registry.Instant(at), id)
	})
}

// Erase is Leave at somebody's order.
func (d *Desk) Erase(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID) error {
	return d.moveSubscriber(ctx, by, registry.Instant(at), id, "erased", func(ctx context.Context, tx bun.Tx, s *Subscriber) (bool, error) {
		return s.LeftAt == nil, forget(ctx, tx, registry.Instant(at), id)
	})
}

// ForgetUnconfirmed forgets who asked and did not confirm in time.
func (d *Desk) ForgetUnconfirmed(ctx context.Context, at time.Time) error {
	return forgetUnconfirmed(ctx, d.db, registry.Instant(at))
}

func (d *Desk) moveSubscriber(
	ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, verb string, move func(context.Context, bun.Tx, *Subscriber) (bool, error),
) error {
	entry, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		s, err := readSubscriber(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		moved, err := move(ctx, tx, &s)
		if err != nil || !moved {
			return nil, err
		}
		return []audit.Entry{{
			ID: entry, Type: "subscriber." + verb, Actor: by, OccurredAt: at, Body: audit.Object{"subscriber_id": id.String(), "channel": s.Channel},
		}}, nil
	})
	return err
}
