package policy

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
)

// seed is the policy of 15 October 2018 as data; its labels are ours. Its text names no zone for the day on which it takes effect, and
// none is guessed from where the company sat: the day is counted in UTC. Advertising is for where it is allowable (P-15), and the text names no
// place: the list has the one country of which federal law asked no consent beforehand. Whoever relies on it has a lawyer check it, and
// names more or fewer in a version of their own.
//
//go:embed seed.json
var seed []byte

var shipped = sync.OnceValue(func() []Version {
	var v Version
	if err := json.Unmarshal(seed, &v); err != nil {
		panic("seed.json: " + err.Error())
	}
	var err error
	if v.EffectiveAt, err = v.start(); err != nil {
		panic("seed.json: " + err.Error())
	}
	return []Version{v}
})

// Shipped are the versions that come with the program, oldest first. What they hold is shared: it is for reading only.
func Shipped() []Version { return slices.Clone(shipped()) }
