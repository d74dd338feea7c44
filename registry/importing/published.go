package importing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"onward/registry"
)

// published is a row of a published list. Absent members are not stated.
type published struct {
	ID                 string              `json:"id"`
	EntityName         string              `json:"entity_name"`
	RecipientKind      string              `json:"recipient_kind"`
	Purpose            string              `json:"purpose"`
	Locations          []publishedLocation `json:"processing_locations"`
	EntityCountry      string              `json:"entity_country"`
	DataCategories     json.RawMessage     `json:"data_categories"` // a list, or an object of lists by class
	DataSubjects       []string            `json:"data_subjects"`
	ProductScope       string              `json:"product_scope"` // several are separated by ";"
	Notes              string              `json:"notes"`
	Address            string              `json:"address"`
	Duration           string              `json:"duration"`
	OnwardListURL      string              `json:"onward_list_url"`
	TransferMechanism  string              `json:"transfer_mechanism"`
	RegistrationNumber string              `json:"registration_number"`
	Certifications     []string            `json:"certifications"`
	Status             string              `json:"status"` // absent, current or removed
	RemovedOn          *registry.Date      `json:"removed_on"`
	ChangeHistory      []publishedChange   `json:"change_history"`
	ListedBy           string              `json:"listed_by"`
	Source             string              `json:"source"`
	AsOf               *registry.Date      `json:"as_of"`
}

type publishedLocation struct {
	Country   string `json:"country"` // ISO 3166-1 alpha-2
	Region    string `json:"region"`  // EEA, EU, varies …
	AppliesTo string `json:"applies_to"`
	Detail    string `json:"detail"`
	Note      string `json:"note"`
}

type publishedChange struct {
	Date     registry.Date `json:"date"`
	Event    string        `json:"event"`
	Field    string        `json:"field"`
	From     []string      `json:"from"`
	To       []string      `json:"to"`
	Replaces string        `json:"replaces"`
}

// readPublished reads the rows of a published list. "about" describes the file and "row_count" must be right.
func readPublished(text []byte, name string) ([]Row, error) {
	var file struct {
		About    string            `json:"about"`
		RowCount *int              `json:"row_count"`
		Rows     []json.RawMessage `json:"rows"`
	}
	if err := registry.Decode(text, &file); err != nil {
		return nil, about(name, err)
	}
	if n := len(file.Rows); file.RowCount != nil && *file.RowCount != n {
		return nil, registry.Refuse(registry.Malformed, "%s says that it has %d rows and has %d: it is not whole", name, *file.RowCount, n)
	}
	var rows []Row
	for i, raw := range file.Rows {
		r := Row{Place: fmt.Sprintf("/rows/%d", i)}
		var p published
		r.decode(raw, &p, "")
		r.take(p)
		rows = append(rows, r)
	}
	return rows, nil
}

// take keeps every fact of p in the record that it is about.
func (r *Row) take(p published) {
	r.setName(p.EntityName)
	r.Vendor.Kinds = kinds(p.RecipientKind)
	r.Vendor.Country = p.EntityCountry
	r.Vendor.Address = p.Address
	r.Vendor.Certifications = p.Certifications
	if p.RegistrationNumber != "" {
		r.setNumber("company_number", p.RegistrationNumber)
	}
	r.Engagement = &registry.EngagementFields{
		Service: p.Purpose, Products: values(p.ProductScope), DataStated: r.stated(p.DataCategories), DataSubjects: p.DataSubjects,
		Duration: p.Duration, OnwardList: p.OnwardListURL, Notes: p.Notes, ExternalID: p.ID,
		Source: &registry.Source{ListedBy: p.ListedBy, Source: p.Source, AsOf: p.AsOf, PublishedName: p.EntityName},
	}
	for _, c := range p.ChangeHistory {
		r.Engagement.EarlierChanges = append(r.Engagement.EarlierChanges,
			registry.EarlierChange{On: c.Date, Event: c.Event, Field: c.Field, From: c.From, To: c.To, Replaces: c.Replaces})
	}
	for i, l := range p.Locations {
		r.takeLocation(i, l)
	}
	r.setTransfer(p.TransferMechanism, "/transfer_mechanism")
	r.setRemoved(p.Status, p.RemovedOn)
}

func (r *Row) takeLocation(i int, p publishedLocation) {
	l := registry.LocationFields{Place: p.Country, AppliesTo: p.AppliesTo, Detail: p.Detail, Stated: p.Note}
	at := fmt.Sprintf("/processing_locations/%d", i)
	switch code, _, ok := place(p.Region); {
	case p.Country != "" && p.Region != "":
		r.bad(at, "gives both a country and a region")
	case p.Country == "" && !ok:
		r.bad(at+"/region", "%q is not a region that is known: EEA, EU, global or varies", p.Region)
	case p.Country == "":
		l.Place = code
		if !strings.EqualFold(p.Region, code) && !strings.Contains(strings.ToLower(p.Note), strings.ToLower(p.Region)) {
			l.Stated = strings.TrimSuffix(p.Region+": "+p.Note, ": ")
		}
	}
	r.Locations = append(r.Locations, l)
}

// stated reads personal data in the source's words: a list, or lists by class in their order.
func (r *Row) stated(raw json.RawMessage) []registry.StatedData {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var items []string
	if json.Unmarshal(raw, &items) == nil {
		return []registry.StatedData{{Items: items}}
	}
	classes := jsontext.NewDecoder(bytes.NewReader(raw))
	if t, err := classes.ReadToken(); err != nil || t.Kind() != '{' {
		r.bad("/data_categories", "must be a list, or an object of lists by class")
		return nil
	}
	var all []registry.StatedData
	for classes.PeekKind() == '"' {
		class, err := classes.ReadToken()
		if err != nil {
			break
		}
		d := registry.StatedData{Class: class.String()}
		items, err := classes.ReadValue()
		if err != nil || json.Unmarshal(items, &d.Items) != nil {
			r.bad("/data_categories/"+escape(d.Class), "must be a list of texts")
		}
		all = append(all, d)
	}
	return all
}

// setRemoved ends the engagement on the day before its removal, and keeps the removal itself as a change of the source's.
func (r *Row) setRemoved(status string, on *registry.Date) {
	switch {
	case status != "" && status != "current" && status != "removed":
		r.bad("/status", "%q is neither current nor removed", status)
	case status == "removed" && on == nil:
		r.bad("/removed_on", "a removed row needs the day of its removal")
	case status == "current" && on != nil:
		r.bad("/removed_on", "a current row has no day of removal")
	case on != nil:
		last := registry.DateOf(on.Start(time.UTC).AddDate(0, 0, -1))
		if e := r.engagement(); e.Until == nil {
			e.Until = &last
			r.note("removed on %s: the engagement's last day is %s", on, last)
		}
		r.Engagement.EarlierChanges = append(r.Engagement.EarlierChanges, registry.EarlierChange{On: *on, Event: "removed"})
	}
}
