package policy

import (
	"slices"
	"time"
)

// ConsentFrom is since when people could consent to a purpose of the version that is effective at t (P-01): since the publication of the first
// of the versions that have had it without a break until then. A consent from before is to something else. It is false where that
// version has no such purpose.
func ConsentFrom(versions []Version, purpose string, t time.Time) (time.Time, bool) {
	begun := make([]*Version, 0, len(versions))
	for i := range versions {
		if !versions[i].Effective().After(t) {
			begun = append(begun, &versions[i])
		}
	}
	slices.SortStableFunc(begun, func(a, b *Version) int { return a.Effective().Compare(b.Effective()) })
	var first *Version
	for _, v := range slices.Backward(begun) {
		if v.Purpose(purpose) == nil {
			break
		}
		first = v
	}
	if first == nil {
		return time.Time{}, false
	}
	return first.Published(), true
}
