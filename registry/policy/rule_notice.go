package policy

import (
	"fmt"
	"slices"
)

// otherPeople is the category of P-03.
const otherPeople = "OTHER_PEOPLE"

// art14NoticeMissing: people whose data others gave are told of it at the latest when it is first disclosed (P-03; Article 14(3)(c) GDPR). What
// the law demands is excepted (Article 14(5)(c)).
func art14NoticeMissing(s *Share, _ *Facts) []string {
	if s.Ground == legalProcess || !slices.Contains(s.Categories, otherPeople) {
		return nil
	}
	return objectIf(s.InformedAt.IsZero() || s.InformedAt.After(s.OccurredAt), "")
}

// secondPersonMissing: what we believe necessary to disclose, two people decide (P-18). What was disclosed already is not asked for it: it is
// on record by its instrument.
func secondPersonMissing(s *Share, f *Facts) []string {
	return objectIf(s.Ground == legalProcess && s.Intended && !f.Confirmed, "")
}

// approvalsMissing: what the policy wants several people to decide, as many have approved before: the vendor, and the engagement as it stands
// (P-18). Under legal process those two who decide on the disclosure count, and until there are two, that is said instead.
func approvalsMissing(s *Share, f *Facts) []string {
	needed := ApprovalsNeeded(s, f)
	if needed == 0 || (s.Ground == legalProcess && (!s.Intended || !f.Confirmed)) {
		return nil
	}
	people := slices.Clone(f.Vendor.Approvers)
	if s.Ground == legalProcess {
		people = append(people, f.Deciders...)
	}
	if f.Engagement != nil {
		people = append(people, f.Engagement.Approvers...)
	}
	slices.Sort(people)
	have := len(slices.Compact(people))
	if s.Ground == legalProcess {
		have = max(have, 2) // two have confirmed it, whoever they are
	}
	return objectIf(have < needed, fmt.Sprintf("%d of %d", have, needed))
}
