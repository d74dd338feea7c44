package sharing

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
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
	CollectedAt   *time.Time    `json:"collected_at,omitempty"`
	Channel       string        `json:"channel,omitempty" validate:"omitempty,code"`
	Source        string        `json:"source,omitempty" validate:"text,max=200"`
	Customer      string        `json:"customer,omitempty" validate:"text,max=200"`
	Note          string        `json:"note,omitempty" validate:"text,max=2000"`
	LegalProcess  *LegalProcess `json:"legal_process,omitempty"`
	Deal          string        `json:"deal,omitempty" validate:"text,max=200"`
	// DisclosureID names what two people decided to disclose (P-18). A share that is intended on the ground legal_process needs one.
	DisclosureID *uuid.UUID `json:"disclosure_id,omitempty"`
	// InformedAt is when the people were told whose data others gave (P-03).
	InformedAt *time.Time `json:"informed_at,omitempty"`
	// ReferringHosts are what AD_REFERRAL holds: host names and nothing more (P-16). They are kept beside the log.
	ReferringHosts []string `json:"referring_hosts,omitempty" validate:"max=1000,unique"`
	// DataOrigin says where the data came from: direct is from the people themselves, third_party from a vendor, combined from both; SourceVendorID
	// is that vendor (P-06).
	DataOrigin     string     `json:"data_origin,omitempty" validate:"omitempty,oneof=direct third_party combined"`
	SourceVendorID *uuid.UUID `json:"source_vendor_id,omitempty"`
	// LeadCountry is where the person or company is that is passed on to a partner as a lead, LeadKind what sort of lead it is: by the contracts
	// with partners, both decide who may get it (P-10).
	LeadCountry string `json:"lead_country,omitempty" validate:"omitempty,country"`
	LeadKind    string `json:"lead_kind,omitempty" validate:"omitempty,code"`
	// SealedUntil is the last day, in UTC, on which the person must not be told: an order of silence. Only on the ground legal_process.
	SealedUntil *registry.Date `json:"sealed_until,omitempty"`
}

// LegalProcess is the instrument under which a share is demanded (P-17).
type LegalProcess struct {
	Instrument string `json:"instrument" validate:"required,text,max=200"`
	Issuer     string `json:"issuer" validate:"required,text,max=300"`
	Reference  string `json:"reference" validate:"required,text,max=200"`
}

const (
	occurred = "occurred"
	// skew is how far a caller's clock may be ahead of ours.
	skew = 5 * time.Minute
	// horizon is how far ahead a share may be intended: facts that far away are not known.
	horizon = 366 * 24 * time.Hour
	// legalProcess is the ground on which an authority can order silence (P-17), whatever the policy requires on it.
	legalProcess = "legal_process"
)

// check refuses (Invalid) a request that cannot be judged, naming every bad field.
func (r *Request) check(now time.Time) error {
	var fields []registry.Field
	if err := registry.Validate(r); err != nil {
		var refusal *registry.Refusal
		if !errors.As(err, &refusal) {
			return err
		}
		fields = refusal.Fields
	}
	return invalid(append(fields, r.contradictions(now)...))
}

// contradictions are what single fields do not show.
func (r *Request) contradictions(now time.Time) []registry.Field {
	var fields []registry.Field
	bad := func(pointer, sentence string) {
		fields = append(fields, registry.Field{Pointer: pointer, Sentence: sentence})
	}
	if y := r.OccurredAt.UTC().Year(); !r.OccurredAt.IsZero() && (y < 1900 || y > 9999) {
		bad("/occurred_at", "must be between the years 1900 and 9999")
	} else if r.State == occurred && r.OccurredAt.After(now.Add(skew)) {
		bad("/occurred_at", "is in the future, but the share is said to have occurred")
	} else if r.OccurredAt.After(now.Add(horizon)) {
		bad("/occurred_at", "is more than a year ahead: what will be in force then is not known")
	}
	if r.SubjectCount != nil && len(r.Subjects) > 0 && *r.SubjectCount != int64(len(r.Subjects)) {
		bad("/subject_count", fmt.Sprintf("is not the number of subjects, %d", len(r.Subjects)))
	}
	if c := r.CollectedAt; c != nil && c.UTC().Year() < 1900 {
		bad("/collected_at", "must be after the year 1899")
	} else if c != nil && c.After(r.OccurredAt) {
		bad("/collected_at", "is after occurred_at: nobody shares what was not collected yet")
	}
	for i, host := range r.ReferringHosts {
		if !isHost(host) {
			bad(fmt.Sprintf("/referring_hosts/%d", i), "must be a host name alone: no scheme, path, query or port (P-16)")
		}
	}
	if len(r.ReferringHosts) > 0 && !slices.Contains(r.Categories, "AD_REFERRAL") {
		bad("/referring_hosts", "belongs to the category AD_REFERRAL")
	}
	if r.InformedAt != nil && (r.InformedAt.UTC().Year() < 1900 || r.InformedAt.UTC().Year() > 9999) {
		bad("/informed_at", "must be between the years 1900 and 9999")
	}
	switch others := policy.FromOthers(r.DataOrigin); {
	case others && r.SourceVendorID == nil:
		bad("/source_vendor_id", "is required when data_origin is "+r.DataOrigin)
	case !others && r.SourceVendorID != nil:
		bad("/source_vendor_id", "belongs to the data_origin third_party or combined")
	}
	if r.LeadKind != "" && r.LeadCountry == "" {
		bad("/lead_country", "is required when lead_kind is given")
	}
	if r.DisclosureID != nil && r.Ground != legalProcess {
		bad("/disclosure_id", "belongs to the ground legal_process")
	}
	if r.SealedUntil != nil && r.Ground != legalProcess {
		bad("/sealed_until", "is possible only on the ground legal_process: only an authority can order silence")
	}
	return fields
}

// invalid refuses fields; nil where there are none.
func invalid(fields []registry.Field) error {
	switch len(fields) {
	case 0:
		return nil
	case 1:
		return &registry.Refusal{Kind: registry.Invalid, Sentence: "One field is not right.", Fields: fields}
	default:
		return &registry.Refusal{Kind: registry.Invalid, Sentence: fmt.Sprintf("%d fields are not right.", len(fields)), Fields: fields}
	}
}

func invalidField(pointer, sentence string) error {
	return invalid([]registry.Field{{Pointer: pointer, Sentence: sentence}})
}

// checkKey refuses (Invalid) an idempotency key that is not 1 to 255 visible ASCII characters.
func checkKey(key string) error {
	visible := key != "" && len(key) <= 255
	for i := range len(key) {
		visible = visible && key[i] > ' ' && key[i] <= '~'
	}
	if !visible {
		return invalidField("Idempotency-Key", "must be 1 to 255 visible ASCII characters, new for every share")
	}
	return nil
}

// count is the number of people whose data is shared, as text; empty when it was not said.
func (r *Request) count() string {
	switch {
	case r.SubjectCount != nil:
		return strconv.FormatInt(*r.SubjectCount, 10)
	case len(r.Subjects) > 0:
		return strconv.Itoa(len(r.Subjects))
	default:
		return ""
	}
}

// own tells whether a service may read what an entry of that actor and system says; everybody else may.
func own(by audit.Actor, actor uuid.UUID, system string) bool {
	if by.Role != "service" {
		return true
	}
	if by.System == "" {
		return by.ID == actor
	}
	return by.System == system
}
