package registry

import (
	"math/big"
	"time"
)

// Ownership is who owned how much of a vendor, on which days, and what shows it (P-08). Days are counted in UTC; both belong to it whole.
type Ownership struct {
	Owner    string `json:"owner" validate:"required,text,max=300"`
	InGroup  bool   `json:"in_group"` // the owner is our company, or one of its group
	Percent  string `json:"percent" validate:"required,percent"`
	From     *Date  `json:"from,omitempty"`
	Until    *Date  `json:"until,omitempty" validate:"omitempty,not_before=From"`
	Evidence string `json:"evidence" validate:"required,text,max=500"` // such as an extract of a register, and its date
}

var (
	half  = big.NewRat(50, 1)
	whole = big.NewRat(100, 1)
)

// AffiliatedAt tells whether more than half of the vendor was owned within our group on the day of t: half of it controls nothing. Without
// evidence of ownership it is no affiliate.
func (f VendorFields) AffiliatedAt(t time.Time) bool {
	return f.owned(t, func(o Ownership) bool { return o.InGroup }).Cmp(half) > 0
}

// owned is how many percent of the vendor those owners had at t.
func (f VendorFields) owned(t time.Time, of func(Ownership) bool) *big.Rat {
	sum := new(big.Rat)
	for _, o := range f.Ownership {
		if share, ok := new(big.Rat).SetString(o.Percent); ok && of(o) && Within(t, o.From, o.Until, time.UTC) {
			sum.Add(sum, share)
		}
	}
	return sum
}

// checkOwnership refuses (Invalid) more than the whole on one day.
func (f VendorFields) checkOwnership() error {
	all := func(Ownership) bool { return true }
	for _, o := range f.Ownership {
		first := time.Time{}
		if o.From != nil {
			first = o.From.Start(time.UTC)
		}
		if f.owned(first, all).Cmp(whole) > 0 {
			return InvalidField("/ownership", "adds up to more than 100 percent on one day")
		}
	}
	return nil
}
