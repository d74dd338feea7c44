package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Question is what the page shows to whom a notice's link leads: what changes, until when the customer may object, and what it has said. Nothing
// in it is internal.
type Question struct {
	Kind          string         // of the change: add, replace, remove, place, purpose, categories, name, other
	Vendor        string         // its name on the list
	LegalName     string         // where it is another
	Service       string         // empty where the change is one of the vendor
	Lines         []NoticeLine   // as the notice froze them; none where nobody was told by one
	EffectiveOn   registry.Date  // in the change's zone
	MovedFrom     *registry.Date // the day of which the notice told, where it is another
	Customer      string
	Authorisation string
	ObjectionEnds time.Time // zero where it is not known
	Zone          *time.Location
	Answer        string // accepted, silent, objected, refused or empty
	AnsweredAt    time.Time
	Decision      string // of the newest objection, where it was decided: upheld, rejected or withdrawn
	Withdrawn     bool   // the change was
	Over          bool   // the period to object is
}

// Objectionable says whether an objection would be recorded.
func (q Question) Objectionable() bool {
	return !q.Withdrawn && q.Answer != AnswerObjected && (q.Authorisation == Specific || !q.Over)
}

// Agreeable says whether a yes would be recorded, and is asked for.
func (q Question) Agreeable() bool {
	return !q.Withdrawn && (q.Answer == AnswerNone || q.Answer == AnswerRefused) && q.Authorisation == Specific
}

// Question reads what the link asks at an instant. NotFound where the change does not reach the customer, or is not announced.
func (d *Desk) Question(ctx context.Context, at time.Time, l Link) (Question, error) {
	reach, err := readReach(ctx, d.db, l.Change, l.Customer, false)
	if err != nil {
		return Question{}, err
	}
	c, err := readContested(ctx, d.db, l.Change)
	if err != nil {
		return Question{}, err
	}
	if c.State == "proposed" || c.State == "approved" {
		return Question{}, noReach
	}
	customer, err := registry.Newest[Customer](ctx, d.db, "customer", l.Customer, false)
	if err != nil {
		return Question{}, err
	}
	objections, err := ReadObjections(ctx, d.db, l.Change, &l.Customer)
	if err != nil {
		return Question{}, err
	}
	settings, err := ReadSettings(ctx, d.db)
	if err != nil {
		return Question{}, err
	}
	q := Question{
		Kind: c.Kind, Vendor: c.Vendor, LegalName: c.LegalName, Service: c.Service, EffectiveOn: c.EffectiveOn, MovedFrom: c.MovedFrom,
		Customer: customer.Name, Authorisation: customer.Authorisation, Answer: reach.Answer, Withdrawn: c.State == "withdrawn", Over: reach.Over(at),
	}
	if q.Lines, err = toldLines(ctx, d.db, c); err != nil {
		return Question{}, err
	}
	if q.Zone, err = registry.ZoneOf(settings.ObjectionOf(customer).Zone); err != nil {
		return Question{}, err
	}
	if reach.ObjectionEnds != nil {
		q.ObjectionEnds = *reach.ObjectionEnds
	}
	if reach.AnsweredAt != nil {
		q.AnsweredAt = *reach.AnsweredAt
	}
	if n := len(objections); n > 0 && objections[n-1].State != ObjectionOpen {
		q.Decision = objections[n-1].State
	}
	if q.LegalName == q.Vendor {
		q.LegalName = ""
	}
	return q, nil
}

// toldLines are the lines of a change as its notice told them.
func toldLines(ctx context.Context, db bun.IDB, c contested) ([]NoticeLine, error) {
	if c.NoticeID == nil {
		return nil, nil
	}
	notices, err := readNotices(ctx, db, []uuid.UUID{*c.NoticeID})
	if err != nil {
		return nil, err
	}
	for _, told := range notices[0].Changes {
		if told.ChangeID == c.ID {
			return told.Lines, nil
		}
	}
	return nil, nil
}

// ObjectByLink records the objection of who has the link. It refuses what RecordObjection does.
func (d *Desk) ObjectByLink(ctx context.Context, at time.Time, l Link, ground string) (Objection, error) {
	f := ObjectionFields{ChangeID: l.Change, CustomerID: l.Customer, ReceivedAt: at, Ground: ground}
	registry.Tidy(&f)
	if err := registry.Validate(f); err != nil {
		return Objection{}, err
	}
	return d.object(ctx, audit.Program, at, ByForm, f, audit.Object{"delivery_id": l.Delivery.String()})
}

// AcceptByLink records the yes of who has the link. It refuses what Accept does.
func (d *Desk) AcceptByLink(ctx context.Context, at time.Time, l Link) (ChangeCustomer, error) {
	return d.accept(ctx, audit.Program, at, l.Change, l.Customer, audit.Object{"channel": ByForm, "delivery_id": l.Delivery.String()})
}
