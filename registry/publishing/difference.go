package publishing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// What becomes of a line of the list.
const (
	LineAdded   = "added"
	LineRemoved = "removed"
	LineChanged = "changed"
)

// LineDifference is what became of one line between two lists.
type LineDifference struct {
	EngagementID string            `json:"id"`
	Vendor       string            `json:"vendor"`  // its name: after, or where the line is removed, before
	Service      string            `json:"service"` // likewise
	What         string            `json:"what"`    // added, removed or changed
	Fields       []FieldDifference `json:"fields,omitempty"`
}

// FieldDifference is a public field before and after; one of the two is absent where the field was.
type FieldDifference struct {
	Field  string          `json:"field"` // as the list's JSON names it
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// Differences are what became of the lines of before in after: field by field, in the order of the lines of after, then of those that are gone.
func Differences(before, after []Entry) ([]LineDifference, error) {
	old := make(map[string]Entry, len(before))
	for _, e := range before {
		old[e.ID] = e
	}
	all := []LineDifference{}
	for _, e := range after {
		was, there := old[e.ID]
		delete(old, e.ID)
		if !there {
			all = append(all, LineDifference{EngagementID: e.ID, Vendor: e.Vendor, Service: e.Service, What: LineAdded})
			continue
		}
		fields, err := fieldDifferences(was, e)
		if err != nil {
			return nil, err
		}
		if len(fields) > 0 {
			all = append(all, LineDifference{EngagementID: e.ID, Vendor: e.Vendor, Service: e.Service, What: LineChanged, Fields: fields})
		}
	}
	for _, e := range before {
		if _, gone := old[e.ID]; gone {
			all = append(all, LineDifference{EngagementID: e.ID, Vendor: e.Vendor, Service: e.Service, What: LineRemoved})
		}
	}
	return all, nil
}

func fieldDifferences(before, after Entry) ([]FieldDifference, error) {
	old, err := members(before)
	if err != nil {
		return nil, err
	}
	now, err := members(after)
	if err != nil {
		return nil, err
	}
	var all []FieldDifference
	for _, name := range entryFields {
		if !bytes.Equal(old[name], now[name]) {
			all = append(all, FieldDifference{Field: name, Before: old[name], After: now[name]})
		}
	}
	return all, nil
}

// entryFields are the members of an entry's JSON, in the order in which a difference names them.
var entryFields = []string{
	"vendor", "legal_name", "other_names", "kinds", "country", "address", "website", "privacy_notice", "subprocessor_list", "certifications", "contacts",
	"service", "products", "purposes", "categories", "data", "data_subjects", "condition", "duration", "from", "until", "leaving", "locations",
}

func members(e Entry) (map[string]json.RawMessage, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("write a line of the list: %w", err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("read a line of the list: %w", err)
	}
	return all, nil
}

// kindOf is what sort of change makes these differences: the one that customers care about most, where it makes several.
func kindOf(all []LineDifference) string {
	var added, removed bool
	fields := map[string]bool{}
	for _, d := range all {
		added, removed = added || d.What == LineAdded, removed || d.What == LineRemoved
		for _, f := range d.Fields {
			fields[f.Field] = true
		}
	}
	removed = removed || fields["leaving"] || fields["until"]
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return fields[n] })
	}
	switch {
	case added && removed:
		return KindReplace
	case added:
		return KindAdd
	case removed:
		return KindRemove
	case has("locations", "country"):
		return KindPlace
	case has("purposes", "service"):
		return KindPurpose
	case has("categories", "data", "data_subjects"):
		return KindCategories
	case has("vendor", "legal_name", "other_names"):
		return KindName
	default:
		return KindOther
	}
}
