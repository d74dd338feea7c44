package registry

import (
	"slices"
	"strings"
	"time"
)

// FrameworkStatus is what the list of the EU-US Data Privacy Framework said of a vendor on which days. Days are counted in UTC; both belong to it
// whole. Where two contradict each other, inactive holds.
type FrameworkStatus struct {
	Status     string   `json:"status" validate:"required,oneof=active inactive"`
	Frameworks []string `json:"frameworks" validate:"required,min=1,unique,dive,oneof=eu_us uk_extension swiss_us"`
	// Data is what it is about: data of employees, other data or, where it is absent, both.
	Data      []string `json:"data,omitempty" validate:"max=2,unique,dive,oneof=hr non_hr"`
	From      *Date    `json:"from" validate:"required"`
	Until     *Date    `json:"until,omitempty" validate:"omitempty,not_before=From"` // such as the day by which it must certify anew
	CheckedOn *Date    `json:"checked_on,omitempty"`
	Reference string   `json:"reference,omitempty" validate:"text,max=500"`
}

// The two sorts of data that a certification tells apart: that of our own employees, collected in their employment, and all other.
const (
	HumanResources = "hr"
	OtherData      = "non_hr"
)

// covers says whether the status is about the framework and that sort of data at t; one that names no sort is about both.
func (s FrameworkStatus) covers(framework, data string, t time.Time) bool {
	return slices.Contains(s.Frameworks, framework) && (len(s.Data) == 0 || slices.Contains(s.Data, data)) && Within(t, s.From, s.Until, time.UTC)
}

// FrameworksAt are the frameworks under which the vendor was certified at t for all those sorts of data; where none is named, for any.
func (f VendorFields) FrameworksAt(t time.Time, data ...string) []string {
	var active []string
	for _, s := range f.DPF {
		for _, name := range s.Frameworks {
			if !slices.Contains(active, name) && f.certified(name, t, data) {
				active = append(active, name)
			}
		}
	}
	return active
}

func (f VendorFields) certified(framework string, t time.Time, data []string) bool {
	if len(data) == 0 {
		return f.certifiedFor(framework, t, OtherData) || f.certifiedFor(framework, t, HumanResources)
	}
	return !slices.ContainsFunc(data, func(sort string) bool { return !f.certifiedFor(framework, t, sort) })
}

func (f VendorFields) certifiedFor(framework string, t time.Time, data string) bool {
	active := false
	for _, s := range f.DPF {
		if s.covers(framework, data, t) {
			if s.Status == "inactive" {
				return false
			}
			active = true
		}
	}
	return active
}

// employment are the words by which an engagement tells that data is of our own employees, and ours are not those of the words beside it.
var employment, others = words("employee employees staff personnel workforce worker workers applicant applicants candidate candidates mitarbeiter beschäftigte bewerber"),
	words("customer customers customer's customers' client clients client's clients' partner partners vendor vendors supplier suppliers user users kunden")

func words(text string) []string { return strings.Fields(Fold(text)) }

// FrameworkData are the sorts of data that the engagement's data subjects make of it: that of employees where one of them says so, other where one
// does not. It is empty where no data subject is stated: then either certification is taken to cover it.
func (f EngagementFields) FrameworkData() []string {
	var sorts []string
	for _, subject := range f.DataSubjects {
		said := words(strings.NewReplacer(",", " ", "/", " ", "(", " ", ")", " ").Replace(subject))
		has := func(list []string) bool {
			return slices.ContainsFunc(said, func(word string) bool { return slices.Contains(list, word) })
		}
		sort := OtherData
		if has(employment) && !has(others) {
			sort = HumanResources
		}
		if !slices.Contains(sorts, sort) {
			sorts = append(sorts, sort)
		}
	}
	return sorts
}

// FrameworkEnd is the first instant at which the vendor's certification under a framework, for those sorts of data, ends that holds at t, or ended that held last before
// t; zero where none is known.
func (f VendorFields) FrameworkEnd(framework string, t time.Time, data ...string) time.Time {
	var ends []time.Time
	for _, s := range f.DPF {
		switch {
		case !slices.Contains(s.Frameworks, framework):
		case s.Status == "inactive":
			ends = append(ends, s.From.Start(time.UTC))
		case s.Until != nil:
			ends = append(ends, s.Until.End(time.UTC))
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	certified := func(at time.Time) bool { return f.certified(framework, at, data) }
	var last time.Time
	for _, end := range ends {
		if !certified(end.Add(-time.Nanosecond)) || certified(end) {
			continue
		}
		if last = end; end.After(t) {
			break
		}
	}
	return last
}
