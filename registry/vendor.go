package registry

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// VendorState is where a vendor is in its life: proposed → approved → active → winding_down → ended.
type VendorState string

// The states of a vendor.
const (
	Proposed    VendorState = "proposed"     // a draft: on no list, receives nothing
	Approved    VendorState = "approved"     // signed off by somebody other than its proposer; may be listed
	Active      VendorState = "active"       // may receive personal data
	WindingDown VendorState = "winding_down" // receives nothing more, still holds data
	Ended       VendorState = "ended"        // holds nothing, or an exception says why
)

// VendorFields is what an editor says about a vendor. Absent means not stated: nothing is filled in by guess.
type VendorFields struct {
	Name                string               `bun:"name" json:"name" validate:"required,text,max=200"`
	LegalName           string               `bun:"legal_name" json:"legal_name,omitempty" validate:"text,max=300"`
	Kinds               []string             `bun:"kinds,array" json:"kinds" validate:"required,min=1,max=11,unique,dive,vendor_kind"`
	OtherNames          []OtherName          `bun:"other_names,type:jsonb" json:"other_names,omitempty" validate:"max=50,dive"`
	Country             string               `bun:"country" json:"country,omitempty" validate:"omitempty,country"`
	Address             string               `bun:"address" json:"address,omitempty" validate:"text,max=500"`
	Website             string               `bun:"website" json:"website,omitempty" validate:"omitempty,web_url"`
	PrivacyNotice       string               `bun:"privacy_notice" json:"privacy_notice,omitempty" validate:"omitempty,web_url"`
	SubprocessorList    string               `bun:"subprocessor_list" json:"subprocessor_list,omitempty" validate:"omitempty,web_url"`
	LEI                 string               `bun:"lei" json:"lei,omitempty" validate:"omitempty,lei"`
	Identifiers         []Identifier         `bun:"identifiers,type:jsonb" json:"identifiers,omitempty" validate:"max=50,dive"`
	Contacts            []Contact            `bun:"contacts,type:jsonb" json:"contacts,omitempty" validate:"max=50,dive"`
	Certifications      []string             `bun:"certifications,array" json:"certifications,omitempty" validate:"max=100,unique,dive,required,text,max=200"`
	ParentID            *uuid.UUID           `bun:"parent_id,type:uuid" json:"parent_id,omitempty"`
	Ownership           []Ownership          `bun:"ownership,type:jsonb" json:"ownership,omitempty" validate:"max=50,dive"`
	DPF                 []FrameworkStatus    `bun:"dpf,type:jsonb" json:"dpf,omitempty" validate:"max=50,dive"`
	ReviewOn            *Date                `bun:"review_on,type:date" json:"review_on,omitempty" validate:"required_with=ReviewMonths"`
	ReviewMonths        *int                 `bun:"review_months" json:"review_months,omitempty" validate:"omitempty,min=1,max=120"`
	Owner               string               `bun:"owner" json:"owner,omitempty" validate:"text,max=200"`
	Notes               string               `bun:"notes" json:"notes,omitempty" validate:"text,max=10000"`
	DeletionCertificate *DeletionCertificate `bun:"deletion_certificate,type:jsonb" json:"deletion_certificate,omitempty"`
	DeletionException   string               `bun:"deletion_exception" json:"deletion_exception,omitempty" validate:"text,max=2000"`
	ExternalID          string               `bun:"external_id" json:"external_id,omitempty" validate:"text,max=200"`
}

// OtherName is a name that the vendor has or had besides its own.
type OtherName struct {
	Name  string `json:"name" validate:"required,text,max=300"`
	Kind  string `json:"kind" validate:"required,oneof=formerly doing_business_as also_known_as brand product"`
	From  *Date  `json:"from,omitempty"`
	Until *Date  `json:"until,omitempty" validate:"omitempty,not_before=From"`
}

// Identifier is a registration number.
type Identifier struct {
	Scheme  string `json:"scheme" validate:"required,oneof=company_number vat euid duns tax other"`
	Value   string `json:"value" validate:"required,text,max=100"`
	Country string `json:"country,omitempty" validate:"omitempty,country"`
}

// Contact is a person or desk at the vendor. It may be personal data: it is in no leaf, and on the public list only where Public says that
// it may be, as Annex III of the standard contractual clauses (decision 2021/914) asks for one.
type Contact struct {
	Role     string `json:"role" validate:"required,oneof=privacy security data_protection_officer account legal other"`
	Name     string `json:"name,omitempty" validate:"text,max=200"`
	Position string `json:"position,omitempty" validate:"text,max=200"`
	Email    string `json:"email,omitempty" validate:"omitempty,email,max=254"`
	Phone    string `json:"phone,omitempty" validate:"text,max=50"`
	Public   bool   `json:"public,omitempty"`
}

// DeletionCertificate is the vendor's word that it holds our data no more.
type DeletionCertificate struct {
	CertifiedOn Date   `json:"certified_on" validate:"required"`
	Reference   string `json:"reference" validate:"required,text,max=500"`
}

// Vendor is any organisation that may receive personal data from us, as it now stands.
type Vendor struct {
	bun.BaseModel `bun:"table:vendors" json:"-"`

	ID         uuid.UUID   `bun:"id,pk,type:uuid" json:"id"`
	Version    int64       `bun:"version" json:"version"`
	State      VendorState `bun:"state" json:"state"`
	StateSince time.Time   `bun:"state_since" json:"state_since"`
	CreatedAt  time.Time   `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time   `bun:"updated_at" json:"updated_at"`
	CreatedBy  uuid.UUID   `bun:"created_by,type:uuid" json:"created_by"`
	VendorFields
	// MergedIntoID is the vendor that it became a part of, since MergedSince in the world; nil while it stands for itself. See MergeVendor.
	MergedIntoID *uuid.UUID `bun:"merged_into_id,type:uuid" json:"merged_into_id,omitempty"`
	MergedSince  *time.Time `bun:"merged_since" json:"merged_since,omitempty"`
	Search       string     `bun:"search" json:"-"`
}
