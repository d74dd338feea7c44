package sharing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
)

// SubjectRequestQuery selects requests of persons.
type SubjectRequestQuery struct {
	State  string // open, which those that are overdue are too, overdue or closed
	Kind   string
	Limit  int
	Cursor string
}

// SubjectRequestKinds are the kinds of requests.
func SubjectRequestKinds() []string {
	return []string{"access", "erasure", "correction", "restriction", "objection", "portability"}
}

// Requests lists requests of persons, what is due first first. It refuses a cursor of another question (Invalid), and who has not acknowledged
// confidentiality (Unacknowledged).
func (g *Gate) Requests(ctx context.Context, by audit.Actor, now time.Time, q SubjectRequestQuery) (registry.Page[SubjectRequest], error) {
	w, err := registry.NewWindow(q.Limit, q.Cursor, "requests", q.State, q.Kind)
	if err != nil {
		return registry.Page[SubjectRequest]{}, err
	}
	after, err := w.Instant()
	if err == nil {
		err = g.admit(ctx, by)
	}
	if err != nil {
		return registry.Page[SubjectRequest]{}, err
	}
	found, err := selectSubjectRequests(ctx, g.db, q, now, w, after)
	if err != nil {
		return registry.Page[SubjectRequest]{}, refusal(err)
	}
	for i := range found {
		found[i] = found[i].at(now)
	}
	return registry.PageOf(w, found, func(r SubjectRequest) (string, uuid.UUID) { return r.DueAt.Format(time.RFC3339Nano), r.ID }), nil
}

// Request reads a request of a person. It refuses one that is not (NotFound), and who has not acknowledged confidentiality (Unacknowledged).
func (g *Gate) Request(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID) (SubjectRequest, error) {
	if err := g.admit(ctx, by); err != nil {
		return SubjectRequest{}, err
	}
	r, err := readSubjectRequest(ctx, g.db, id, false)
	if err != nil {
		return SubjectRequest{}, refusal(err)
	}
	return r.at(now), nil
}

// PersonRequests are what one person asked, oldest first, at most 1,000.
type PersonRequests struct {
	ReportID uuid.UUID        `json:"report_id"`
	Requests []SubjectRequest `json:"requests"`
}

// RequestsOf reads what a person asked before. Before it returns, an entry report.begun says that somebody's requests were read, and not whose.
// It refuses a bad reference (Invalid), and who has not acknowledged confidentiality (Unacknowledged).
func (g *Gate) RequestsOf(ctx context.Context, by audit.Actor, now time.Time, q SubjectQuestion) (PersonRequests, error) {
	if err := registry.Validate(&q); err != nil {
		return PersonRequests{}, err //nolint:wrapcheck // a refusal
	}
	if err := g.admit(ctx, by); err != nil {
		return PersonRequests{}, err
	}
	p := PersonRequests{ReportID: uuid.New()}
	_, err := g.append(ctx, now, audit.Entry{
		ID: p.ReportID, Type: "report.begun", Actor: by, OccurredAt: now,
		Body: audit.Object{"report": "requests", "report_id": p.ReportID.String(), "format": "json"},
	})
	if err != nil {
		return PersonRequests{}, err
	}
	if p.Requests, err = requestsOf(ctx, g.db, g.pseudonym(q.Subject)); err != nil {
		return PersonRequests{}, refusal(err)
	}
	for i := range p.Requests {
		p.Requests[i] = p.Requests[i].at(now)
	}
	return p, nil
}
