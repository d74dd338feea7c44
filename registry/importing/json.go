package importing

import (
	"encoding/json"
	"errors"
	"fmt"

	"onward/registry"
)

// readJSON reads either JSON shape: a list of vendors, an object with "vendors", or one with "rows".
func readJSON(text []byte, name string) ([]Row, error) {
	var shape struct{ Vendors, Rows json.RawMessage }
	if json.Unmarshal(text, &shape) == nil && shape.Rows != nil {
		return readPublished(text, name)
	}
	var file struct {
		Vendors []json.RawMessage `json:"vendors"`
	}
	at := "/vendors"
	var err error
	if json.Unmarshal(text, &file.Vendors) == nil {
		at = ""
	} else if err = registry.Decode(text, &file); err == nil && file.Vendors == nil {
		err = registry.Refuse(registry.Malformed, `It has neither "vendors" nor "rows".`)
	}
	if err != nil {
		return nil, about(name, err)
	}
	var rows []Row
	for i, v := range file.Vendors {
		rows = append(rows, readVendor(v, fmt.Sprintf("%s/%d", at, i))...)
	}
	return rows, nil
}

// about puts the file's name before a refusal's sentence.
func about(name string, err error) error {
	var r *registry.Refusal
	if errors.As(err, &r) {
		return &registry.Refusal{Kind: r.Kind, Sentence: name + ": " + r.Sentence, Fields: r.Fields}
	}
	return fmt.Errorf("reading %s: %w", name, err)
}

// readVendor is a row for each engagement of the vendor; one row for a vendor that has none or that cannot be read.
func readVendor(raw json.RawMessage, at string) []Row {
	var v struct {
		registry.VendorFields
		Engagements []json.RawMessage `json:"engagements"`
	}
	alone := Row{Place: at}
	alone.decode(raw, &v, "")
	if len(alone.Bad) > 0 {
		// What can be read is read all the same, so that everything wrong is named at once.
		_ = json.Unmarshal(raw, &v)
	}
	alone.Vendor = v.VendorFields
	var rows []Row
	for i, e := range v.Engagements {
		r := Row{Place: fmt.Sprintf("%s/engagements/%d", at, i), Vendor: alone.Vendor}
		r.readEngagement(e)
		rows = append(rows, r)
	}
	if len(alone.Bad) == 0 && len(rows) > 0 {
		return rows
	}
	for i, r := range rows {
		for _, f := range r.Bad {
			alone.bad(fmt.Sprintf("/engagements/%d%s", i, f.Pointer), "%s", f.Sentence)
		}
	}
	return []Row{alone}
}

func (r *Row) readEngagement(raw json.RawMessage) {
	var e struct {
		registry.EngagementFields
		Locations []json.RawMessage `json:"locations"`
	}
	r.decode(raw, &e, "")
	if len(r.Bad) > 0 {
		_ = json.Unmarshal(raw, &e) // as above
	}
	r.Engagement = &e.EngagementFields
	var said struct {
		Listed *bool `json:"listed"`
	}
	if json.Unmarshal(raw, &said) == nil {
		r.Listed = said.Listed
	}
	for i, raw := range e.Locations {
		var l registry.LocationFields
		r.decode(raw, &l, fmt.Sprintf("/locations/%d", i))
		r.Locations = append(r.Locations, l)
	}
}

// decode reads raw into the zero value into points to; everything that does not fit is a fault of the row, under the pointer at.
func (r *Row) decode(raw json.RawMessage, into any, at string) {
	err := registry.Decode(raw, into)
	var refusal *registry.Refusal
	switch {
	case err == nil:
	case errors.As(err, &refusal) && len(refusal.Fields) > 0:
		for _, f := range refusal.Fields {
			r.bad(at+f.Pointer, "%s", f.Sentence)
		}
	default:
		r.bad(at, "%s", err)
	}
}
