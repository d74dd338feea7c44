package publishing

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// The channels of deliveries.
const (
	ByEmail   = "email"
	ByWebhook = "webhook"
)

// What deliveries are for.
const (
	ForNotice       = "notice"
	ForConfirmation = "confirmation" // it asks whether somebody wants to subscribe
)

// The states of a delivery: queued → sent, failed, bounced or dropped.
const (
	DeliveryQueued  = "queued"
	DeliverySent    = "sent"    // the other side took it
	DeliveryFailed  = "failed"  // it was tried to the end
	DeliveryBounced = "bounced" // the other side will never take it
	DeliveryDropped = "dropped" // nobody waits for it any more
)

// waits are how long a delivery rests after each attempt that failed; after one more, it is given up.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour}

// Delivery is one message to one address.
type Delivery struct {
	bun.BaseModel `bun:"table:deliveries" json:"-"`

	ID           uuid.UUID  `bun:"id,pk,type:uuid" json:"id"` // and of the message, by which its receiver can tell that it came twice
	NoticeID     *uuid.UUID `bun:"notice_id,type:uuid" json:"notice_id,omitempty"`
	CustomerID   *uuid.UUID `bun:"customer_id,type:uuid" json:"customer_id,omitempty"`
	SubscriberID *uuid.UUID `bun:"subscriber_id,type:uuid" json:"subscriber_id,omitempty"`
	Purpose      string     `bun:"purpose" json:"purpose"`
	Channel      string     `bun:"channel" json:"channel"`
	Address      string     `bun:"address" json:"address,omitempty"`
	Language     string     `bun:"language" json:"language,omitempty"`
	Message      []byte     `bun:"message" json:"-"` // exactly the bytes that were sent, from the first attempt on
	State        string     `bun:"state" json:"state"`
	Attempts     int        `bun:"attempts" json:"attempts"` // that the other side answered, or that it did not answer in time
	NextAt       time.Time  `bun:"next_at" json:"next_at"`
	TakenUntil   *time.Time `bun:"taken_until" json:"-"`
	AfterID      *uuid.UUID `bun:"after_id,type:uuid" json:"after_id,omitempty"` // it waits until that one to the same receiver has ended
	CreatedAt    time.Time  `bun:"created_at" json:"created_at"`
	SentAt       *time.Time `bun:"sent_at" json:"sent_at,omitempty"`
	EndedAt      *time.Time `bun:"ended_at" json:"ended_at,omitempty"`
	Outcome      string     `bun:"outcome" json:"outcome,omitempty"` // what the other side answered last
}

// Attempt is what came of trying to deliver: State is DeliverySent, DeliveryBounced or DeliveryDropped, or DeliveryQueued where it may be tried again.
type Attempt struct {
	State   string
	Message []byte
	Outcome string
}

// tried is the delivery after an attempt at at.
func (d Delivery) tried(at time.Time, a Attempt) Delivery {
	d.State, d.Outcome, d.TakenUntil = a.State, shortened(a.Outcome), nil
	if a.Message != nil {
		d.Message = a.Message
	}
	if a.State != DeliveryDropped {
		d.Attempts++
	}
	switch {
	case a.State == DeliverySent:
		d.SentAt = &at
	case a.State == DeliveryQueued && d.Attempts > len(waits):
		d.State = DeliveryFailed
	case a.State == DeliveryQueued:
		d.NextAt = at.Add(waits[d.Attempts-1])
	}
	if d.State != DeliveryQueued {
		d.EndedAt = &at
	}
	return d
}

// outcomeSize is the longest answer of another side that is kept, in bytes.
const outcomeSize = 300

func shortened(s string) string {
	if len(s) <= outcomeSize {
		return s
	}
	cut := outcomeSize
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}

func (d *Delivery) inUTC() {
	d.NextAt, d.CreatedAt = d.NextAt.UTC(), d.CreatedAt.UTC()
	for _, t := range []*time.Time{d.SentAt, d.EndedAt, d.TakenUntil} {
		if t != nil {
			*t = t.UTC()
		}
	}
}
