package sharing

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// SubjectRequestFields are what is said of a request of a person when it comes in (P-30; Articles 15 to 21 GDPR).
type SubjectRequestFields struct {
	Kind       string    `json:"kind" validate:"required,oneof=access erasure correction restriction objection portability"`
	Subject    string    `json:"subject" validate:"required,text,max=500"`
	Channel    string    `json:"channel" validate:"required,code"`
	ReceivedAt time.Time `json:"received_at" validate:"required"`
	// Zone decides on which day that is, and when the last day ends; empty is UTC.
	Zone string `json:"zone,omitempty" validate:"omitempty,zone"`
	// Calendar names the holidays that are no working days; where it is empty, only weekends are none.
	Calendar string `json:"calendar,omitempty" validate:"omitempty,code"`
}

// SubjectRequest is a request of a person, without the person.
type SubjectRequest struct {
	bun.BaseModel `bun:"table:subject_requests" json:"-"`

	ID         uuid.UUID     `bun:"id,pk,type:uuid" json:"id"` // and of the entry request.received
	Kind       string        `bun:"kind" json:"kind"`
	Lookup     []byte        `bun:"lookup" json:"-"`
	Channel    string        `bun:"channel" json:"channel"`
	ReceivedAt time.Time     `bun:"received_at" json:"received_at"`
	Zone       string        `bun:"zone" json:"zone"`
	Calendar   string        `bun:"calendar" json:"calendar,omitempty"`
	ReceivedOn registry.Date `bun:"received_on,type:date" json:"received_on"`
	// DueOn is the last day on which it may be answered, an extension counted in; DueAt is the first instant after it.
	DueOn           registry.Date `bun:"due_on,type:date" json:"due_on"`
	DueAt           time.Time     `bun:"due_at" json:"due_at"`
	RecordedAt      time.Time     `bun:"recorded_at" json:"recorded_at"`
	ExtensionID     *uuid.UUID    `bun:"extension_id,type:uuid" json:"-"` // the entry request.extended
	ExtendedAt      *time.Time    `bun:"extended_at" json:"extended_at,omitempty"`
	ExtensionReason string        `bun:"extended_because" json:"extension_reason,omitempty"`
	ClosingID       *uuid.UUID    `bun:"closing_id,type:uuid" json:"-"` // the entry request.closed
	ClosedAt        *time.Time    `bun:"closed_at" json:"closed_at,omitempty"`
	ClosedBy        *uuid.UUID    `bun:"closed_by,type:uuid" json:"closed_by,omitempty"`
	Outcome         string        `bun:"outcome" json:"outcome,omitempty"`
	Reason          string        `bun:"closed_because" json:"reason,omitempty"`
	// State is open, overdue or closed, at the instant of the question.
	State string `bun:"-" json:"state"`
	// Replayed is true in the answer to who recorded it under a key, where it was on record before.
	Replayed bool `bun:"-" json:"-"`
}

// The months that Article 12(3) GDPR gives: one from receipt, and two further ones where it is extended.
const (
	answerMonths    = 1
	extensionMonths = 2
)

// DueOn is the last day of a period of months that began with an event on a day: the same day of the last month or, where that month has none,
// its last day (Regulation (EEC, Euratom) 1182/71, Article 3(2)(c)); and where that is no working day, the next that is (Article 3(4)). A day of
// which the calendar knows nothing yet counts as a working day, unless it is a Saturday or a Sunday: the day can come out early by that, never late.
func DueOn(received registry.Date, months int, holidays registry.Calendar) registry.Date {
	return holidays.WorkingDay(received.AddMonths(months))
}

// begin works out the request's days in its zone.
func (r *SubjectRequest) begin(holidays registry.Calendar) error {
	zone, err := registry.ZoneOf(r.Zone)
	if err != nil {
		return err //nolint:wrapcheck // a refusal
	}
	r.ReceivedOn = registry.DateOf(r.ReceivedAt.In(zone))
	r.DueOn = DueOn(r.ReceivedOn, answerMonths, holidays)
	r.DueAt = r.DueOn.End(zone)
	return nil
}

// extend gives the request two further months, counted from its receipt as well. It refuses (Conflict) one that is closed or extended, and one
// whose day has passed: by then the person must have been told.
func (r *SubjectRequest) extend(now time.Time, holidays registry.Calendar) error {
	switch {
	case r.ClosedAt != nil:
		return errClosedRequest
	case r.ExtendedAt != nil:
		return registry.Refuse(registry.Conflict, "The request was extended already: two further months are all that there are.")
	case !now.Before(r.DueAt):
		return registry.Refuse(registry.Conflict, "The request was due on %s: it could be extended until the end of that day.", r.DueOn)
	}
	zone, err := registry.ZoneOf(r.Zone)
	if err != nil {
		return err //nolint:wrapcheck // a refusal
	}
	r.ExtendedAt = &now
	r.DueOn = DueOn(r.ReceivedOn, answerMonths+extensionMonths, holidays)
	r.DueAt = r.DueOn.End(zone)
	return nil
}

// close ends the request. It refuses (Conflict) one that is closed.
func (r *SubjectRequest) close(by uuid.UUID, now time.Time, c SubjectRequestClosing) error {
	if r.ClosedAt != nil {
		return errClosedRequest
	}
	r.ClosedAt, r.ClosedBy, r.Outcome, r.Reason = &now, &by, c.Outcome, c.Reason
	return nil
}

var (
	errClosedRequest = registry.Refuse(registry.Conflict, "The request is closed.")
	errNoRequest     = registry.Refuse(registry.NotFound, "There is no such request.")
)

// at is the request as it stands at an instant, with times in UTC.
func (r *SubjectRequest) at(now time.Time) SubjectRequest {
	s := *r
	s.ReceivedAt, s.DueAt, s.RecordedAt = s.ReceivedAt.UTC(), s.DueAt.UTC(), s.RecordedAt.UTC()
	s.ExtendedAt, s.ClosedAt = inUTC(s.ExtendedAt), inUTC(s.ClosedAt)
	switch {
	case s.ClosedAt != nil:
		s.State = "closed"
	case now.Before(s.DueAt):
		s.State = "open"
	default:
		s.State = "overdue"
	}
	return s
}

// requestTasks: a request is answered by its day. Each is a task before it, and another, once, when the day has passed.
func (b *book) requestTasks(now time.Time) []Task {
	var tasks []Task
	for i := range b.requests {
		r := &b.requests[i]
		t := Task{RecordKind: "request", RecordID: r.ID}
		if due, near := t.comes(r.DueAt.UTC(), now); near {
			due.Kind = "request_due"
			tasks = append(tasks, due.caused(r.DueOn.String()))
		} else if !now.Before(r.DueAt) {
			t.Kind, t.DueAt = "request_overdue", r.DueAt.UTC()
			tasks = append(tasks, t.caused(r.DueOn.String()))
		}
	}
	return tasks
}
