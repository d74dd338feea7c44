package publishing

import (
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// turns are the instants at which what is shown of a vendor can change, up to t and after it, each in order. Those after t are of records
// that were known at t.
func turns(d registry.Dossier, t time.Time) (past, future []time.Time) {
	var all []time.Time
	add := func(recorded, effective time.Time, from, until *registry.Date) {
		if recorded.After(t) {
			return
		}
		all = append(all, recorded.UTC())
		if effective.After(recorded) {
			all = append(all, effective.UTC())
		}
		if from != nil {
			all = append(all, from.Start(time.UTC))
		}
		if until != nil {
			all = append(all, until.End(time.UTC))
		}
	}
	vendor := func(versions []registry.Recorded[registry.Vendor]) {
		for _, v := range versions {
			add(v.RecordedAt, v.EffectiveAt, nil, nil)
			add(v.RecordedAt, v.Value.StateSince, nil, nil)
			for _, name := range v.Value.OtherNames {
				add(v.RecordedAt, v.EffectiveAt, name.From, nil)
			}
		}
	}
	vendor(d.Vendor)
	for _, id := range heirs(d) {
		vendor(d.Lineage[id])
	}
	for _, versions := range d.Engagements {
		for _, v := range versions {
			add(v.RecordedAt, v.EffectiveAt, v.Value.From, v.Value.Until)
		}
	}
	for _, versions := range d.Locations {
		for _, v := range versions {
			add(v.RecordedAt, v.EffectiveAt, v.Value.From, v.Value.Until)
			if v.Value.Transfer != nil {
				add(v.RecordedAt, v.EffectiveAt, v.Value.Transfer.From, v.Value.Transfer.Until)
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	all = slices.CompactFunc(all, time.Time.Equal)
	now, _ := slices.BinarySearchFunc(all, t.Add(1), time.Time.Compare)
	return all[:now], all[now:]
}

// recordedBy is what was known at t of what the list shows.
func recordedBy(d registry.Dossier, t time.Time) registry.Dossier {
	return registry.Dossier{
		Vendor:      known(d.Vendor, t),
		Engagements: eachKnown(d.Engagements, t),
		Locations:   eachKnown(d.Locations, t),
		Lineage:     eachKnown(d.Lineage, t),
	}
}

func known[T any](versions []registry.Recorded[T], t time.Time) []registry.Recorded[T] {
	end := slices.IndexFunc(versions, func(v registry.Recorded[T]) bool { return v.RecordedAt.After(t) })
	if end < 0 {
		return versions
	}
	return versions[:end]
}

func eachKnown[T any](records map[uuid.UUID][]registry.Recorded[T], t time.Time) map[uuid.UUID][]registry.Recorded[T] {
	all := make(map[uuid.UUID][]registry.Recorded[T], len(records))
	for id, versions := range records {
		all[id] = known(versions, t)
	}
	return all
}

func same(x, y []Entry) bool { return reflect.DeepEqual(x, y) }
