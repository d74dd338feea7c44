// Package sharing is the gate: it gathers the facts in force, judges a share by the policy, and records the verdict in the log.
package sharing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry/policy"
)

// Request is what a service asks of the gate.
type Request struct {
	VendorID      uuid.UUID     `json:"vendor_id" validate:"required"`
	EngagementID  *uuid.UUID    `json:"engagement_id,omitempty"`
	Purpose       string        `json:"purpose" validate:"required,code"`
	Ground        string        `json:"ground" validate:"required,code"`
	Categories    []string      `json:"categories" validate:"required,min=1,max=100,unique,dive,code"`
	Subjects      []string      `json:"subjects,omitempty" validate:"max=10000,unique,dive,required,text,max=500"`
	SubjectCount  *int64        `json:"subject_count,omitempty" validate:"omitempty,min=0,max=100000000000"`
	Countries     []string      `json:"countries" validate:"required,min=1,max=300,unique,dive,place"`
	Origin        string        `json:"origin,omitempty" validate:"omitempty,country"`
	OccurredAt    time.Time     `json:"occurred_at" validate:"required"`
	State         string        `json:"state" validate:"required,oneof=intended occurred"`
	Pseudonymised bool          `json:"pseudonymised,omitempty"`
	Channel       string        `json:"channel,omitempty" validate:"omitempty,code"`
	Source        string        `json:"source,omitempty" validate:"text,max=200"`
	Customer      string        `json:"customer,omitempty" validate:"text,max=200"`
	Note          string        `json:"note,omitempty" validate:"text,max=2000"`
	LegalProcess  *LegalProcess `json:"legal_process,omitempty"`
	Deal          string        `json:"deal,omitempty" validate:"text,max=200"`
}

// LegalProcess is the instrument under which a share is demanded.
type LegalProcess struct {
	Instrument string `json:"instrument" validate:"required,text,max=200"`
	Issuer     string `json:"issuer" validate:"required,text,max=300"`
	Reference  string `json:"reference" validate:"required,text,max=200"`
}

// Verdict is how a share was judged.
type Verdict string

// The verdicts.
const (
	Allowed   Verdict = "allowed"
	Denied    Verdict = "denied"
	Violation Verdict = "violation" // it had already happened and breaks a rule
)

// Decision is the gate's answer.
type Decision struct {
	Verdict      Verdict         `json:"verdict"`
	Reasons      []policy.Reason `json:"reasons"`
	VendorID     uuid.UUID       `json:"vendor_id"`
	EngagementID *uuid.UUID      `json:"engagement_id,omitempty"` // the one that it was judged by
	ContractIDs  []uuid.UUID     `json:"contract_ids,omitempty"`  // those in force that it was judged by
	Policy       string          `json:"policy,omitempty"`        // version
	// Receipt is absent when nothing was recorded (check).
	Receipt *audit.Receipt `json:"receipt,omitempty"`
}

// Settings of the gate.
type Settings struct {
	// SubjectKey keys the pseudonyms of subjects; 32 bytes.
	SubjectKey []byte
	// HomeCountry is where data comes from when a request does not say; empty when not set.
	HomeCountry string
}

// Gate decides and records shares.
type Gate struct{}

// New returns a gate that judges by what db holds and records through c.
func New(db *bun.DB, log *audit.Log, c *audit.Committer, s Settings) *Gate { panic("unbuilt") }

// Share decides a share and records the decision. key is the caller's idempotency key: the same key and request get the same decision and
// receipt, another request under it is refused (Conflict). A denied share is recorded too and is no error. It refuses bad fields
// (Invalid), an unknown vendor or engagement (Invalid), and, when the log cannot be written, Busy. When it returns without
// error the entry is durable.
func (g *Gate) Share(ctx context.Context, by audit.Actor, now time.Time, key string, r Request) (Decision, error) {
	panic("unbuilt")
}

// Check decides without recording.
func (g *Gate) Check(ctx context.Context, by audit.Actor, now time.Time, r Request) (Decision, error) {
	panic("unbuilt")
}

// Recorded is a share as the log has it.
type Recorded struct {
	Decision
	OccurredAt time.Time      `json:"occurred_at"`
	Leaf       map[string]any `json:"leaf"`
}

// Recorded reads the decision of an entry. A service reads only those of its own key's system (NotFound otherwise).
func (g *Gate) Recorded(ctx context.Context, by audit.Actor, entry uuid.UUID) (Recorded, error) {
	panic("unbuilt")
}
