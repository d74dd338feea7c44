package policy

import "slices"

// needsEngagement tells whether a kind of the vendor that the ground speaks of needs an engagement: all but those who demand data by law.
func needsEngagement(s *Share, f *Facts) bool {
	return wants(s, f, func(d *demand) bool { return d.engagement })
}

// engagementMissing: somebody who works for us does so under an engagement that says for what (P-12).
func engagementMissing(s *Share, f *Facts) []string {
	return objectIf(f.Engagement == nil && needsEngagement(s, f), "")
}

// engagementNotInForce: an engagement permits from its first day to its last (P-12).
func engagementNotInForce(s *Share, f *Facts) []string {
	if f.Engagement == nil || f.Engagement.InForce || !needsEngagement(s, f) {
		return nil
	}
	return []string{f.Engagement.ID}
}

// purposeNotInEngagement: data that was given for one purpose is not used for another (P-12).
func purposeNotInEngagement(s *Share, f *Facts) []string {
	if f.Engagement == nil || !needsEngagement(s, f) || s.purpose(f) == nil {
		return nil
	}
	return objectIf(!slices.Contains(f.Engagement.Purposes, s.Purpose), s.Purpose)
}

// categoryNotInEngagement: an engagement gets the data that it needs and no other (P-12).
func categoryNotInEngagement(s *Share, f *Facts) []string {
	if f.Engagement == nil || !needsEngagement(s, f) {
		return nil
	}
	return each(s.Categories, func(c string) bool {
		return f.Policy.Category(c) != nil && !slices.Contains(f.Engagement.Categories, c)
	})
}
