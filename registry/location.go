package registry

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Places that are no country.
const (
	EEA         = "EEA"         // European Economic Area, no country named
	EU          = "EU"          // European Union, no country named
	Global      = "GLOBAL"      // anywhere, said so
	Unspecified = "UNSPECIFIED" // not said: covers nothing, and is never guessed
)

// LocationFields is what an editor says about where an engagement happens.
type LocationFields struct {
	Place     string    `bun:"place" json:"place" validate:"required,place"`
	Uses      []string  `bun:"uses,array" json:"uses,omitempty" validate:"max=3,unique,dive,oneof=storage processing support_access"`
	AppliesTo string    `bun:"applies_to" json:"applies_to,omitempty" validate:"text,max=300"`
	Detail    string    `bun:"detail" json:"detail,omitempty" validate:"text,max=500"`
	Stated    string    `bun:"stated" json:"stated,omitempty" validate:"text,max=300"`
	Transfer  *Transfer `bun:"transfer,type:jsonb" json:"transfer,omitempty"`
	From      *Date     `bun:"starts_on,type:date" json:"from,omitempty"`
	Until     *Date     `bun:"ends_on,type:date" json:"until,omitempty" validate:"omitempty,not_before=From"`
}

// Transfer is the mechanism by which personal data may cross a border to a location (GDPR chapter V), and its evidence.
type Transfer struct {
	Mechanism  string `json:"mechanism" validate:"required,oneof=none_needed adequacy scc_2021_914 uk_idta uk_addendum bcr dpf art_49"`
	Modules    []int  `json:"modules,omitempty" validate:"max=4,unique,dive,min=1,max=4"`
	Fallback   string `json:"fallback,omitempty" validate:"omitempty,oneof=scc_2021_914 uk_idta uk_addendum bcr art_49"`
	Reference  string `json:"reference,omitempty" validate:"text,max=500"`
	AssessedOn *Date  `json:"assessed_on,omitempty"`
	ReviewOn   *Date  `json:"review_on,omitempty"`
	From       *Date  `json:"from,omitempty"`
	Until      *Date  `json:"until,omitempty" validate:"omitempty,not_before=From"`
}

// Location is where an engagement happens, as it now stands.
type Location struct {
	bun.BaseModel `bun:"table:locations" json:"-"`

	ID           uuid.UUID `bun:"id,pk,type:uuid" json:"id"`
	Version      int64     `bun:"version" json:"version"`
	VendorID     uuid.UUID `bun:"vendor_id,type:uuid" json:"vendor_id"`
	EngagementID uuid.UUID `bun:"engagement_id,type:uuid" json:"engagement_id"`
	CreatedAt    time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time `bun:"updated_at" json:"updated_at"`
	LocationFields
}
