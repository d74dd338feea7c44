package policy

import "slices"

// policyNotInForce: new terms bind from their effective day only, and before the first version nothing is permitted (P-32).
func policyNotInForce(_ *Share, f *Facts) []string { return objectIf(f.Policy == nil, "") }

// purpose is the share's purpose; nil where no policy is in force or it has no such purpose.
func (s *Share) purpose(f *Facts) *Purpose {
	switch {
	case f.Policy == nil:
		return nil
	case f.weighed == s:
		return f.purpose
	default:
		return f.Policy.Purpose(s.Purpose)
	}
}

// purposeNotInPolicy: the list of purposes is closed (P-05).
func purposeNotInPolicy(s *Share, f *Facts) []string {
	return objectIf(f.Policy != nil && s.purpose(f) == nil, s.Purpose)
}

// categoryNotInPolicy: the list of categories is closed (P-02).
func categoryNotInPolicy(s *Share, f *Facts) []string {
	if f.Policy == nil {
		return nil
	}
	return each(s.Categories, func(c string) bool { return f.Policy.Category(c) == nil })
}

// categoryPurposeMismatch: some data was gathered for some purposes only; server logs, for the running of the site (P-04).
func categoryPurposeMismatch(s *Share, f *Facts) []string {
	if s.purpose(f) == nil {
		return nil
	}
	return each(s.Categories, func(code string) bool {
		c := f.Policy.Category(code)
		return c != nil && len(c.Purposes) > 0 && !slices.Contains(c.Purposes, s.Purpose)
	})
}

// channelNotAllowed: data is protected on its way; payment data does not go by plain mail (P-20).
func channelNotAllowed(s *Share, f *Facts) []string {
	if f.Policy == nil || s.Channel == "" {
		return nil
	}
	return each(s.Categories, func(code string) bool {
		c := f.Policy.Category(code)
		return c != nil && slices.Contains(c.NotBy, s.Channel)
	})
}

// beforeAny stands for a policy in a reason where none was in effect that we know of.
const beforeAny = "none"

// needsConsent: who gave data agreed to the policy of that day. A purpose that only a later version has needs an explicit consent; using the
// service on is none (P-01).
func needsConsent(s *Share, f *Facts) []string {
	if f.Consented {
		return nil
	}
	return consentWanted(s, f)
}

// consentWanted is what needsConsent objects to where nobody consented.
func consentWanted(s *Share, f *Facts) []string {
	switch {
	case s.CollectedAt.IsZero() || s.purpose(f) == nil:
		return nil
	case f.Collected == nil:
		return []string{beforeAny}
	default:
		return objectIf(f.Collected.Purpose(s.Purpose) == nil, f.Collected.Name)
	}
}
