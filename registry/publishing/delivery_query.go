package publishing

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"onward/registry"
)

// DeliveryQuery selects deliveries; zero fields select all.
type DeliveryQuery struct {
	Notice, Customer uuid.UUID
	State            string
	Limit            int    // 1..200, 50 when 0
	Cursor           string // of the page before; refused when it belongs to another query
}

var deliveryStates = []string{DeliveryQueued, DeliverySent, DeliveryFailed, DeliveryBounced, DeliveryDropped}

// Deliveries lists deliveries, without their messages, in the order of their ids.
func (d *Desk) Deliveries(ctx context.Context, q DeliveryQuery) (registry.Page[Delivery], error) {
	if q.State != "" && !slices.Contains(deliveryStates, q.State) {
		return registry.Page[Delivery]{}, registry.InvalidField("/state", "must be one of %s", strings.Join(deliveryStates, ", "))
	}
	w, err := registry.NewWindow(q.Limit, q.Cursor, "deliveries", q.State, q.Notice.String(), q.Customer.String())
	if err != nil {
		return registry.Page[Delivery]{}, err
	}
	found, err := selectDeliveries(ctx, d.db, q, w)
	if err != nil {
		return registry.Page[Delivery]{}, err
	}
	return registry.PageOf(w, found, func(d Delivery) (string, uuid.UUID) { return "id", d.ID }), nil
}

// Delivery reads a delivery with its message; NotFound where there is none.
func (d *Desk) Delivery(ctx context.Context, id uuid.UUID) (Delivery, error) {
	return readDelivery(ctx, d.db, id)
}

// WaitingMail counts the mail that is queued; ManyMails stands for itself or more.
func (d *Desk) WaitingMail(ctx context.Context) (int, error) { return waitingMail(ctx, d.db) }

// Contacts are a customer's contacts, each with how the newest notice to it fares; NotFound where there is no such customer.
func (d *Desk) Contacts(ctx context.Context, customer uuid.UUID) ([]ContactState, error) {
	c, err := registry.Newest[Customer](ctx, d.db, "customer", customer, false)
	if err != nil {
		return nil, err
	}
	rows, err := newestToContacts(ctx, d.db, customer)
	if err != nil {
		return nil, err
	}
	all := []ContactState{}
	for _, contact := range c.Contacts {
		one := ContactState{CustomerContact: contact}
		for _, r := range rows {
			if r.Address == strings.ToLower(contact.Email) {
				at := r.At.UTC()
				one.DeliveryID, one.State, one.At, one.Outcome = &r.ID, r.State, &at, r.Outcome
			}
		}
		all = append(all, one)
	}
	return all, nil
}
