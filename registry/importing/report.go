package importing

import (
	"github.com/google/uuid"

	"onward/registry"
)

// Report is what an import did, or would do, for each row.
type Report struct {
	// DryRun is true when nothing was written.
	DryRun  bool    `json:"dry_run"`
	Rows    int     `json:"rows"`
	Refused int     `json:"refused_rows"`
	Totals  []Tally `json:"totals"`
	Lines   []*Line `json:"lines"`
}

// Tally counts the outcomes of one sort of record.
type Tally struct {
	What    What `json:"what"`
	Created int  `json:"created"`
	Changed int  `json:"changed"`
	Left    int  `json:"left_alone"`
	Refused int  `json:"refused"`
}

// What is the sort of record that a line is about.
type What string

// What a row speaks of. StateMove is a vendor's way to the state that was asked for.
const (
	Vendor     What = "vendor"
	Engagement What = "engagement"
	Location   What = "location"
	StateMove  What = "state"
)

// Outcome is what became of what a row states.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Changed   Outcome = "changed"
	LeftAlone Outcome = "left_alone"
	Refused   Outcome = "refused"
)

// Line is what became of one thing that one row states.
type Line struct {
	Row     string  `json:"row"`
	What    What    `json:"what"`
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
	// ID is the record's; absent in a dry run for what does not exist.
	ID *uuid.UUID `json:"id,omitempty"`
	// Changes are the fields that changed.
	Changes []registry.Difference `json:"changes,omitempty"`
	// Kept are fields that the row states otherwise than an earlier row: Before is what was kept, After what this row states.
	Kept []registry.Difference `json:"kept,omitempty"`
	// Reasons are why it was refused.
	Reasons []registry.Field `json:"reasons,omitempty"`
	// Notes say how the source was understood.
	Notes []string `json:"notes,omitempty"`

	order int // of the row in the file
}

// count fills in the totals.
func (r *Report) count() {
	places := map[string]bool{}
	for _, what := range []What{Vendor, Engagement, Location, StateMove} {
		t := Tally{What: what}
		for _, l := range r.Lines {
			if l.What != what {
				continue
			}
			switch l.Outcome {
			case Created:
				t.Created++
			case Changed:
				t.Changed++
			case LeftAlone:
				t.Left++
			case Refused:
				t.Refused++
				places[l.Row] = true
			}
		}
		r.Totals = append(r.Totals, t)
	}
	r.Refused = len(places)
}

// Count is how often the outcome came about, over all sorts of records.
func (r Report) Count(o Outcome) int {
	n := 0
	for _, l := range r.Lines {
		if l.Outcome == o {
			n++
		}
	}
	return n
}

// refuse makes the line refused; with no reasons of its own it says why by note.
func (l *Line) refuse(reasons []registry.Field, note string) {
	l.Outcome, l.Changes, l.Reasons = Refused, nil, reasons
	if note != "" {
		l.Notes = append(l.Notes, note)
	}
}
