package registry

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// ContractFields is what an editor says about an agreement and its terms. A permitted list that is absent does not limit; an empty one
// permits nothing.
type ContractFields struct {
	Kind                string      `bun:"kind" json:"kind" validate:"required,contract_kind"`
	Title               string      `bun:"title" json:"title,omitempty" validate:"text,max=300"`
	Reference           string      `bun:"reference" json:"reference,omitempty" validate:"text,max=200"`
	SignedOn            *Date       `bun:"signed_on,type:date" json:"signed_on,omitempty"`
	InForceFrom         *Date       `bun:"in_force_from,type:date" json:"in_force_from,omitempty" validate:"required_with=SignedOn"`
	InForceUntil        *Date       `bun:"in_force_until,type:date" json:"in_force_until,omitempty" validate:"omitempty,not_before=InForceFrom"`
	TerminatedOn        *Date       `bun:"terminated_on,type:date" json:"terminated_on,omitempty" validate:"omitempty,not_before=SignedOn"`
	Zone                string      `bun:"zone" json:"zone,omitempty" validate:"omitempty,zone"`
	AutoRenewal         bool        `bun:"auto_renewal" json:"auto_renewal,omitempty"`
	RenewalMonths       *int        `bun:"renewal_months" json:"renewal_months,omitempty" validate:"omitempty,min=1,max=1200"`
	NoticeDaysUs        *int        `bun:"notice_days_us" json:"notice_days_us,omitempty" validate:"omitempty,min=0,max=3650"`
	NoticeDaysThem      *int        `bun:"notice_days_them" json:"notice_days_them,omitempty" validate:"omitempty,min=0,max=3650"`
	GoverningLaw        string      `bun:"governing_law" json:"governing_law,omitempty" validate:"text,max=200"`
	ParentContractID    *uuid.UUID  `bun:"parent_contract_id,type:uuid" json:"parent_contract_id,omitempty"`
	Clauses             []Clause    `bun:"clauses,type:jsonb" json:"clauses,omitempty" validate:"max=200,dive"`
	PermittedPurposes   []string    `bun:"permitted_purposes,array" json:"permitted_purposes,omitzero" validate:"max=100,unique,dive,purpose"`
	PermittedCategories []string    `bun:"permitted_categories,array" json:"permitted_categories,omitzero" validate:"max=100,unique,dive,category"`
	PermittedCountries  []string    `bun:"permitted_countries,array" json:"permitted_countries,omitzero" validate:"max=300,unique,dive,place"`
	OnwardTransfer      string      `bun:"onward_transfer" json:"onward_transfer,omitempty" validate:"omitempty,oneof=prohibited with_consent with_notice permitted"`
	BreachNoticeHours   *int        `bun:"breach_notice_hours" json:"breach_notice_hours,omitempty" validate:"omitempty,min=0,max=8760"`
	AuditRight          *bool       `bun:"audit_right" json:"audit_right,omitempty"`
	ReturnOrDeleteDays  *int        `bun:"return_or_delete_days" json:"return_or_delete_days,omitempty" validate:"omitempty,min=0,max=36500"`
	Commercial          *Commercial `bun:"commercial,type:jsonb" json:"commercial,omitempty"`
	Notes               string      `bun:"notes" json:"notes,omitempty" validate:"text,max=10000"`
	ExternalID          string      `bun:"external_id" json:"external_id,omitempty" validate:"text,max=200"`
}

// Clause is a term and where it stands in the document. Art. 28(3)(a)–(h) have codes of their own.
type Clause struct {
	Code  string `json:"code" validate:"required,clause_code"`
	Where string `json:"where" validate:"required,text,max=300"` // section and page: the clause is located, not only claimed
	Text  string `json:"text,omitempty" validate:"text,max=10000"`
}

// Commercial is what a partner or reseller agreed to.
type Commercial struct {
	Territory         []string `json:"territory,omitempty" validate:"max=300,unique,dive,place"`
	Tier              string   `json:"tier,omitempty" validate:"text,max=100"`
	CommissionPercent string   `json:"commission_percent,omitempty" validate:"omitempty,percent"` // decimal text: never rounded
	Exclusive         bool     `json:"exclusive,omitempty"`
	Leads             []string `json:"leads,omitempty" validate:"max=100,unique,dive,required,text,max=200"`
}

// Contract is an agreement with a vendor, as it now stands. An amendment is a contract whose AmendsID names the original: from its first
// day its terms stand in place of the original's.
type Contract struct {
	bun.BaseModel `bun:"table:contracts" json:"-"`

	ID        uuid.UUID  `bun:"id,pk,type:uuid" json:"id"`
	Version   int64      `bun:"version" json:"version"`
	VendorID  uuid.UUID  `bun:"vendor_id,type:uuid" json:"vendor_id"`
	AmendsID  *uuid.UUID `bun:"amends_id,type:uuid" json:"amends_id,omitempty"`
	CreatedAt time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time  `bun:"updated_at" json:"updated_at"`
	Document  *Document  `bun:"document,type:jsonb" json:"document,omitempty"`
	ContractFields
	// Status is computed from the dates at the instant of the answer: draft, signed, in_force, expired or terminated.
	Status string `bun:"-" json:"status"`
}
