package publishing

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// The states of an objection: open → upheld, rejected or withdrawn; upheld → withdrawn.
const (
	ObjectionOpen      = "open"
	ObjectionUpheld    = "upheld"    // the change does not start for the customer
	ObjectionRejected  = "rejected"  // the ground does not hold
	ObjectionWithdrawn = "withdrawn" // the customer objects no more
)

// How an objection came.
const (
	ByForm     = "form"     // the customer filled in the page that its notice led to
	ByRecorder = "recorded" // it came otherwise, and legal wrote it down
)

// Objection is a customer's objection to a change. While it is open or upheld, the change does not start for the customer.
type Objection struct {
	bun.BaseModel `bun:"table:objections" json:"-"`

	ID         uuid.UUID  `bun:"id,pk,type:uuid" json:"id"`
	Version    int64      `bun:"version" json:"version"`
	ChangeID   uuid.UUID  `bun:"change_id,type:uuid" json:"change_id"`
	CustomerID uuid.UUID  `bun:"customer_id,type:uuid" json:"customer_id"`
	ReceivedAt time.Time  `bun:"received_at" json:"received_at"`
	UpdatedAt  time.Time  `bun:"updated_at" json:"updated_at"`
	Channel    string     `bun:"channel" json:"channel"`
	Ground     string     `bun:"ground" json:"ground"`
	State      string     `bun:"state" json:"state"`
	DecidedAt  *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	DecidedBy  *uuid.UUID `bun:"decided_by,type:uuid" json:"decided_by,omitempty"`
	Reason     string     `bun:"decision" json:"reason,omitempty"` // of the decision
	Outcome    string     `bun:"outcome" json:"outcome,omitempty"` // what follows for the customer
}

// ObjectionFields is what legal writes down of an objection that came otherwise than by the form.
type ObjectionFields struct {
	ChangeID   uuid.UUID `json:"change_id" validate:"required"`
	CustomerID uuid.UUID `json:"customer_id" validate:"required"`
	ReceivedAt time.Time `json:"received_at,omitzero"` // when it came; the instant of the request when absent
	Ground     string    `json:"ground" validate:"required,text,max=5000"`
}

// ObjectionDecision is what becomes of an objection, and why.
type ObjectionDecision struct {
	State   string `json:"state" validate:"required,oneof=upheld rejected withdrawn"`
	Reason  string `json:"reason" validate:"required,text,max=5000"`
	Outcome string `json:"outcome,omitempty" validate:"text,max=2000"`
}

// decide applies a decision. It refuses (Conflict) what is decided for good.
func (o *Objection) decide(by uuid.UUID, at time.Time, d ObjectionDecision) error {
	switch {
	case o.State == ObjectionOpen:
	case o.State == ObjectionUpheld && d.State == ObjectionWithdrawn:
	default:
		return registry.Refuse(registry.Conflict, "An objection that is %s cannot be %s.", o.State, d.State)
	}
	o.State, o.Reason, o.Outcome = d.State, d.Reason, d.Outcome
	o.DecidedAt, o.DecidedBy = &at, &by
	return nil
}

// answer is what the customer's answer is once the objection stands like that: none where it objects no more.
func (o *Objection) answer() string {
	if o.State == ObjectionOpen || o.State == ObjectionUpheld {
		return AnswerObjected
	}
	return AnswerNone
}

// contestable refuses (Conflict) an objection, received at t, to a change in that state: one that nobody was told of yet, one that was given up,
// and one whose period is over, where the customer's silence has meant yes since.
func contestable(state string, c Customer, reach ChangeCustomer, t time.Time) error {
	switch {
	case state == "withdrawn":
		return registry.Refuse(registry.Conflict, "The change was withdrawn: there is nothing to object to.")
	case state != "announced" && state != "effective":
		return registry.Refuse(registry.Conflict, "The change is not announced yet.")
	case c.Authorisation == General && reach.Over(t):
		return registry.Refuse(registry.Conflict, "The period to object ended at %s.", reach.ObjectionEnds.UTC().Format(time.RFC3339))
	default:
		return nil
	}
}
