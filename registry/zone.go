package registry

import (
	"sync"
	"time"
	// Zones are known on machines that have none installed.
	_ "time/tzdata"
)

var zones sync.Map // name → *time.Location

// zoneOf is the IANA zone of that name; UTC where there is none.
func zoneOf(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	if name[0] < 'A' || name[0] > 'Z' || name == "Local" {
		return nil, Refuse(Invalid, "There is no time zone %s.", shown(name))
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	zones.Store(name, zone)
	return zone, nil
}
