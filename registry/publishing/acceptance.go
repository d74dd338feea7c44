package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Acceptance is a customer's yes to a change: under a specific authorisation nothing else lets it start.
type Acceptance struct {
	CustomerID uuid.UUID `json:"customer_id" validate:"required"`
}

// Accept writes down that a customer agrees to a change. Again, it changes nothing. It refuses a change that does not reach the customer (NotFound),
// and (Conflict) one that is not announced or was withdrawn, and a customer whose objection is open or upheld: that is withdrawn first.
func (d *Desk) Accept(ctx context.Context, by audit.Actor, at time.Time, change uuid.UUID, a Acceptance) (ChangeCustomer, error) {
	if err := registry.Validate(a); err != nil {
		return ChangeCustomer{}, err
	}
	return d.accept(ctx, by, at, change, a.CustomerID, audit.Object{"channel": ByRecorder})
}

func (d *Desk) accept(ctx context.Context, by audit.Actor, at time.Time, change, customer uuid.UUID, more audit.Object) (ChangeCustomer, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return ChangeCustomer{}, err
	}
	at = registry.Instant(at)
	var after ChangeCustomer
	_, err = d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		s, err := standing(ctx, tx, change, customer)
		if err != nil {
			return nil, err
		}
		after = s.reach
		switch {
		case after.Answer == AnswerAccepted:
			return nil, nil
		case s.change.State != "announced" && s.change.State != "effective":
			return nil, registry.Refuse(registry.Conflict, "The change is %s: there is nothing to agree to.", s.change.State)
		case after.Answer == AnswerObjected:
			return nil, registry.Refuse(registry.Conflict, "The customer's objection stands; it is withdrawn first.")
		}
		after.Answer, after.AnsweredAt = AnswerAccepted, &at
		if err := writeAnswer(ctx, tx, after); err != nil {
			return nil, err
		}
		body := audit.Object{"change_id": change.String(), "customer_id": customer.String(), "vendor_name": s.change.Vendor}
		for name, value := range more {
			body[name] = value
		}
		return []audit.Entry{{ID: id, Type: "change.accepted", Actor: by, OccurredAt: at, VendorID: s.change.VendorID, Body: body}}, nil
	})
	if err != nil {
		return ChangeCustomer{}, err
	}
	return after, nil
}
