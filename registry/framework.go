package registry

import (
	"slices"
	"time"
)

// FrameworkStatus is what the list of the EU-US Data Privacy Framework said of a vendor on which days. Days are counted in UTC; both belong to it
// whole. Where two contradict each other, inactive holds.
type FrameworkStatus struct {
	Status     string   `json:"status" validate:"required,oneof=active inactive"`
	Frameworks []string `json:"frameworks" validate:"required,min=1,unique,dive,oneof=eu_us uk_extension swiss_us"`
	// Data is what the certification covers, for people to see: which data is of employees no share says.
	Data      []string `json:"data,omitempty" validate:"max=2,unique,dive,oneof=hr non_hr"`
	From      *Date    `json:"from" validate:"required"`
	Until     *Date    `json:"until,omitempty" validate:"omitempty,not_before=From"` // such as the day by which it must certify anew
	CheckedOn *Date    `json:"checked_on,omitempty"`
	Reference string   `json:"reference,omitempty" validate:"text,max=500"`
}

func (s FrameworkStatus) holds(framework string, t time.Time) bool {
	return slices.Contains(s.Frameworks, framework) && Within(t, s.From, s.Until, time.UTC)
}

// FrameworksAt are the frameworks under which the vendor was certified at t.
func (f VendorFields) FrameworksAt(t time.Time) []string {
	var active []string
	for _, s := range f.DPF {
		for _, name := range s.Frameworks {
			if s.Status == "active" && s.holds(name, t) && !f.fell(name, t) && !slices.Contains(active, name) {
				active = append(active, name)
			}
		}
	}
	return active
}

func (f VendorFields) fell(framework string, t time.Time) bool {
	return slices.ContainsFunc(f.DPF, func(s FrameworkStatus) bool { return s.Status == "inactive" && s.holds(framework, t) })
}

// FrameworkEnd is the first instant at which the vendor's certification under a framework ends that holds at t, or ended that held last before
// t; zero where none is known.
func (f VendorFields) FrameworkEnd(framework string, t time.Time) time.Time {
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
	certified := func(at time.Time) bool { return slices.Contains(f.FrameworksAt(at), framework) }
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
