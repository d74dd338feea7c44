package publishing

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// The answers of a customer to a change.
const (
	AnswerNone     = ""         // none yet
	AnswerAccepted = "accepted" // it said yes
	AnswerSilent   = "silent"   // it said nothing in time, which under a general authorisation means yes
	AnswerObjected = "objected" // an objection is open or upheld
	AnswerRefused  = "refused"  // it said nothing in time, which under a specific authorisation means no
)

// ChangeCustomer is a change as it reaches one customer: its periods, frozen when it was announced, and its answer.
type ChangeCustomer struct {
	bun.BaseModel `bun:"table:change_customers" json:"-"`

	ChangeID      uuid.UUID      `bun:"change_id,pk,type:uuid" json:"change_id"`
	CustomerID    uuid.UUID      `bun:"customer_id,pk,type:uuid" json:"customer_id"`
	NoticeBegins  *time.Time     `bun:"notice_begins" json:"notice_begins,omitempty"`
	NoticeEnds    *time.Time     `bun:"notice_ends" json:"notice_ends,omitempty"`
	ObjectionEnds *time.Time     `bun:"objection_ends" json:"objection_ends,omitempty"`
	StartsOn      *registry.Date `bun:"starts_on,type:date" json:"starts_on,omitempty"`
	Answer        string         `bun:"answer" json:"answer,omitempty"`
	AnsweredAt    *time.Time     `bun:"answered_at" json:"answered_at,omitempty"`
}

// Over says whether the period to object is over at t; without a known end it is not.
func (c ChangeCustomer) Over(t time.Time) bool {
	return c.ObjectionEnds != nil && !t.Before(*c.ObjectionEnds)
}
