package registry

import (
	"cmp"
	"time"
)

// The states of a contract. They are computed, never stored.
const (
	ContractDraft      = "draft"      // not signed
	ContractSigned     = "signed"     // signed, and not begun
	ContractInForce    = "in_force"   // signed, begun and not ended
	ContractExpired    = "expired"    // its last day is over, and nothing renewed it
	ContractTerminated = "terminated" // the day on which it was terminated is over
)

// StatusAt is where the contract stands at t. Days begin and end in the contract's zone (UTC where it names none); the first and the last
// belong to it whole. A contract binds from the day on which it was signed, even where its terms reach back: before, it is a draft. Under
// auto-renewal the last day ends nothing; only a termination does.
func (c *Contract) StatusAt(t time.Time) string {
	zone := c.location()
	if c.SignedOn == nil || c.InForceFrom == nil || t.Before(c.SignedOn.Start(zone)) {
		return ContractDraft
	}
	terminated := c.TerminatedOn != nil && !t.Before(c.TerminatedOn.End(zone))
	expired := c.InForceUntil != nil && !c.AutoRenewal && !t.Before(c.InForceUntil.End(zone))
	switch {
	case expired && (!terminated || c.InForceUntil.Before(*c.TerminatedOn)):
		return ContractExpired
	case terminated:
		return ContractTerminated
	case t.Before(c.InForceFrom.Start(zone)):
		return ContractSigned
	default:
		return ContractInForce
	}
}

// LastDay is the last day on which the contract binds by its own dates; nil where none is known. Under auto-renewal only a termination ends it.
func (c *Contract) LastDay() *Date {
	last := c.TerminatedOn
	if c.InForceUntil != nil && !c.AutoRenewal && (last == nil || c.InForceUntil.Before(*last)) {
		last = c.InForceUntil
	}
	return last
}

// InForceAt says whether the contract, on its own dates, is in force at t. It does not look at amendments: see TermsAt.
func (c *Contract) InForceAt(t time.Time) bool { return c.StatusAt(t) == ContractInForce }

// TermsAt are the terms that stand at t: of the original and its amendments, those of the amendment that was signed and had begun, and began
// last (of two that began on one day, the one signed last, then the one recorded last); the original's before the first. An
// unsigned amendment supersedes nothing, nor does any while the original is a draft. Once begun, an amendment stands in place of the
// original with its own dates too; but the original's termination ends all of it.
func TermsAt(original Contract, amendments []Contract, t time.Time) Contract {
	all := make([]*Contract, len(amendments))
	for i := range amendments {
		all[i] = &amendments[i]
	}
	return *TermsOf(&original, all, t)
}

// TermsOf is TermsAt of contracts where they stand: the one of them whose terms these are, for reading only, or a copy of it that ends earlier.
func TermsOf(original *Contract, amendments []*Contract, t time.Time) *Contract {
	if original.StatusAt(t) == ContractDraft {
		return original
	}
	var last *Contract
	for _, a := range amendments {
		if a.AmendsID == nil || *a.AmendsID != original.ID || a.StatusAt(t) == ContractDraft || t.Before(a.InForceFrom.Start(a.location())) {
			continue
		}
		if last == nil || a.begunAfter(last) {
			last = a
		}
	}
	if last == nil {
		return original
	}
	if end := original.TerminatedOn; end != nil && (last.TerminatedOn == nil || end.Before(*last.TerminatedOn)) {
		ended := *last
		ended.TerminatedOn = end
		return &ended
	}
	return last
}

// begunAfter tells whether an amendment that has begun began after another: of two on one day, the one signed last, then the one recorded last.
func (c *Contract) begunAfter(o *Contract) bool {
	return cmp.Or(c.InForceFrom.compare(*o.InForceFrom), c.SignedOn.compare(*o.SignedOn), c.CreatedAt.Compare(o.CreatedAt)) > 0
}

// location is the zone in which the contract's days begin and end.
func (c *Contract) location() *time.Location {
	zone, err := zoneOf(c.Zone)
	if err != nil {
		return time.UTC // only a zone that exists is ever stored
	}
	return zone
}

// compare orders days.
func (d Date) compare(o Date) int { return d.Start(time.UTC).Compare(o.Start(time.UTC)) }
