package publishing

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// heirAt is the vendor under whose name the list shows, at t, what this one does: itself, or what it has become a part of. So a merger
// shows one vendor, and nobody's service leaves the list by it.
func heirAt(d registry.Dossier, v registry.Vendor, t time.Time) registry.Vendor {
	for range len(d.Lineage) {
		if v.MergedIntoID == nil {
			break
		}
		next, ok := holding(d.Lineage[*v.MergedIntoID], t)
		if !ok {
			break
		}
		v = next
	}
	return v
}

// heirs are all that the vendor was ever merged into, directly or not.
func heirs(d registry.Dossier) []uuid.UUID {
	var all []uuid.UUID
	gather := func(versions []registry.Recorded[registry.Vendor]) {
		for _, v := range versions {
			if into := v.Value.MergedIntoID; into != nil && !slices.Contains(all, *into) {
				all = append(all, *into)
			}
		}
	}
	gather(d.Vendor)
	for i := 0; i < len(all); i++ { //nolint:intrange // gather makes it longer
		gather(d.Lineage[all[i]])
	}
	return all
}

// also adds more names, but for the vendor's own and those that are there.
func also(names []string, own string, more ...string) []string {
	names = slices.Clip(names)
	for _, name := range more {
		if name != own && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
