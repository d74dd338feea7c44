package policy

import "slices"

// otherPeople is the category of P-03.
const otherPeople = "OTHER_PEOPLE"

// art14NoticeMissing: people whose data others gave are told of it at the latest when it is first disclosed (P-03; Article 14(3)(c) GDPR). What
// the law demands is excepted (Article 14(5)(c)).
func art14NoticeMissing(s Share, _ Facts) []string {
	if s.Ground == legalProcess || !slices.Contains(s.Categories, otherPeople) {
		return nil
	}
	return objectIf(s.InformedAt.IsZero() || s.InformedAt.After(s.OccurredAt), "")
}

// secondPersonMissing: what we believe necessary to disclose, two people decide (P-18). What was disclosed already is not asked for it: it is
// on record by its instrument.
func secondPersonMissing(s Share, f Facts) []string {
	return objectIf(s.Ground == legalProcess && s.Intended && !f.Confirmed, "")
}
