package sharing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// checkSubjectRequest refuses (Invalid) what cannot be, and finds the calendar that it names.
func (g *Gate) checkSubjectRequest(ctx context.Context, f *SubjectRequestFields, now time.Time) (registry.Calendar, error) {
	var fields []registry.Field
	if err := registry.Validate(f); err != nil {
		var refused *registry.Refusal
		if !errors.As(err, &refused) {
			return registry.Calendar{}, err //nolint:wrapcheck // a fault
		}
		fields = refused.Fields
	}
	if f.ReceivedAt.After(now.Add(skew)) {
		fields = append(fields, registry.Field{Pointer: "/received_at", Sentence: "is in the future"})
	} else if y := f.ReceivedAt.UTC().Year(); !f.ReceivedAt.IsZero() && (y < 1901 || y > 9990) {
		fields = append(fields, registry.Field{Pointer: "/received_at", Sentence: "must be between the years 1901 and 9990"})
	}
	all, err := registry.ReadCalendars(ctx, g.db)
	if err != nil {
		return registry.Calendar{}, refusal(err)
	}
	holidays, known := all[f.Calendar]
	if f.Calendar != "" && !known && registry.CalendarName(f.Calendar) {
		fields = append(fields, registry.Field{Pointer: "/calendar", Sentence: "must be a calendar that exists"})
	}
	return holidays, invalid(fields)
}

// ReceiveRequest records a request of a person and the day by which it must be answered, by an entry request.received with its kind, channel and
// day, which leads to nobody. A calendar that is changed later moves no day that was worked out before.
//
// key works as with Share: the same key and request get what was answered first, whatever became of the request since, and record nothing; another
// request under it is refused (Conflict). It refuses bad fields too (Invalid).
func (g *Gate) ReceiveRequest(ctx context.Context, by audit.Actor, now time.Time, key string, f SubjectRequestFields) (SubjectRequest, error) {
	if err := checkKey(key); err != nil {
		return SubjectRequest{}, err
	}
	holidays, err := g.checkSubjectRequest(ctx, &f, now)
	if err != nil {
		return SubjectRequest{}, err
	}
	lookup := g.pseudonym(f.Subject)
	e := audit.Entry{ID: entryID(by.ID, key), Type: requestType, Actor: by, OccurredAt: registry.Instant(f.ReceivedAt)}
	r := SubjectRequest{
		ID: e.ID, Kind: f.Kind, Lookup: lookup[:], Channel: f.Channel, ReceivedAt: e.OccurredAt, Zone: f.Zone, Calendar: f.Calendar,
		RecordedAt: registry.Instant(now),
	}
	if r.Zone == "" {
		r.Zone = "UTC"
	}
	if err := r.begin(holidays); err != nil {
		return SubjectRequest{}, err
	}
	e.Body = audit.Object{"kind": r.Kind, "channel": r.Channel, "due_on": r.DueOn.String()}
	if e.RequestHash, err = g.receiptHash(key, &r); err != nil {
		return SubjectRequest{}, err
	}
	receipts, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		return []audit.Entry{e}, insertSubjectRequest(ctx, tx, r)
	})
	if err != nil {
		return SubjectRequest{}, refusal(err)
	}
	if receipts[0].Replayed {
		return g.replayRequest(ctx, &r)
	}
	return r.at(now), nil
}

// Extension says why a request takes longer; the person is told so too (Article 12(3) GDPR).
type Extension struct {
	Reason string `json:"reason" validate:"required,text,max=2000"`
}

// ExtendRequest gives a request two further months, by an entry request.extended with its new day, which commits to the reason. It refuses a missing
// reason (Invalid), a request that is not (NotFound), that is closed, extended or past its day (Conflict), and who has not acknowledged
// confidentiality (Unacknowledged).
func (g *Gate) ExtendRequest(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID, x Extension) (SubjectRequest, error) {
	if err := registry.Validate(&x); err != nil {
		return SubjectRequest{}, err //nolint:wrapcheck // a refusal
	}
	return g.changeRequest(ctx, by, now, id, func(ctx context.Context, tx bun.Tx, r *SubjectRequest) (audit.Entry, error) {
		all, err := registry.ReadCalendars(ctx, tx)
		if err != nil {
			return audit.Entry{}, err //nolint:wrapcheck // says enough
		}
		if err := r.extend(now, all[r.Calendar]); err != nil {
			return audit.Entry{}, err
		}
		e, err := closingEntry(by, now, "request.extended", uuid.Nil, audit.Object{"request_id": id.String(), "due_on": r.DueOn.String()}, x.Reason)
		r.ExtensionID, r.ExtensionReason = &e.ID, x.Reason
		return e, err
	})
}

// SubjectRequestClosing says how a request ended. Why it was refused, the person is told too (Article 12(4) GDPR).
type SubjectRequestClosing struct {
	Outcome string `json:"outcome" validate:"required,oneof=answered refused"`
	Reason  string `json:"reason,omitempty" validate:"text,max=2000"`
}

// CloseRequest records that a request was answered, or refused for a reason, by an entry request.closed, which commits to the reason. It refuses bad
// fields (Invalid), a request that is not (NotFound) or is closed (Conflict), and who has not acknowledged confidentiality (Unacknowledged).
func (g *Gate) CloseRequest(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID, c SubjectRequestClosing) (SubjectRequest, error) {
	if err := registry.Validate(&c); err != nil {
		return SubjectRequest{}, err //nolint:wrapcheck // a refusal
	}
	if c.Reason == "" && c.Outcome == "refused" {
		return SubjectRequest{}, invalidField("/reason", "is required where the request is refused")
	}
	return g.changeRequest(ctx, by, now, id, func(_ context.Context, _ bun.Tx, r *SubjectRequest) (audit.Entry, error) {
		if err := r.close(by.ID, now, c); err != nil {
			return audit.Entry{}, err
		}
		e, err := closingEntry(by, now, "request.closed", uuid.Nil, audit.Object{"request_id": id.String(), "outcome": c.Outcome}, c.Reason)
		r.ClosingID = &e.ID
		return e, err
	})
}

func (g *Gate) changeRequest(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID,
	change func(context.Context, bun.Tx, *SubjectRequest) (audit.Entry, error),
) (SubjectRequest, error) {
	if err := g.admit(ctx, by); err != nil {
		return SubjectRequest{}, err
	}
	var after SubjectRequest
	_, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := g.log.LockHead(ctx, tx); err != nil { // whoever erases a person takes it first too
			return nil, err //nolint:wrapcheck // says enough
		}
		r, err := readSubjectRequest(ctx, tx, id, true)
		if err != nil {
			return nil, err
		}
		e, err := change(ctx, tx, &r)
		if err != nil {
			return nil, err
		}
		after = r
		return []audit.Entry{e}, updateSubjectRequest(ctx, tx, &r)
	})
	if err != nil {
		return SubjectRequest{}, refusal(err)
	}
	return after.at(now), nil
}
