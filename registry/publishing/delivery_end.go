package publishing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// TakeDeliveries takes up to n deliveries of a channel that are due at at. Nobody else takes them before the lease is over; after it another instance
// does, so that what an instance held when it died is not lost. While the log is frozen there are none: what came of them could not be written down, and
// they would be sent again and again.
func (d *Desk) TakeDeliveries(ctx context.Context, at time.Time, channel string, n int, lease time.Duration) ([]Delivery, error) {
	if h, err := d.log.Head(ctx); err != nil || h.Frozen != "" {
		return nil, err
	}
	return takeDeliveries(ctx, d.db, registry.Instant(at), channel, n, lease)
}

// ReleaseDeliveries gives back deliveries that were taken and not tried: they are due at at.
func (d *Desk) ReleaseDeliveries(ctx context.Context, at time.Time, taken []Delivery) error {
	return releaseDeliveries(ctx, d.db, registry.Instant(at), taken)
}

// EndAttempt writes down what came of trying to deliver. What may be tried again is, later and later, and is given up after seven attempts.
// How a notice to a customer ended is an entry of the log, with the SHA-256 of what was sent; that it was sent begins those of the
// customer's periods that run from receipt; that the last one ended and none was sent ends those that run from when it was sent (see Resend). A
// subscriber from whom notice after notice comes back is paused: it is told nothing until it asks and confirms anew.
func (d *Desk) EndAttempt(ctx context.Context, at time.Time, taken Delivery, a Attempt) error {
	at = registry.Instant(at)
	after := taken.tried(at, a)
	if after.CustomerID == nil || after.NoticeID == nil || after.State == DeliveryQueued {
		written, err := endAttempt(ctx, d.db, taken, after)
		if err != nil || !written {
			return err
		}
		return d.pauseBouncing(ctx, at, after)
	}
	_, err := d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		written, err := endAttempt(ctx, tx, taken, after)
		if err != nil || !written {
			return nil, err
		}
		entry, err := after.ended(ctx, tx, audit.Program, at)
		return []audit.Entry{entry}, err
	})
	return err
}

// ended does what follows for a customer from how a delivery of a notice to it ended, and returns the entry that tells of it.
func (d Delivery) ended(ctx context.Context, tx bun.Tx, by audit.Actor, at time.Time) (audit.Entry, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return audit.Entry{}, err
	}
	body := d.told()
	if d.State == DeliverySent {
		err = received(ctx, tx, at, d)
	} else if nobody, failed := missed(ctx, tx, d); failed == nil && nobody {
		body["customer_missed"] = true
	} else {
		err = failed
	}
	return audit.Entry{ID: id, Type: "delivery." + d.State, Actor: by, OccurredAt: at, Body: body}, err
}

// told is what the log says of how a delivery ended.
func (d Delivery) told() audit.Object {
	o := audit.Object{
		"delivery_id": d.ID.String(), "notice_id": d.NoticeID.String(), "customer_id": d.CustomerID.String(), "channel": d.Channel,
		"attempts": strconv.Itoa(d.Attempts),
	}
	if d.Message != nil {
		sum := sha256.Sum256(d.Message)
		o["message_sha256"] = hex.EncodeToString(sum[:])
	}
	return o
}

// received begins, or moves, the customer's periods of each change that the notice told of.
func received(ctx context.Context, tx bun.Tx, at time.Time, sent Delivery) error {
	changes, err := changesReaching(ctx, tx, *sent.NoticeID, *sent.CustomerID)
	if err != nil {
		return err
	}
	before, err := sentBefore(ctx, tx, []uuid.UUID{*sent.NoticeID}, []uuid.UUID{*sent.CustomerID}, sent.ID)
	if err != nil {
		return err
	}
	rules, err := readRules(ctx, tx)
	if err != nil {
		return err
	}
	for _, change := range changes {
		if err := beginAt(ctx, tx, &rules, at, change, *sent.CustomerID, FromReceived, len(before) == 0); err != nil {
			return err
		}
	}
	return nil
}
