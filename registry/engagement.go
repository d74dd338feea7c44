package registry

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// EngagementFields is what an editor says about what a vendor does for us.
type EngagementFields struct {
	Service        string          `bun:"service" json:"service" validate:"required,text,max=1000"`
	Products       []string        `bun:"products,array" json:"products,omitempty" validate:"max=100,unique,dive,required,text,max=200"`
	Role           string          `bun:"role" json:"role,omitempty" validate:"omitempty,oneof=processor sub_processor joint_controller independent_controller"`
	Purposes       []string        `bun:"purposes,array" json:"purposes,omitempty" validate:"max=100,unique,dive,purpose"`
	Categories     []string        `bun:"categories,array" json:"categories,omitempty" validate:"max=100,unique,dive,category"`
	DataStated     []StatedData    `bun:"data_stated,type:jsonb" json:"data_stated,omitempty" validate:"max=100,dive"`
	DataSubjects   []string        `bun:"data_subjects,array" json:"data_subjects,omitempty" validate:"max=100,unique,dive,required,text,max=200"`
	CollectionMode string          `bun:"collection_mode" json:"collection_mode,omitempty" validate:"omitempty,oneof=from_us direct"`
	Condition      string          `bun:"condition" json:"condition,omitempty" validate:"text,max=1000"`
	Duration       string          `bun:"duration" json:"duration,omitempty" validate:"text,max=500"`
	From           *Date           `bun:"starts_on,type:date" json:"from,omitempty"`
	Until          *Date           `bun:"ends_on,type:date" json:"until,omitempty" validate:"omitempty,not_before=From"`
	EngagedByID    *uuid.UUID      `bun:"engaged_by_id,type:uuid" json:"engaged_by_id,omitempty"`
	Cookies        []Cookie        `bun:"cookies,type:jsonb" json:"cookies,omitempty" validate:"max=500,dive"`
	Listed         bool            `bun:"listed" json:"listed"`
	ListedReason   string          `bun:"listed_reason" json:"listed_reason,omitempty" validate:"required_if=Listed true,text,max=1000"`
	OnwardList     string          `bun:"onward_list" json:"onward_list,omitempty" validate:"omitempty,web_url"`
	Notes          string          `bun:"notes" json:"notes,omitempty" validate:"text,max=10000"`
	Source         *Source         `bun:"source,type:jsonb" json:"source,omitempty"`
	EarlierChanges []EarlierChange `bun:"earlier_changes,type:jsonb" json:"earlier_changes,omitempty" validate:"max=200,dive"`
	ExternalID     string          `bun:"external_id" json:"external_id,omitempty" validate:"text,max=200"`
}

// StatedData is personal data in a source's own words, under the source's own heading where it has one.
type StatedData struct {
	Class string   `json:"class,omitempty" validate:"text,max=200"`
	Items []string `json:"items" validate:"required,min=1,max=200,dive,required,text,max=300"`
}

// Source says where the facts of a record were taken from.
type Source struct {
	ListedBy      string `json:"listed_by,omitempty" validate:"text,max=300"`
	Source        string `json:"source,omitempty" validate:"text,max=1000"`
	AsOf          *Date  `json:"as_of,omitempty"`
	PublishedName string `json:"published_name,omitempty" validate:"text,max=300"`
}

// EarlierChange is a change that the source tells of, from before the record was kept here.
type EarlierChange struct {
	On       Date     `json:"on" validate:"required"`
	Event    string   `json:"event,omitempty" validate:"text,max=200"`
	Field    string   `json:"field,omitempty" validate:"text,max=200"`
	From     []string `json:"from,omitempty" validate:"max=300,dive,text,max=300"`
	To       []string `json:"to,omitempty" validate:"max=300,dive,text,max=300"`
	Replaces string   `json:"replaces,omitempty" validate:"text,max=300"`
}

// Engagement is what a vendor does for us, as it now stands. EngagedByID names the engagement under which a further processor was
// brought in; it never leads back to itself. Listed puts it on the public list, and ListedReason says why it passes the
// inclusion test: an external company whose infrastructure delivers part of a product.
type Engagement struct {
	bun.BaseModel `bun:"table:engagements" json:"-"`

	ID        uuid.UUID `bun:"id,pk,type:uuid" json:"id"`
	Version   int64     `bun:"version" json:"version"`
	VendorID  uuid.UUID `bun:"vendor_id,type:uuid" json:"vendor_id"`
	CreatedAt time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time `bun:"updated_at" json:"updated_at"`
	EngagementFields
}
