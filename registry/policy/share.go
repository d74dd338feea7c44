package policy

import "time"

// Share is what somebody wants to give, in codes. It names at least one category and one country.
type Share struct {
	OccurredAt    time.Time
	Purpose       string
	Ground        string
	Categories    []string
	Countries     []string // where it goes
	Origin        string   // where it comes from; empty when not known: then every country is across a border
	Jurisdiction  string   // where the people are whose data it is; empty when it was not said
	Pseudonymised bool
	Intended      bool      // it has not happened yet
	InformedAt    time.Time // when people were told whose data others gave; zero when not said
	Channel       string    // how it goes; empty when not said
	// CollectedAt is when the data was collected; zero when not said.
	CollectedAt time.Time
	// DataOrigin is where the data came from: direct, third_party or combined; empty when not said.
	DataOrigin string
	// LeadCountry is where the lead is that is passed on, LeadKind what sort it is; both are empty where the share is of no lead.
	LeadCountry, LeadKind string
}
