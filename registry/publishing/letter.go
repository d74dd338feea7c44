package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// Letter is a delivery with all that its text says. What is told of changes is as the notice froze it; an empty Changes and a subscriber that is not
// asked any more mean that nobody waits for it.
type Letter struct {
	Delivery
	Notice        *Notice // nil where it asks for a confirmation
	Changes       []LetterChange
	Subscriber    *Subscriber
	Customer      string // its name
	Authorisation string // of the customer
}

// LetterChange is a change as it is told to one recipient. A subscriber has no periods.
type LetterChange struct {
	NoticeChange
	ObjectionEnds time.Time // zero where it is not known yet
	ObjectionZone *time.Location
	Objection     Clock // by which it is known once the notice is there
	StartsOn      *registry.Date
	Unwarned      bool // it is an emergency, and the contract permits none
}

// Dropped says that nobody waits for the letter any more.
func (l *Letter) Dropped(at time.Time) bool {
	if l.Purpose == ForConfirmation {
		return l.Subscriber == nil || !l.Subscriber.pending(at)
	}
	return len(l.Changes) == 0 || l.CustomerID == nil && (l.Subscriber == nil || !l.Subscriber.Told())
}

// Letters are deliveries with all that their texts say, if they are sent at at.
func (d *Desk) Letters(ctx context.Context, at time.Time, deliveries []Delivery) ([]Letter, error) {
	g := gathering{at: registry.Instant(at), sent: map[told]bool{}, subscribed: map[toldSubscriber]bool{}, notices: map[uuid.UUID]*Notice{}, subscribers: map[uuid.UUID]*Subscriber{}, reaches: map[[2]uuid.UUID]ChangeCustomer{}}
	if err := g.gather(ctx, d, deliveries); err != nil {
		return nil, err
	}
	all := make([]Letter, 0, len(deliveries))
	for _, one := range deliveries {
		l, err := g.letter(one)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// gathering is what the letters of some deliveries need.
type gathering struct {
	at          time.Time
	sent        map[told]bool           // customers that were sent a notice before
	subscribed  map[toldSubscriber]bool // subscribers that were sent a notice which another one follows
	notices     map[uuid.UUID]*Notice
	subscribers map[uuid.UUID]*Subscriber
	reaches     map[[2]uuid.UUID]ChangeCustomer // by change and customer
	rules       *Rules                          // nil where no customer is among them
}

func (g *gathering) gather(ctx context.Context, d *Desk, deliveries []Delivery) error {
	var notices, subscribers, customers []uuid.UUID
	seen := map[uuid.UUID]bool{}
	add := func(list *[]uuid.UUID, id *uuid.UUID) {
		if id != nil && !seen[*id] {
			seen[*id] = true
			*list = append(*list, *id)
		}
	}
	for _, one := range deliveries {
		add(&notices, one.NoticeID)
		add(&subscribers, one.SubscriberID)
		add(&customers, one.CustomerID)
	}
	frozen, err := readNotices(ctx, d.db, notices)
	if err != nil {
		return err
	}
	for i := range frozen {
		g.notices[frozen[i].ID] = &frozen[i]
		add(&notices, frozen[i].Follows)
	}
	asked, err := readSubscribers(ctx, d.db, subscribers)
	if err != nil {
		return err
	}
	for i := range asked {
		g.subscribers[asked[i].ID] = &asked[i]
	}
	followed, err := subscribersTold(ctx, d.db, notices, subscribers)
	if err != nil {
		return err
	}
	for _, one := range followed {
		g.subscribed[one] = true
	}
	if len(customers) == 0 {
		return nil
	}
	reaches, err := readReaches(ctx, d.db, notices, customers)
	if err != nil {
		return err
	}
	for _, r := range reaches {
		g.reaches[[2]uuid.UUID{r.ChangeID, r.CustomerID}] = r
	}
	before, err := sentBefore(ctx, d.db, notices, customers, uuid.Nil)
	if err != nil {
		return err
	}
	for _, one := range before {
		g.sent[one] = true
	}
	rules, err := readRules(ctx, d.db)
	g.rules = &rules
	return err
}

func (g *gathering) letter(one Delivery) (Letter, error) {
	l := Letter{Delivery: one}
	if one.SubscriberID != nil {
		l.Subscriber = g.subscribers[*one.SubscriberID]
	}
	if one.NoticeID == nil {
		return l, nil
	}
	l.Notice = g.notices[*one.NoticeID]
	if one.CustomerID != nil {
		return l, g.toCustomer(&l)
	}
	if l.Notice.Follows != nil && !g.subscribed[toldSubscriber{*l.Notice.Follows, *one.SubscriberID}] {
		return l, nil
	}
	for _, c := range l.Notice.Changes {
		if l.Subscriber != nil && c.concerns(l.Subscriber) {
			l.Changes = append(l.Changes, LetterChange{NoticeChange: c})
		}
	}
	return l, nil
}

// toCustomer adds what a notice tells a customer, and until when it may object. What follows a notice that it was not sent tells it nothing.
func (g *gathering) toCustomer(l *Letter) error {
	customer := g.rules.customer(*l.CustomerID)
	l.Customer, l.Authorisation = customer.Name, customer.Authorisation
	clock := g.rules.Settings.ObjectionOf(customer)
	zone, err := registry.ZoneOf(clock.Zone)
	if err != nil {
		return err
	}
	first := l.Notice.ID
	if l.Notice.Follows != nil {
		first = *l.Notice.Follows
	}
	sent := g.sent[told{first, customer.ID}]
	if l.Notice.Follows != nil && !sent {
		return nil
	}
	for _, c := range l.Notice.Changes {
		r, reached := g.reaches[[2]uuid.UUID{c.ChangeID, customer.ID}]
		if !reached {
			continue
		}
		if !sent {
			r.sentAt(&Change{ChangeFields: ChangeFields{EffectiveOn: &c.EffectiveOn, Zone: c.Zone}}, customer, g.rules, g.at)
		}
		change := LetterChange{NoticeChange: c, ObjectionZone: zone, Objection: clock, StartsOn: r.StartsOn, Unwarned: c.Emergency && !customer.Emergency}
		if r.ObjectionEnds != nil {
			change.ObjectionEnds = r.ObjectionEnds.UTC()
		}
		l.Changes = append(l.Changes, change)
	}
	return nil
}
