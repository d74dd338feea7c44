package publishing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// The two modes in which a controller authorises subprocessors (GDPR, Article 28(2)).
const (
	General  = "general"  // silence means yes
	Specific = "specific" // silence means no
)

// CustomerFields is what an editor says about a customer: who must be told before the list changes, and by which clock.
type CustomerFields struct {
	Name          string            `bun:"name" json:"name" validate:"required,text,max=200"`
	Contract      string            `bun:"contract" json:"contract,omitempty" validate:"text,max=200"` // its reference
	Authorisation string            `bun:"authorisation" json:"authorisation" validate:"required,oneof=general specific"`
	Notice        *Clock            `bun:"notice,type:jsonb" json:"notice,omitempty"`       // absent: that of the settings
	Objection     *Clock            `bun:"objection,type:jsonb" json:"objection,omitempty"` // absent: that of the settings
	Emergency     bool              `bun:"emergency" json:"emergency,omitempty"`            // the contract permits an emergency replacement without the period
	Language      string            `bun:"language" json:"language,omitempty" validate:"omitempty,language"`
	Products      []string          `bun:"products,array" json:"products,omitempty" validate:"max=200,unique,dive,required,text,max=200"` // it uses; none: all
	Regions       []string          `bun:"regions,array" json:"regions,omitempty" validate:"max=200,unique,dive,required,text,max=200"`
	Contacts      []CustomerContact `bun:"contacts,type:jsonb" json:"contacts" validate:"required,min=1,max=50,dive"`
	From          *registry.Date    `bun:"starts_on,type:date" json:"from,omitempty"`
	Until         *registry.Date    `bun:"ends_on,type:date" json:"until,omitempty" validate:"omitempty,not_before=From"`
	Notes         string            `bun:"notes" json:"notes,omitempty" validate:"text,max=10000"`
}

// CustomerContact is a person or desk at the customer to whom notices go. It is in no entry of the log.
type CustomerContact struct {
	Email    string `json:"email" validate:"required,email,max=254"`
	Name     string `json:"name,omitempty" validate:"text,max=200"`
	Position string `json:"position,omitempty" validate:"text,max=200"`
}

// Customer is a customer, as it now stands.
type Customer struct {
	bun.BaseModel `bun:"table:customers" json:"-"`

	ID        uuid.UUID `bun:"id,pk,type:uuid" json:"id"`
	Version   int64     `bun:"version" json:"version"`
	CreatedAt time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time `bun:"updated_at" json:"updated_at"`
	CustomerFields
	Search string `bun:"search" json:"-"`
}

// Uses says whether a change of a line that is for products in regions concerns the customer on a day: its contract has not ended before then, and
// it uses one of the products and is in one of the regions. Who names none, on either side, means all of them. Case, width and
// accents do not count.
func (c Customer) Uses(products, regions []string, day registry.Date) bool {
	return (c.Until == nil || !c.Until.Before(day)) && meet(c.Products, products) && meet(c.Regions, regions)
}

func meet(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return slices.ContainsFunc(a, func(x string) bool { return contains(b, x) })
}

func contains(list []string, x string) bool {
	return slices.ContainsFunc(list, func(y string) bool { return registry.Fold(y) == registry.Fold(x) })
}

// check tidies and validates the fields. Calendars, products and regions that they name must be those that exist and that the settings offer: a
// customer whose product is misspelt would never be told.
func (f *CustomerFields) check(s Settings, calendars []string) error {
	registry.Tidy(f)
	registry.Absent(&f.Products)
	registry.Absent(&f.Regions)
	registry.Absent(&f.Contacts)
	if err := registry.Validate(*f); err != nil {
		return err
	}
	bad := append(checkClock("/notice", f.Notice, calendars), checkClock("/objection", f.Objection, calendars)...)
	bad = append(bad, offered("/products", f.Products, s.Products)...)
	bad = append(bad, offered("/regions", f.Regions, s.Regions)...)
	for i, contact := range f.Contacts {
		same := func(o CustomerContact) bool { return strings.EqualFold(o.Email, contact.Email) }
		if slices.IndexFunc(f.Contacts, same) < i {
			bad = append(bad, registry.Field{Pointer: fmt.Sprintf("/contacts/%d/email", i), Sentence: "must not be that of another contact"})
		}
	}
	return refuseFields(bad)
}

// offered are the items of a list that the settings do not offer; settings that offer none restrict nothing.
func offered(at string, chosen, offers []string) (bad []registry.Field) {
	for i, x := range chosen {
		if len(offers) > 0 && !contains(offers, x) {
			bad = append(bad, registry.Field{
				Pointer: fmt.Sprintf("%s/%d", at, i), Sentence: "must be one that the settings offer: " + strings.Join(offers, ", "),
			})
		}
	}
	return bad
}
