package publishing

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// The states of subscribers, as they are asked for.
const (
	SubscriberTold   = "told"
	SubscriberPaused = "paused" // what was sent to it came back
	SubscriberAsked  = "asked"  // not confirmed yet
	SubscriberLeft   = "left"
)

// SubscriberQuery selects subscribers; zero fields select all. The newest come first.
type SubscriberQuery struct {
	State, Channel string
	Address        string // whole
	Limit          int    // 1..200, 50 when 0
	Cursor         string // of the page before; refused when it belongs to another query
}

// Subscribers lists subscribers.
func (d *Desk) Subscribers(ctx context.Context, q SubscriberQuery) (registry.Page[Subscriber], error) {
	var none registry.Page[Subscriber]
	if !slices.Contains([]string{"", SubscriberTold, SubscriberPaused, SubscriberAsked, SubscriberLeft}, q.State) {
		return none, registry.InvalidField("/state", "must be one of told, paused, asked, left")
	}
	if !slices.Contains([]string{"", ByEmail, ByWebhook}, q.Channel) {
		return none, registry.InvalidField("/channel", "must be one of email, webhook")
	}
	w, err := registry.NewWindow(q.Limit, q.Cursor, "subscribers", q.State, q.Channel, q.Address)
	if err != nil {
		return none, err
	}
	before, err := w.Instant()
	if err != nil {
		return none, err
	}
	found, err := selectSubscribers(ctx, d.db, q, w, before)
	if err != nil {
		return none, err
	}
	return registry.PageOf(w, found, func(s Subscriber) (string, uuid.UUID) { return s.CreatedAt.Format(time.RFC3339Nano), s.ID }), nil
}
