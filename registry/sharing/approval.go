package sharing

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// asSeen says whether nothing that stands at t is looser than what was seen by who approved (P-18): each place was seen and is as it was, or
// stricter; and each contract in force is as strict as it was seen or, where it was not there yet, as one of its kind that was. What was recorded after t takes nothing from an approval at t.
func (e *engagement) asSeen(a registry.Approval, t time.Time) bool {
	for _, versions := range e.locations {
		l, ok := registry.InForce(versions, t)
		if !ok || versions[0].EffectiveAt.After(t) || l.EngagementID != e.id || !registry.Within(t, l.From, l.Until, time.UTC) {
			continue
		}
		seen, ok := registry.Saw(a, "location", l.ID, versions, func(l registry.Location) int64 { return l.Version })
		if !ok || l.LooserThan(seen) {
			return false
		}
	}
	for i := range e.contracts {
		stood, ok := e.contracts[i].at(t)
		if ok && !e.contracts[i].versions[0].EffectiveAt.After(t) && stood.terms.InForceAt(t) && !e.agreed(a, stood.terms) {
			return false
		}
	}
	return true
}

// agreed says whether who approved saw the terms, or such as bind no more.
func (e *engagement) agreed(a registry.Approval, terms *registry.Contract) bool {
	seen := func(id uuid.UUID, versions []registry.Recorded[registry.Contract]) (registry.Contract, bool) {
		return registry.Saw(a, "contract", id, versions, func(c registry.Contract) int64 { return c.Version })
	}
	var others []registry.Contract
	for i := range e.contracts {
		c := &e.contracts[i]
		for _, versions := range append([][]registry.Recorded[registry.Contract]{c.versions}, c.amendments...) {
			id := versions[0].Value.ID
			was, ok := seen(id, versions)
			switch {
			case ok && id == terms.ID:
				return !terms.LooserThan(was)
			case ok:
				others = append(others, was)
			}
		}
	}
	return slices.ContainsFunc(others, func(was registry.Contract) bool { return !terms.LooserThan(was) })
}
