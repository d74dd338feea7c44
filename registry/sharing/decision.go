package sharing

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

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
	Reasons      []policy.Reason `json:"reasons"` // every one; empty when allowed
	VendorID     uuid.UUID       `json:"vendor_id"`
	EngagementID *uuid.UUID      `json:"engagement_id,omitempty"` // the one that it was judged by
	ContractIDs  []uuid.UUID     `json:"contract_ids,omitempty"`  // those in force that it was judged by
	Policy       string          `json:"policy,omitempty"`        // version
	// DeleteBy is the last day on which the recipient may hold the data, where the contract's terms say so (P-22).
	DeleteBy *registry.Date `json:"delete_by,omitempty"`
	// Notes are what holds of the share and denies nothing.
	Notes []policy.Reason `json:"notes,omitempty"`
	// NoMarketing tells whoever sends the data to tell the recipient: somebody chose against marketing by partners (P-11).
	NoMarketing bool `json:"no_marketing,omitempty"`
	// Receipt is absent when nothing was recorded (check).
	Receipt *audit.Receipt `json:"receipt,omitempty"`
}

// Recorded is a share as the log has it.
type Recorded struct {
	Decision
	OccurredAt time.Time      `json:"occurred_at"`
	Leaf       map[string]any `json:"leaf"`
	// Facts are the records that the share was judged by, in the versions that were in force when it occurred; not there for services.
	Facts []Fact `json:"facts,omitempty"`
	// Corrects is, of a correction, the share's entry.
	Corrects *uuid.UUID `json:"corrects,omitempty"`
	// Corrections are, of a share, the entries that correct it, oldest first: the last one counts.
	Corrections []Recorded `json:"corrections,omitempty"`
}

// Fact is a version of a record by which a share was judged.
type Fact struct {
	Kind        string          `json:"kind"` // vendor, engagement, location or contract
	ID          uuid.UUID       `json:"id"`
	Version     int64           `json:"version"`
	EffectiveAt time.Time       `json:"effective_at"`
	RecordedAt  time.Time       `json:"recorded_at"`
	Record      json.RawMessage `json:"record"` // as it was
}

func verdict(state string, reasons []policy.Reason) Verdict {
	switch {
	case len(reasons) == 0:
		return Allowed
	case state == occurred:
		return Violation
	default:
		return Denied
	}
}
