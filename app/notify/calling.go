package notify

import (
	"context"
	"net/http"
	"strconv"

	"onward/registry/publishing"
)

// calling sends webhooks until jobs is closed.
func (e *Engine) calling(ctx context.Context, jobs <-chan *publishing.Letter) {
	for l := range jobs {
		e.callOne(ctx, l)
	}
}

// callOne sends a webhook and writes down what came of it.
func (e *Engine) callOne(ctx context.Context, l *publishing.Letter) {
	if !e.held(l, 2*hookTime) {
		return // it is due again by itself, here or elsewhere
	}
	if l.Dropped(e.Now()) {
		e.end(ctx, l, publishing.Attempt{State: publishing.DeliveryDropped, Outcome: "nobody waits for it any more"})
		return
	}
	a := publishing.Attempt{State: publishing.DeliveryQueued, Message: l.Message}
	if a.Message == nil {
		var err error
		if a.Message, err = e.Words.hookBody(l); err != nil {
			e.Logger.ErrorContext(ctx, "writing a webhook", "delivery", l.ID, "error", err)
			return
		}
	}
	got, err := post(ctx, e.hooks, l, a.Message, e.Now())
	switch {
	case err != nil:
		a.Outcome = err.Error()
	case got.status/100 == 3:
		a.Outcome = strconv.Itoa(got.status) + ": redirects are not followed"
	case got.status/100 != 2:
		a.Outcome = strconv.Itoa(got.status)
	case l.Purpose == publishing.ForConfirmation && !got.repeats(e.Words.Links.Confirmation(*l.SubscriberID)):
		a.Outcome = strconv.Itoa(got.status) + ", without the challenge"
	default:
		a.State, a.Outcome = publishing.DeliverySent, strconv.Itoa(got.status)
	}
	if a.State == publishing.DeliverySent && l.Purpose == publishing.ForConfirmation {
		if err := e.Desk.Confirm(ctx, e.Now(), *l.SubscriberID); err != nil {
			a.State, a.Outcome = publishing.DeliveryQueued, "it could not be confirmed"
			e.Logger.WarnContext(ctx, "confirming a subscriber", "delivery", l.ID, "error", err)
		}
	}
	if got.status == http.StatusGone {
		a.State = publishing.DeliveryBounced
	}
	if e.end(ctx, l, a) && got.status == http.StatusGone {
		if err := e.Desk.Leave(ctx, e.Now(), *l.SubscriberID); err != nil {
			e.Logger.WarnContext(ctx, "letting a subscriber go", "delivery", l.ID, "error", err)
		}
	}
}
