package registry

import (
	"cmp"
	"reflect"
	"slices"
)

// LooserThan says whether data may go further at the location than at the location as it was seen: to another place or for another use, for longer,
// or by another mechanism. A location that ends sooner is not looser.
func (l Location) LooserThan(seen Location) bool {
	switch {
	case l.Place != seen.Place, l.AppliesTo != seen.AppliesTo, widens(l.Uses, seen.Uses):
		return true
	case starts(l.From, seen.From), ends(l.Until, seen.Until):
		return true
	case l.Transfer == nil || seen.Transfer == nil:
		return l.Transfer != seen.Transfer
	}
	now, then := *l.Transfer, *seen.Transfer
	for _, t := range []*Transfer{&now, &then} { // how often it was looked at says nothing of what carries it
		t.AssessedOn, t.ReviewOn, t.Reference = nil, nil, ""
	}
	return !reflect.DeepEqual(now, then)
}

// LooserThan says whether the contract's terms bind the vendor less than the terms that were seen: another kind of contract, a clause or the document
// gone or replaced, more that is permitted, or more time. How long the contract itself runs is no term of that sort.
func (c Contract) LooserThan(seen Contract) bool {
	for _, clause := range seen.Clauses {
		if !slices.ContainsFunc(c.Clauses, func(o Clause) bool { return o.Code == clause.Code }) {
			return true
		}
	}
	switch {
	case c.Kind != seen.Kind, permits(c.PermittedPurposes, seen.PermittedPurposes), permits(c.PermittedCategories, seen.PermittedCategories),
		permits(c.PermittedCountries, seen.PermittedCountries):
		return true
	case onwardRank(c.OnwardTransfer) > onwardRank(seen.OnwardTransfer), more(c.BreachNoticeHours, seen.BreachNoticeHours),
		more(c.ReturnOrDeleteDays, seen.ReturnOrDeleteDays):
		return true
	case seen.AuditRight != nil && *seen.AuditRight && (c.AuditRight == nil || !*c.AuditRight):
		return true
	case seen.Document != nil && (c.Document == nil || c.Document.SHA256 != seen.Document.SHA256):
		return true
	case seen.Commercial == nil:
		return false // leads were not bounded by it before
	case c.Commercial == nil:
		return len(seen.Commercial.Territory)+len(seen.Commercial.Leads) > 0
	}
	return bounds(c.Commercial.Territory, seen.Commercial.Territory) || bounds(c.Commercial.Leads, seen.Commercial.Leads)
}

// widens says whether a list has what another has not.
func widens(now, then []string) bool {
	return slices.ContainsFunc(now, func(one string) bool { return !slices.Contains(then, one) })
}

// permits says whether a list permits more than another did, where an absent one permits all.
func permits(now, then []string) bool { return then != nil && (now == nil || widens(now, then)) }

// bounds says whether a list bounds less than another did, where an empty one bounds nothing.
func bounds(now, then []string) bool { return len(then) > 0 && (len(now) == 0 || widens(now, then)) }

// more says whether a number is greater than another was; one that is absent is without bound.
func more(now, then *int) bool { return then != nil && (now == nil || *now > *then) }

// starts says whether a first day is before another was; an absent one is before all.
func starts(now, then *Date) bool { return then != nil && (now == nil || now.Before(*then)) }

// ends says whether a last day is after another was; an absent one is after all.
func ends(now, then *Date) bool { return then != nil && (now == nil || then.Before(*now)) }

// onwardRank orders how freely a vendor may hand data on; where the contract does not say, nothing keeps it.
func onwardRank(word string) int {
	return slices.Index([]string{"prohibited", "with_consent", "with_notice", "permitted"}, cmp.Or(word, "permitted"))
}
