package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// VendorTerms is what a vendor is bound to at an instant, over all contracts in force: of each term the strictest.
type VendorTerms struct {
	VendorID           uuid.UUID `json:"vendor_id"`
	At                 time.Time `json:"at"`
	BreachNoticeHours  *int      `json:"breach_notice_hours,omitempty"`   // it tells us of a breach within so many hours; absent where no contract says
	ReturnOrDeleteDays *int      `json:"return_or_delete_days,omitempty"` // after the end of the contract
	AuditRight         bool      `json:"audit_right"`                     // whether any contract lets us audit
	Contracts          []Terms   `json:"contracts"`                       // in force, in the order of their creation
}

// Terms is what one contract in force says. They stand in the contract itself or, where TermsID is another, in its amendment.
type Terms struct {
	ContractID         uuid.UUID   `json:"contract_id"`
	TermsID            uuid.UUID   `json:"terms_id"`
	Kind               string      `json:"kind"`
	Title              string      `json:"title,omitempty"`
	LastDay            *Date       `json:"last_day,omitempty"` // by its own dates; absent where none is known
	BreachNoticeHours  *int        `json:"breach_notice_hours,omitempty"`
	ReturnOrDeleteDays *int        `json:"return_or_delete_days,omitempty"`
	AuditRight         *bool       `json:"audit_right,omitempty"`
	OnwardTransfer     string      `json:"onward_transfer,omitempty"`
	Commercial         *Commercial `json:"commercial,omitempty"`
}

// VendorTerms works out what the vendor is bound to at an instant, by what is recorded now. NotFound where there is no such vendor.
func (r *Registry) VendorTerms(ctx context.Context, vendor uuid.UUID, at time.Time) (VendorTerms, error) {
	all, err := readContracts(ctx, r.db, vendor)
	if err != nil {
		return VendorTerms{}, err
	}
	if len(all) == 0 {
		if err := exists(ctx, r.db, vendorKind, vendor); err != nil {
			return VendorTerms{}, err
		}
	}
	v := VendorTerms{VendorID: vendor, At: at.UTC(), Contracts: []Terms{}}
	for i := range all {
		if all[i].AmendsID != nil {
			continue
		}
		if terms := TermsAt(all[i], all, at); terms.InForceAt(at) {
			v.add(all[i].ID, terms)
		}
	}
	return v, nil
}

func (v *VendorTerms) add(original uuid.UUID, c Contract) {
	v.Contracts = append(v.Contracts, Terms{
		ContractID: original, TermsID: c.ID, Kind: c.Kind, Title: c.Title, LastDay: c.LastDay(), BreachNoticeHours: c.BreachNoticeHours,
		ReturnOrDeleteDays: c.ReturnOrDeleteDays, AuditRight: c.AuditRight, OnwardTransfer: c.OnwardTransfer, Commercial: c.Commercial,
	})
	v.BreachNoticeHours = least(v.BreachNoticeHours, c.BreachNoticeHours)
	v.ReturnOrDeleteDays = least(v.ReturnOrDeleteDays, c.ReturnOrDeleteDays)
	v.AuditRight = v.AuditRight || c.AuditRight != nil && *c.AuditRight
}

// least is the smaller of two numbers that may be absent.
func least(a, b *int) *int {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

// byCreation orders contracts.
func byCreation(all []Contract) {
	slices.SortFunc(all, func(a, b Contract) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID.String(), b.ID.String())
	})
}
