package policy

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// adequacyText is which countries' protection was found adequate, and since when certified companies in the United States may receive data. It
// lists what was decided and nothing else: whether a decision covers a certain transfer, and whether one has been suspended, annulled or
// joined by another since checked_on, a lawyer must check.
//
//go:embed adequacy.json
var adequacyText []byte

// adequacyTable is the file.
type adequacyTable struct {
	Source     string     `json:"source"`
	CheckedOn  string     `json:"checked_on"`
	Countries  []Adequacy `json:"countries"`
	Frameworks []Adequacy `json:"frameworks"`
}

// Adequacy is one decision, from its first day to its last, as UTC counts them; Until is empty where it names no last day.
type Adequacy struct {
	Place    string `json:"place,omitempty"` // of a country
	Name     string `json:"name,omitempty"`  // of a framework
	From     string `json:"from"`
	Until    string `json:"until,omitempty"`
	Decision string `json:"decision"`
	Only     string `json:"only,omitempty"` // what it is limited to, which no rule sees

	from, end time.Time // end is the first instant after the last day; zero where there is none
}

var adequacies = sync.OnceValue(func() adequacyTable {
	var t adequacyTable
	if err := json.Unmarshal(adequacyText, &t); err != nil {
		panic("adequacy.json: " + err.Error())
	}
	for _, list := range [][]Adequacy{t.Countries, t.Frameworks} {
		for i := range list {
			list[i].date()
		}
	}
	return t
})

func (a *Adequacy) date() {
	var err error
	if a.from, err = time.Parse(time.DateOnly, a.From); err != nil {
		panic("adequacy.json: " + err.Error())
	}
	if a.Until == "" {
		return
	}
	if a.end, err = time.Parse(time.DateOnly, a.Until); err != nil {
		panic("adequacy.json: " + err.Error())
	}
	a.end = a.end.AddDate(0, 0, 1)
}

func (a *Adequacy) holds(t time.Time) bool {
	return !t.Before(a.from) && (a.end.IsZero() || t.Before(a.end))
}

// Adequacies are the decisions on countries; the list is shared: it is for reading only.
func Adequacies() []Adequacy { return adequacies().Countries }

// adequate tells whether a decision found the country's protection adequate at t.
func adequate(country string, t time.Time) bool {
	return slices.ContainsFunc(adequacies().Countries, func(a Adequacy) bool { return a.Place == country && a.holds(t) })
}

// AdequateUntil is the first instant after the last day of the decision on a country that holds at t, or of the last that held before; zero
// where there is none, or it names no last day.
func AdequateUntil(country string, t time.Time) time.Time {
	var end time.Time
	for _, a := range adequacies().Countries {
		if a.Place == country && !t.Before(a.from) {
			end = a.end
		}
	}
	return end
}

// The frameworks by which companies in the United States that certified themselves may receive data. The decisions hold for those companies alone.
const (
	EUFramework    = "eu_us"
	UKFramework    = "uk_extension"
	SwissFramework = "swiss_us"
)

// FrameworkFor is the framework that data from origin needs at t; empty where none serves it.
func FrameworkFor(origin string, t time.Time) string {
	name := ""
	switch {
	case origin == "CH":
		name = SwissFramework
	case inArea(origin, t):
		name = EUFramework
	case origin == "GB":
		name = UKFramework
	}
	if slices.ContainsFunc(adequacies().Frameworks, func(a Adequacy) bool { return a.Name == name && a.holds(t) }) {
		return name
	}
	return ""
}
