package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// RecordObjection writes down an objection that came otherwise than by the form. From then on the change does not start for the customer. It refuses
// bad fields (Invalid), a change that does not reach the customer (NotFound), and (Conflict) a change that is not announced or was withdrawn, one
// whose period was over when the objection came, and a second objection beside one that is open or upheld.
func (d *Desk) RecordObjection(ctx context.Context, by audit.Actor, at time.Time, f ObjectionFields) (Objection, error) {
	registry.Tidy(&f)
	if err := registry.Validate(f); err != nil {
		return Objection{}, err
	}
	if f.ReceivedAt.IsZero() {
		f.ReceivedAt = at
	}
	if f.ReceivedAt.After(at) {
		return Objection{}, registry.InvalidField("/received_at", "must not be in the future")
	}
	return d.object(ctx, by, at, ByRecorder, f, nil)
}

// object keeps an objection and the customer's answer that it is.
func (d *Desk) object(ctx context.Context, by audit.Actor, at time.Time, channel string, f ObjectionFields, more audit.Object) (Objection, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Objection{}, err
	}
	at = registry.Instant(at)
	o := Objection{
		ID: id, Version: 1, ChangeID: f.ChangeID, CustomerID: f.CustomerID, ReceivedAt: registry.Instant(f.ReceivedAt), UpdatedAt: at,
		Channel: channel, Ground: f.Ground, State: ObjectionOpen,
	}
	_, err = d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		s, err := standing(ctx, tx, o.ChangeID, o.CustomerID)
		if err != nil {
			return nil, err
		}
		if err := contestable(s.change.State, s.customer, s.reach, o.ReceivedAt); err != nil {
			return nil, err
		}
		if err := insertObjection(ctx, tx, o); err != nil {
			return nil, err
		}
		return s.keep(ctx, tx, by, at, "recorded", nil, o, more)
	})
	if err != nil {
		return Objection{}, err
	}
	return o, nil
}

// DecideObjection upholds or rejects the version of an objection that the caller saw, or writes down that the customer withdrew it. It refuses
// another version (Stale), bad fields (Invalid), and what is decided for good (Conflict): an objection that is upheld can only be withdrawn.
func (d *Desk) DecideObjection(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, decision ObjectionDecision) (Objection, error) {
	registry.Tidy(&decision)
	if err := registry.Validate(decision); err != nil {
		return Objection{}, err
	}
	var after Objection
	_, err := d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		before, err := registry.Newest[Objection](ctx, tx, "objection", id, true)
		if err != nil {
			return nil, err
		}
		before.inUTC()
		if before.Version != version {
			return nil, registry.StaleVersion("objection", version, before.Version)
		}
		s, err := standing(ctx, tx, before.ChangeID, before.CustomerID)
		if err != nil {
			return nil, err
		}
		at := registry.Later(at, before.UpdatedAt)
		after = before
		if err := after.decide(by.ID, at, decision); err != nil {
			return nil, err
		}
		after.Version, after.UpdatedAt = version+1, at
		if err := updateObjection(ctx, tx, after); err != nil {
			return nil, err
		}
		return s.keep(ctx, tx, by, at, after.State, &before, after, nil)
	})
	if err != nil {
		return Objection{}, err
	}
	return after, nil
}

// dispute is a change as it reaches a customer, locked: nothing is answered beside.
type dispute struct {
	change   contested
	customer Customer
	reach    ChangeCustomer
}

func standing(ctx context.Context, tx bun.Tx, change, customer uuid.UUID) (d dispute, err error) {
	if d.reach, err = readReach(ctx, tx, change, customer, true); err != nil {
		return d, err
	}
	if d.change, err = readContested(ctx, tx, change); err != nil {
		return d, err
	}
	d.customer, err = registry.Newest[Customer](ctx, tx, "customer", customer, false)
	return d, err
}

// keep keeps a version of an objection, and the customer's answer with it.
func (d dispute) keep(ctx context.Context, tx bun.Tx, by audit.Actor, at time.Time, verb string, before *Objection, after Objection, more audit.Object) ([]audit.Entry, error) {
	d.reach.Answer, d.reach.AnsweredAt = after.answer(), &at
	if d.reach.Answer == AnswerNone {
		d.reach.AnsweredAt = nil
	}
	if err := writeAnswer(ctx, tx, d.reach); err != nil {
		return nil, err
	}
	said := audit.Object{
		"change_id": after.ChangeID.String(), "customer_id": after.CustomerID.String(), "channel": after.Channel, "state": after.State,
	}
	for name, value := range more {
		said[name] = value
	}
	kept := registry.Kept{
		Kind: "objection", Verb: verb, ID: after.ID, Version: after.Version, VendorID: d.change.VendorID, After: after,
		EffectiveAt: at, RecordedAt: at, More: said,
	}
	if before != nil {
		kept.Before = *before
	}
	return registry.Keep(ctx, tx, by, kept)
}

func (o *Objection) inUTC() {
	o.ReceivedAt, o.UpdatedAt = o.ReceivedAt.UTC(), o.UpdatedAt.UTC()
	if o.DecidedAt != nil {
		utc := o.DecidedAt.UTC()
		o.DecidedAt = &utc
	}
}
