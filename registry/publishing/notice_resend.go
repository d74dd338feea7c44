package publishing

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

var notTold = registry.Refuse(registry.NotFound, "The notice does not reach this customer.")

// Resending says to whom a notice is sent again.
type Resending struct {
	CustomerID uuid.UUID `json:"customer_id" validate:"required"`
}

// Resend queues a notice for all contacts that a customer has now. Periods of the customer that ended because nobody could be reached begin anew; others
// run on. It refuses a notice that does not reach the customer (NotFound).
func (d *Desk) Resend(ctx context.Context, by audit.Actor, at time.Time, notice uuid.UUID, r Resending) error {
	if err := registry.Validate(r); err != nil {
		return err
	}
	entry, err := uuid.NewV7()
	if err != nil {
		return err
	}
	at = registry.Instant(at)
	_, err = d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		n, err := readNotice(ctx, tx, notice)
		if err != nil {
			return nil, err
		}
		changes, err := n.reaching(ctx, tx, r.CustomerID)
		if err != nil {
			return nil, err
		}
		if len(changes) == 0 {
			return nil, notTold
		}
		rules, err := readRules(ctx, tx)
		if err != nil {
			return nil, err
		}
		all, err := rules.toCustomer(ctx, tx, at, n, r.CustomerID)
		if err != nil {
			return nil, err
		}
		if err := insertDeliveries(ctx, tx, all); err != nil {
			return nil, err
		}
		for _, change := range changes {
			if n.Follows != nil {
				break // its periods are those of the notice that announced it
			}
			if err := beginAt(ctx, tx, &rules, at, change, r.CustomerID, FromSent, false); err != nil {
				return nil, err
			}
		}
		return []audit.Entry{{ID: entry, Type: "notice.resent", Actor: by, OccurredAt: at, Body: audit.Object{
			"notice_id": notice.String(), "customer_id": r.CustomerID.String(), "contacts": strconv.Itoa(len(all)),
		}}}, nil
	})
	return err
}

// reaching are the changes of which the notice tells a customer.
func (n *Notice) reaching(ctx context.Context, tx bun.Tx, customer uuid.UUID) ([]uuid.UUID, error) {
	if n.Follows == nil {
		return changesReaching(ctx, tx, n.ID, customer)
	}
	told, err := customersTold(ctx, tx, *n.Follows, n.Changes[0].ChangeID)
	if err != nil || !slices.Contains(told, customer) {
		return nil, err
	}
	return []uuid.UUID{n.Changes[0].ChangeID}, nil
}

// toContacts are deliveries of a notice to all contacts of a customer.
func (r *Rules) toContacts(at time.Time, notice uuid.UUID, c Customer) ([]Delivery, error) {
	var all []Delivery
	for _, contact := range c.Contacts {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		all = append(all, Delivery{
			ID: id, NoticeID: &notice, CustomerID: &c.ID, Purpose: ForNotice, Channel: ByEmail, Address: contact.Email,
			Language: r.Settings.LanguageOf(c), State: DeliveryQueued, NextAt: at, CreatedAt: at,
		})
	}
	return all, nil
}

// beginAt begins those of a customer's periods that run from an event and have not begun. sent also moves those that run from when the notice was sent.
func beginAt(ctx context.Context, tx bun.Tx, r *Rules, at time.Time, change, customer uuid.UUID, event string, sent bool) error {
	reach, err := readReach(ctx, tx, change, customer, true)
	if err != nil {
		return err
	}
	c, err := registry.Newest[Change](ctx, tx, changeKind, change, false)
	if err != nil {
		return err
	}
	reach.begin(&c, r.customer(customer), r, at, event)
	if sent {
		reach.sentAt(&c, r.customer(customer), r, at)
	}
	return deliveredNotice(ctx, tx, reach)
}

// sentAt moves the periods that run from when the notice was sent to at, where that is later than they began: a notice that waited, because there was no
// mail server, cuts nobody's period short.
func (c *ChangeCustomer) sentAt(change *Change, customer Customer, r *Rules, at time.Time) {
	anew := ChangeCustomer{}
	anew.begin(change, customer, r, at, FromSent)
	if anew.NoticeEnds != nil && c.NoticeEnds != nil && anew.NoticeEnds.After(*c.NoticeEnds) {
		c.NoticeBegins, c.NoticeEnds, c.StartsOn = anew.NoticeBegins, anew.NoticeEnds, anew.StartsOn
	}
	if anew.ObjectionEnds != nil && c.ObjectionEnds != nil && anew.ObjectionEnds.After(*c.ObjectionEnds) {
		c.ObjectionEnds = anew.ObjectionEnds
	}
}

// missed ends a customer's periods that run from when its notice was sent, where the last of the deliveries to it ended and none was sent: nobody can say
// by silence what it was never told. What it answered stands. It says whether that is so.
func missed(ctx context.Context, tx bun.Tx, ended Delivery) (bool, error) {
	changes, err := changesReaching(ctx, tx, *ended.NoticeID, *ended.CustomerID)
	if err != nil {
		return false, err
	}
	reaches := make([]ChangeCustomer, len(changes))
	for i, change := range changes { // locked: deliveries that end at once wait for each other here
		if reaches[i], err = readReach(ctx, tx, change, *ended.CustomerID, true); err != nil {
			return false, err
		}
	}
	if others, err := othersAlive(ctx, tx, ended); err != nil || others {
		return false, err
	}
	rules, err := readRules(ctx, tx)
	if err != nil {
		return false, err
	}
	for _, r := range reaches {
		if r.Answer != AnswerNone {
			continue
		}
		r.end(rules.customer(*ended.CustomerID), &rules)
		if err := deliveredNotice(ctx, tx, r); err != nil {
			return false, err
		}
	}
	return true, nil
}

// end ends the periods that run from when the notice was sent, as if they had not begun.
func (c *ChangeCustomer) end(customer Customer, r *Rules) {
	if r.Settings.NoticeOf(customer).From == FromSent {
		c.NoticeBegins, c.NoticeEnds, c.StartsOn = nil, nil, nil
	}
	if r.Settings.ObjectionOf(customer).From == FromSent {
		c.ObjectionEnds = nil
	}
}
